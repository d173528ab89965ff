import type { Random } from '../../../src/foundation/random.js';
import type { Limit } from '../../../src/shaping/concurrency/limit.js';
import type { ManualClock } from '../../support/manual-clock.js';

/** A service of `servers` that work at once, each on one request; what is more waits inside, first come first served. */
export interface Upstream {
  servers: number;
  /** Milliseconds of work of the next request. */
  serviceTime: () => number;
}

export type Load =
  /** Requests come by themselves, as of many clients: Poisson. Who is not taken at once is refused. */
  | { readonly kind: 'open'; perSecond: number }
  /** So many clients ask again as soon as they are answered; who is not taken at once waits before the limit. */
  | { readonly kind: 'closed'; readonly clients: number };

/** One request that was answered. */
export interface Served {
  readonly at: number;
  /** Milliseconds inside the upstream. */
  readonly inside: number;
  /** Milliseconds of work, without waiting. */
  readonly work: number;
}

/** A limit between a load and an upstream, on a clock that a test moves. All that it is may be changed on the way. */
export class Simulation {
  readonly served: Served[] = [];
  /** The limit, ten times a second. */
  readonly limits: Array<{ readonly at: number; readonly limit: number }> = [];
  refused = 0;
  readonly #clock: ManualClock;
  readonly #random: Random;
  readonly #limit: Limit;
  readonly #upstream: Upstream;
  readonly #load: Load;
  #inFlight = 0;
  #busy = 0;
  #waitingBefore = 0;
  readonly #inside: number[] = [];

  constructor(parts: { clock: ManualClock; random: Random; limit: Limit; upstream: Upstream; load: Load }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#limit = parts.limit;
    this.#upstream = parts.upstream;
    this.#load = parts.load;
    if (parts.load.kind === 'closed') for (let client = 0; client < parts.load.clients; client++) this.#come();
    else this.#arrive(parts.load);
    this.#watch();
  }

  #arrive(load: Extract<Load, { kind: 'open' }>): void {
    const gap = load.perSecond === 0 ? 100 : (-Math.log(1 - this.#random()) * 1_000) / load.perSecond;
    this.#clock.after(gap, () => {
      if (load.perSecond > 0) this.#come();
      this.#arrive(load);
    });
  }

  #come(): void {
    if (this.#inFlight < this.#limit.current) this.#send();
    else if (this.#load.kind === 'closed') this.#waitingBefore++;
    else this.refused++;
  }

  #send(): void {
    this.#inFlight++;
    this.#inside.push(this.#clock.monotonic());
    this.#work();
  }

  #work(): void {
    while (this.#busy < this.#upstream.servers) {
      const cameAt = this.#inside.shift();
      if (cameAt === undefined) return;
      this.#busy++;
      const work = this.#upstream.serviceTime();
      this.#clock.after(work, () => this.#answer(cameAt, work));
    }
  }

  #answer(cameAt: number, work: number): void {
    const at = this.#clock.monotonic();
    this.served.push({ at, inside: at - cameAt, work });
    this.#limit.sample({ wasDropped: false, rttMs: at - cameAt, inFlight: this.#inFlight });
    this.#busy--;
    this.#inFlight--;
    this.#work();
    if (this.#load.kind === 'closed') this.#waitingBefore++;
    while (this.#waitingBefore > 0 && this.#inFlight < this.#limit.current) {
      this.#waitingBefore--;
      this.#send();
    }
  }

  #watch(): void {
    this.limits.push({ at: this.#clock.monotonic(), limit: this.#limit.current });
    this.#clock.after(100, () => this.#watch());
  }
}
