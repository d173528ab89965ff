import type { Instance } from '../registry/instance.js';
import type { HashTable } from './consistent-hash.js';
import { hash } from './hash.js';

/**
 * Points on the ring for an instance of mean weight: as many as Envoy's minimum for a whole ring (minimum_ring_size), so that
 * shares are within some 3 % of the weights. Envoy divides them among the instances instead: then each has more points
 * when another leaves, and keys move that had no reason to.
 */
const pointsEach = 1_024;
/** From 64 instances on, the points are divided after all: no request is served while a ring is made. */
const maxPoints = 65_536;

/**
 * A ring of 2^32 positions, on which each instance has points by its weight, at hashes of its id; a key belongs to the next
 * point behind its own hash (Envoy: RING_HASH, ketama). Making one takes half a millisecond for three instances, and about
 * 12 ms for 64 and more.
 */
export function ringOf(candidates: readonly Instance[]): HashTable {
  const points = pointsOf(candidates).sort();
  const owners = new Uint32Array(points.length);
  for (let slot = 0; slot < points.length; slot++) owners[slot] = (points[slot] ?? 0) % indexes;
  return { owners, slotOf: (position) => nextAfter(points, position * indexes) };
}

/** A point carries its owner's index in its low bits, so that plain numbers can be sorted, which is much faster than pairs. */
const indexes = 2 ** 20;

function pointsOf(candidates: readonly Instance[]): Float64Array {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const size = Math.min(maxPoints, pointsEach * candidates.length);
  const counts = candidates.map(({ weight }) => Math.max(1, Math.round((size * weight) / total)));
  const points = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let filled = 0;
  for (const [owner, { id }] of candidates.entries()) {
    for (let nth = counts[owner] ?? 0; nth > 0; nth--) points[filled++] = hash(id, nth) * indexes + owner;
  }
  return points;
}

/** The ring closes: behind the last point comes the first. */
function nextAfter(points: Float64Array, wanted: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low % points.length;
}
