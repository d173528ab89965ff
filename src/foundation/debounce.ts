import type { Cancel, Clock } from './clock.js';

export interface Debounced {
  (): void;
  /** What waits for the quiet is not done any more. */
  cancel(): void;
}

/** Calls `act` once it has been quiet for `quiet` milliseconds, however often it was asked for before. */
export function debounce(clock: Clock, quiet: number, act: () => void): Debounced {
  let cancel: Cancel = () => {};
  const ask = () => {
    cancel();
    cancel = clock.after(quiet, act);
  };
  return Object.assign(ask, { cancel: () => cancel() });
}
