import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';

/** What an instance has in hand and how fast it answers, as policies look at it. Written by who sends the attempts. */
export interface Load {
  /** Attempts under way. */
  active: number;
  /** Attempts that have reached it, since it came. */
  served: number;
  /** An attempt was answered, or failed, after so many milliseconds. Where it failed, that says nothing good of its speed. */
  observe(milliseconds: number, isFailure: boolean): void;
  /** Milliseconds that an answer is expected to take: peaks count at once, and are forgotten slowly. */
  expected(): number;
}

/** The load of every instance; it is gone with the instance. */
export interface Loads {
  of(instance: Instance): Load;
}

export class LoadBook implements Loads {
  readonly #clock: Clock;
  readonly #loads = new WeakMap<Instance, Load>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(instance: Instance): Load {
    const known = this.#loads.get(instance);
    if (known !== undefined) return known;
    const load = new DecayingPeak(this.#clock);
    this.#loads.set(instance, load);
    return load;
  }
}

/** Milliseconds in which a peak decays to 1/e of it, 37 %. */
const decayTime = 10_000;
/**
 * Milliseconds, about the fastest answer of a program on this machine. What is expected of an instance that has never
 * answered, so that it gets requests, and of one whose past is forgotten. Not 0: however many it had in hand, it would get all.
 */
const leastExpected = 0.5;
/** Milliseconds: failures alone make an instance look no slower, so that it is tried again within two minutes. */
const worstForFailing = 10_000;

/**
 * The latency that peak EWMA goes by, a peak that decays with time and not with the number of answers: a burst of fast ones
 * must not wash out the slow one before it. (Finagle writes it as a moving average, and counts each look at it as an answer of 0.)
 *
 * - An answer that is slower than what is expected is expected from now on.
 * - Else time alone makes the expectation better: so a slow instance is tried again, and found out when it has recovered.
 * - A failure doubles it, however fast it came: else the instance that refuses everything at once would be given everything.
 */
class DecayingPeak implements Load {
  active = 0;
  served = 0;
  readonly #clock: Clock;
  #peak = leastExpected;
  #observedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  observe(milliseconds: number, isFailure: boolean): void {
    const expected = this.expected();
    const penalty = isFailure ? Math.min(worstForFailing, 2 * expected) : 0;
    this.#peak = Math.max(expected, milliseconds, penalty);
    this.#observedAt = this.#clock.monotonic();
  }

  expected(): number {
    const age = this.#clock.monotonic() - this.#observedAt;
    return Math.max(leastExpected, this.#peak * Math.exp(-age / decayTime));
  }
}
