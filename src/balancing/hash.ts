/**
 * A text → 32 bits, each of which depends on every character: FNV-1a over its UTF-16 units, and the finalizer of MurmurHash3,
 * for FNV alone leaves the high bits of short texts nearly alike. The same on every machine and at every start, so a key keeps
 * its instance; not for secrets, and not against keys that are made to collide.
 *
 * @param seed another seed is another function: its answers say nothing about those of this one
 */
export function hash(text: string, seed = 0): number {
  let state = fnvOffset ^ Math.imul(seed, goldenRatio);
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), fnvPrime);
  return finalized(state);
}

const fnvOffset = 0x811c9dc5;
const fnvPrime = 0x01000193;
/** 2^32 divided by the golden ratio: spreads small numbers over all bits. */
const goldenRatio = 0x9e3779b1;

function finalized(state: number): number {
  let mixed = state ^ (state >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
