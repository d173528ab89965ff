import type { CircuitBreakerConfig } from '../../config/policy-configs.js';
import type { CircuitMet } from '../../exchange/circuit-met.js';
import type { Clock } from '../../foundation/clock.js';
import { Tally } from './tally.js';

/** What is done with a request. */
export type Admission =
  | Admitted
  | {
      readonly kind: 'refused';
      /** Milliseconds until it is tried again; 0 while that is being done. */
      readonly retryAfterMs: number;
      readonly met: Exclude<CircuitMet, { kind: 'closed' }>;
    };

interface Admitted {
  readonly kind: 'admitted';
  /** As the request has met it. */
  readonly met: Exclude<CircuitMet, { kind: 'open' }>;
  /** To be called when it has ended; only the first word counts, of this or of `forget`. */
  done(isFailure: boolean): void;
  /** It ended without a word on the service (the client left): a probe gives back its place. */
  forget(): void;
}

/** What a breaker shows of itself. */
export type BreakerState =
  /** All requests go through. The numbers are those of the window. */
  | { readonly kind: 'closed'; readonly failures: number; readonly requests: number }
  /** None goes through before this time of the monotonic clock; the first one after it is a probe. */
  | { readonly kind: 'open'; readonly untilMs: number; readonly because: string }
  /** A few go through, to see. */
  | { readonly kind: 'half-open'; readonly underWay: number; readonly succeeded: number };

export interface BreakerChange {
  readonly from: BreakerState['kind'];
  readonly to: BreakerState['kind'];
  /** `5 failures in a row`, `62 % of 40 requests failed`. */
  readonly because: string;
}

/**
 * Leaves a service, or one instance, alone when it fails too often, and looks after a while whether it is well again: closed
 * → open → half-open → closed, as resilience4j's. What Envoy calls circuit breakers are limits (see ConnectionSlots).
 *
 * There is no timer: that the time is over is noticed, and told, when the next request comes.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #onChange: (change: BreakerChange) => void;
  #config: CircuitBreakerConfig;
  #state: State;

  constructor(config: CircuitBreakerConfig, clock: Clock, onChange: (change: BreakerChange) => void) {
    this.#config = config;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#state = { kind: 'closed', tally: new Tally(config.window) };
  }

  get state(): BreakerState {
    return shown(this.#state, this.#clock.monotonic());
  }

  /** After a reload. The state stays, and so does the end of an open one; with another window the rate begins anew. */
  update(config: CircuitBreakerConfig): void {
    const isOtherWindow = config.window !== this.#config.window;
    this.#config = config;
    const state = this.#state;
    if (state.kind === 'closed' && isOtherWindow) state.tally.restart(config.window);
    if (state.kind === 'half-open') this.#closeWhenProven(state);
  }

  admit(): Admission {
    const now = this.#clock.monotonic();
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        return this.#admitIn(state, closedAt(state, now));
      case 'open':
        if (now >= state.untilMs) return this.#probe(this.#halfOpen(now));
        return refusedBy(state.untilMs - now, state.because);
      case 'half-open':
        if (hasPlace(state, this.#config, now)) return this.#probe(state);
        return { kind: 'refused', retryAfterMs: 0, met: shownHalfOpen(state) };
    }
  }

  #probe(state: HalfOpen): Admission {
    state.underWay++;
    return this.#admitIn(state, shownHalfOpen(state));
  }

  #admitIn(state: Closed | HalfOpen, met: Admitted['met']): Admission {
    return new UnderWay(met, state, this.#ended);
  }

  /** What the request says counts in the state in which it was admitted, and in none that comes after it: it is then old news. */
  readonly #ended = (state: Closed | HalfOpen, isFailure: boolean | undefined): void => {
    if (state.kind === 'half-open') state.underWay--;
    if (state === this.#state && isFailure !== undefined) this.#count(state, isFailure);
  };

  #count(state: Closed | HalfOpen, isFailure: boolean): void {
    if (state.kind === 'closed') {
      const now = this.#clock.monotonic();
      state.tally.add(isFailure, now);
      const because = state.tally.reasonToOpen(this.#config, now);
      if (because !== undefined) this.#open(because, now);
    } else if (isFailure) {
      this.#open('a probe failed', this.#clock.monotonic());
    } else {
      state.succeeded++;
      this.#closeWhenProven(state);
    }
  }

  #open(because: string, now: number): void {
    this.#become({ kind: 'open', untilMs: now + this.#config.openFor, because }, because);
  }

  #halfOpen(now: number): HalfOpen {
    const halfOpen: HalfOpen = { kind: 'half-open', sinceMs: now, underWay: 0, succeeded: 0 };
    this.#become(halfOpen, 'it is time to look again');
    return halfOpen;
  }

  #closeWhenProven({ succeeded }: HalfOpen): void {
    const { probes, window } = this.#config;
    if (succeeded < probes) return;
    const because = succeeded === 1 ? 'a probe succeeded' : `${succeeded} probes succeeded`;
    this.#become({ kind: 'closed', tally: new Tally(window) }, because);
  }

  #become(state: State, because: string): void {
    const from = this.#state.kind;
    this.#state = state;
    this.#onChange({ from, to: state.kind, because });
  }
}

class UnderWay implements Admitted {
  readonly kind = 'admitted';
  readonly met: Admitted['met'];
  readonly #state: Closed | HalfOpen;
  readonly #ended: Ended;
  #isOver = false;

  constructor(met: Admitted['met'], state: Closed | HalfOpen, ended: Ended) {
    this.met = met;
    this.#state = state;
    this.#ended = ended;
  }

  done(isFailure: boolean): void {
    this.#end(isFailure);
  }

  forget(): void {
    this.#end(undefined);
  }

  #end(isFailure: boolean | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended(this.#state, isFailure);
  }
}

/** @param isFailure undefined: it ended without a word on the service */
type Ended = (state: Closed | HalfOpen, isFailure: boolean | undefined) => void;

/** A new object at each change: by it a request knows whether the breaker has changed since it was admitted. */
type State = Closed | Open | HalfOpen;

interface Closed {
  readonly kind: 'closed';
  readonly tally: Tally;
}

type Open = Extract<BreakerState, { kind: 'open' }>;

interface HalfOpen {
  readonly kind: 'half-open';
  readonly sinceMs: number;
  underWay: number;
  succeeded: number;
}

function shown(state: State, now: number): BreakerState {
  switch (state.kind) {
    case 'closed':
      return closedAt(state, now);
    case 'open':
      return state;
    case 'half-open':
      return shownHalfOpen(state);
  }
}

function closedAt({ tally }: Closed, now: number) {
  return { kind: 'closed', failures: tally.failures(now), requests: tally.requests(now) } as const;
}

function shownHalfOpen({ underWay, succeeded }: HalfOpen) {
  return { kind: 'half-open', underWay, succeeded } as const;
}

function refusedBy(remaining: number, because: string): Admission {
  return { kind: 'refused', retryAfterMs: remaining, met: { kind: 'open', remaining, because } };
}

/**
 * Only so many go through as must succeed. As many again do each time that `openFor` has passed without a decision: a
 * probe that hangs (an event stream, a service without timeouts) would otherwise keep the service shut for ever.
 */
function hasPlace({ sinceMs, underWay, succeeded }: HalfOpen, { probes, openFor }: CircuitBreakerConfig, now: number) {
  const rounds = 1 + Math.floor((now - sinceMs) / openFor);
  return underWay + succeeded < probes * rounds;
}
