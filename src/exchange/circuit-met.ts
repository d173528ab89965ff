import type { Instance } from '../registry/instance.js';

/** A circuit breaker as a request met it. */
export type CircuitMet =
  /** All requests went through. The numbers are those of the window before it. */
  | { readonly kind: 'closed'; readonly failures: number; readonly requests: number }
  /** A few went through, to see; this one is among those under way when it was let through. */
  | { readonly kind: 'half-open'; readonly underWay: number; readonly succeeded: number }
  /** None went through, for so many milliseconds more. */
  | { readonly kind: 'open'; readonly remaining: number; readonly because: string };

/** Somebody was not asked because of a circuit breaker. */
export interface PassedOver {
  /** undefined: the breaker is that of the whole service. */
  readonly instance: Instance | undefined;
  /** After so many attempts. */
  readonly attempts: number;
  readonly circuit: CircuitMet;
}
