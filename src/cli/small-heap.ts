import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../foundation/clock.js';

/** Percent by which the heap may have grown since a full collection, before the next. */
const growth = 30;

/** Milliseconds between two looks at how busy the process is. */
const lookEvery = 1_000;

/** Share of such a time that makes it busy. A mesh that nobody calls takes a hundredth. */
const busyShare = 0.1;

/**
 * Looks in a row at a process that is not busy. Not fewer: what V8 has optimised goes with what it was made for, and the first
 * seconds of the next load take a tenth more. And V8 gives the memory of young objects back, 32 MB of it, only where less
 * than a megabyte a second was allocated since the collection before, and 16 may have been in the last moments of a load.
 */
const restfulLooks = 60;

/** What is looked at, and what is done. */
export interface HeapRooms {
  /** The share of the time since it was asked last in which the process was busy. */
  readonly utilization: () => number;
  /** Collects everything, in some 30 ms. */
  readonly collect: () => void;
}

/**
 * Keeps a process that runs all day small. Left to itself, V8 lets a heap of 24 MB grow to 130 before it collects it, however
 * little the collection would take. And what a load has taken, 45 MB of it, it keeps for as long as nothing is asked, for then
 * it has no reason to collect. So when a load is over, all is collected, once. For programs of our own alone: one that uses
 * the library may have a large heap.
 */
export function keepHeapSmall(clock: Clock, { utilization, collect }: HeapRooms = heapOfV8()): void {
  setFlagsFromString(`--heap-growing-percent=${growth}`);
  let left = restfulLooks;
  const look = () => {
    clock.after(lookEvery, look);
    if (utilization() >= busyShare) left = restfulLooks;
    else if (--left === 0) {
      collect(); // and not again before it was busy
      utilization(); // which this was not
    }
  };
  clock.after(lookEvery, look);
}

/** As V8 and Node have it. */
export function heapOfV8(): HeapRooms {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  let last = performance.eventLoopUtilization();
  const utilization = () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
  return { utilization, collect };
}
