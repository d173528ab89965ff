import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';

/** Of its weight, what an instance has when it comes. Envoy: min_weight_percent. */
const initialShare = 0.1;
/** In so many steps a weight grows: each costs a new table of the policy, and nobody sees finer ones in the traffic. */
const steps = 50;

/**
 * The weights by which a policy deals requests out. Those of instances that have come lately grow linearly from a tenth to
 * all (Envoy: slow_start_window with aggression 1), so that a cold program is not met by its whole share at once. One that was
 * away, be it for its health, begins anew. Those of the first list are whole: at the start of a mesh all are equally cold.
 */
export class SlowStart {
  readonly #clock: Clock;
  readonly #window: number;
  #candidates: readonly Instance[] = [];
  #weights: readonly number[] = [];
  #weighedAt = 0;
  /** Who does not have all of its weight yet, and when it came. */
  readonly #arrivals = new Map<Instance, number>();

  /** @param window milliseconds until the weight is whole; 0 is at once, and costs nothing */
  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#window = window;
  }

  /** One for each candidate, in their order. The same array for as long as nothing of it changes: tables may be kept beside it. */
  weightsOf(candidates: readonly Instance[]): readonly number[] {
    if (candidates !== this.#candidates) this.#take(candidates);
    else if (this.#arrivals.size > 0 && this.#clock.monotonic() - this.#weighedAt >= this.#window / steps)
      this.#weigh();
    return this.#weights;
  }

  #take(candidates: readonly Instance[]): void {
    const known = new Set(this.#candidates);
    this.#candidates = candidates;
    if (this.#window > 0 && known.size > 0) {
      const present = new Set(candidates);
      for (const instance of this.#arrivals.keys()) if (!present.has(instance)) this.#arrivals.delete(instance);
      const now = this.#clock.monotonic();
      for (const instance of candidates) if (!known.has(instance)) this.#arrivals.set(instance, now);
    }
    this.#weigh();
  }

  #weigh(): void {
    if (this.#arrivals.size > 0) this.#weighedAt = this.#clock.monotonic();
    for (const [instance, since] of this.#arrivals) {
      if (this.#weighedAt - since >= this.#window) this.#arrivals.delete(instance);
    }
    this.#weights = this.#candidates.map((instance) => instance.weight * this.#shareOf(instance));
  }

  #shareOf(instance: Instance): number {
    const since = this.#arrivals.get(instance);
    if (since === undefined) return 1;
    return initialShare + (1 - initialShare) * ((this.#weighedAt - since) / this.#window);
  }
}
