import type { ErrorCode } from '../foundation/errors.js';

/** How an exchange ended. Exactly one of these is true of every exchange. */
export type Outcome =
  /** The service's answer was delivered whole. */
  | { readonly kind: 'answered'; readonly status: number }
  /** The mesh answered in its place. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly code: ErrorCode;
    }
  /** The service's answer broke off; the client's connection was cut so that it cannot look whole. */
  | { readonly kind: 'cut'; readonly status: number }
  /** The client went away first. */
  | { readonly kind: 'abandoned' };

const answers = new Map<number, Outcome>();

/** The same object for each status: a new one for each exchange would be kept with a thousand records. */
export function answered(status: number): Outcome {
  const known = answers.get(status);
  if (known !== undefined) return known;
  const outcome: Outcome = Object.freeze({ kind: 'answered', status });
  answers.set(status, outcome);
  return outcome;
}
