import { setFlagsFromString } from 'node:v8';

/** Percent by which the heap may have grown since a full collection, before the next. */
const growth = 30;

/**
 * Keeps a process that runs all day small. Left to itself, V8 lets a heap of 24 MB grow to 130 before it collects it, however
 * little the collection would take. For programs of our own alone: one that uses the library may have a large heap.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
}
