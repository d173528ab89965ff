import type { ProcessConfig } from '../config/snapshot.js';

/** How a process ended. */
export type Exit =
  | { readonly kind: 'code'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string };

/** Milliseconds: short enough that a single crash is hardly felt. */
const firstDelay = 250;
/** Milliseconds: with doubling from 250 ms there are 5 starts in the first 6 s; systemd's limit is 5 in 10 s. */
const longestDelay = 10_000;
/** Milliseconds of being ready after which a crash is a new story, not the next chapter of a loop. */
export const steadyAfter = 10_000;
/** Two crashes may be bad luck, such as a port or a database that was not there yet; three are a loop. */
const exitsInALoop = 3;

export type Decision = { readonly kind: 'again'; readonly delay: number } | { readonly kind: 'leave' };

/** @param exitsInARow how often it has ended without being steady before, this time included */
export function afterExit(policy: ProcessConfig['restart'], exit: Exit, exitsInARow: number): Decision {
  const again = policy === 'always' || (policy === 'on-failure' && !isSuccess(exit));
  if (!again) return { kind: 'leave' };
  return {
    kind: 'again',
    delay: Math.min(firstDelay * 2 ** (exitsInARow - 1), longestDelay),
  };
}

export function isLoop(exitsInARow: number): boolean {
  return exitsInARow >= exitsInALoop;
}

export function isSuccess(exit: Exit): boolean {
  return exit.kind === 'code' && exit.code === 0;
}
