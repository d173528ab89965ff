import type { Clock } from '../../foundation/clock.js';
import type { Sample } from './limit.js';

/** Milliseconds: a window is not shorter. Envoy: concurrency_update_interval. */
const shortest = 100;

/** Milliseconds: a window that has the least of samples is not longer, however much they vary. */
const longest = 2_000;

/** Milliseconds: what is answered sooner counts as if it took so long; below, one sees the gateway's own haste. */
const shortestRtt = 1;

/** The standard error that the mean of the logarithms may have: 0.2 is ± 20 %, less than the tolerance of the limit. */
const tolerableError = 0.2;

/** Per window: how much of the need for many samples remains when one has varied little. */
const memoryOfSpread = 0.95;

/** What the samples of one window say together. */
export interface Round {
  /** Their geometric mean, milliseconds: one slow answer among fast ones moves it little. undefined: none was answered. */
  readonly rttMs: number | undefined;
  /** 0–1 */
  readonly dropped: number;
  /** The most that were under way at once. */
  readonly peak: number;
}

/**
 * Gathers samples until they are enough to be judged together: the more they vary (slow endpoints beside fast ones), the
 * more of them. How many, the windows before say: one that ended as soon as its own samples agree would end with the first
 * few fast ones. Without that, the mean goodput of a service of widely differing times was 82 % in the simulation, not 95.
 */
export class SampleWindow {
  readonly #clock: Clock;
  #beganAt: number;
  #skipped = 0;
  #needed = 0;
  #answered = 0;
  #dropped = 0;
  #peak = 0;
  #sum = 0;
  #squares = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAt = clock.monotonic();
  }

  /** The next so many say nothing: they were sent under another limit. */
  skip(samples: number): void {
    this.#skipped = samples;
  }

  /** @param least so many samples it takes in any case. @returns what the window says, when this one was its last */
  add(sample: Sample, least: number): Round | undefined {
    if (this.#skipped > 0) {
      this.#skipped--;
      this.#beganAt = this.#clock.monotonic();
      return undefined;
    }
    this.#count(sample);
    return this.#isEnough(least) ? this.#close() : undefined;
  }

  #count({ wasDropped, rttMs, inFlight }: Sample): void {
    this.#peak = Math.max(this.#peak, inFlight);
    if (wasDropped) {
      this.#dropped++;
      return;
    }
    const logarithm = Math.log(Math.max(rttMs, shortestRtt));
    this.#answered++;
    this.#sum += logarithm;
    this.#squares += logarithm ** 2;
  }

  #isEnough(least: number): boolean {
    const samples = this.#answered + this.#dropped;
    const elapsed = this.#clock.monotonic() - this.#beganAt;
    if (elapsed < shortest || samples < least) return false;
    return samples >= this.#needed || elapsed >= longest;
  }

  #close(): Round {
    const mean = this.#sum / Math.max(1, this.#answered);
    const variance = this.#squares / Math.max(1, this.#answered) - mean ** 2;
    const round: Round = {
      rttMs: this.#answered === 0 ? undefined : Math.exp(mean),
      dropped: this.#dropped / (this.#answered + this.#dropped),
      peak: this.#peak,
    };
    this.#needed = Math.max(variance / tolerableError ** 2, this.#needed * memoryOfSpread);
    this.#beganAt = this.#clock.monotonic();
    this.#answered = this.#dropped = this.#peak = this.#sum = this.#squares = 0;
    return round;
  }
}
