import type { Random } from '../../foundation/random.js';
import { seededRandom } from '../../foundation/random.js';

/** Which throw of the dice it is. */
export interface Throw {
  /** Of the mesh file, or drawn at the start. */
  readonly seed: number;
  readonly service: string;
  /** The place of the fault among those of the service. */
  readonly fault: number;
  /** Of the service, counted from 0 since it has these faults. */
  readonly request: number;
  /** Of the request, counted from 0. */
  readonly attempt: number;
}

/**
 * Chance that depends on what it is for, and on nothing that happened before: request 17 meets the same trouble in every run
 * with this seed, however many were under way at once, and whatever the other faults and services have drawn.
 */
export function chanceOf({ seed, service, fault, request, attempt }: Throw): Random {
  let state = seed;
  for (const part of [hashOf(service), fault, request, attempt]) state = mixed(Math.imul(state, 31) + part);
  return seededRandom(state);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** The finalizer of MurmurHash3: neighbours have nothing in common behind it. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
