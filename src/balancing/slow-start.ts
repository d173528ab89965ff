import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';

/** Of its weight, what an instance has when it comes. Envoy: min_weight_percent. */
const initialShare = 0.1;
/** In so many steps a weight grows: each costs a new table of the policy, and nobody sees finer ones in the traffic. */
const steps = 50;

/**
 * The weights by which a policy deals requests out. Those of instances that have come lately grow linearly from a tenth to
 * all (Envoy: slow_start_window with aggression 1), so that a cold program is not met by its whole share at once. One that was
 * away, be it for its health, begins anew. Where all have come together, all are equally cold, and nothing is seen of it.
 */
export class SlowStart {
  readonly #clock: Clock;
  readonly #window: number;
  #candidates: readonly Instance[] = [];
  #weights: readonly number[] = [];
  #weighedAt = 0;
  /** Somebody does not have all of its weight yet. */
  #isGrowing = false;

  /** @param window milliseconds until the weight is whole; 0 is at once, and costs nothing */
  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#window = window;
  }

  /** One for each candidate, in their order. The same array for as long as nothing of it changes: tables may be kept beside it. */
  weightsOf(candidates: readonly Instance[]): readonly number[] {
    if (candidates !== this.#candidates || this.#hasGrown()) this.#weigh(candidates);
    return this.#weights;
  }

  #hasGrown(): boolean {
    return this.#isGrowing && this.#clock.monotonic() - this.#weighedAt >= this.#window / steps;
  }

  #weigh(candidates: readonly Instance[]): void {
    this.#candidates = candidates;
    if (this.#window > 0) this.#weighedAt = this.#clock.monotonic();
    const shares = candidates.map((instance) => this.#shareOf(instance));
    this.#isGrowing = shares.some((share) => share < 1);
    this.#weights = candidates.map(({ weight }, at) => weight * (shares[at] ?? 1));
  }

  /** One that gets requests though it should not (panic) is no newcomer. */
  #shareOf({ routableSince }: Instance): number {
    if (this.#window === 0 || routableSince === undefined) return 1;
    const age = Math.min(1, (this.#weighedAt - routableSince) / this.#window);
    return initialShare + (1 - initialShare) * age;
  }
}
