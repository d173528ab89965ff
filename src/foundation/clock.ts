import { performance } from 'node:perf_hooks';

/** Time, handed in everywhere, so that tests own it. */
export interface Clock {
  /** Wall time in milliseconds since 1970, for people and files. It may jump. */
  now(): number;
  /** Milliseconds that only grow, with fractions, for durations and deadlines. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs`; the answer cancels it. A timer never keeps the process alive. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** Milliseconds: timers count in 31 bits, and one that overflows would fire at once. */
export const longestDelay = 24 * 86_400_000;

export type Cancel = () => void;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(delayMs, longestDelay)).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when the signal is aborted. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
