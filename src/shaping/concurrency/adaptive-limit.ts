import type { Clock } from '../../foundation/clock.js';
import type { Random } from '../../foundation/random.js';
import type { Limit, Sample } from './limit.js';
import type { Round } from './sample-window.js';
import { SampleWindow } from './sample-window.js';

/** Requests, before anything is known: few, as Envoy's min_concurrency of 3, but enough to be halved three times. */
const firstLimit = 8;

/** Requests. Envoy: max_concurrency_limit. */
const highestLimit = 1_000;

/** How much longer than unloaded an answer may take before the limit falls. Envoy: min_rtt_calc_params.buffer, 25 %. */
const tolerance = 1.25;

/** One window at most halves the limit, or doubles it. Envoy's gradient; Netflix' Gradient2Limit has the same 0.5. */
const lowestGradient = 0.5;
const highestGradient = 2;

/** How far one window moves the limit to where it points, 0–1. Netflix: Gradient2Limit.smoothing, 0.2. */
const smoothing = 0.5;

/** Samples of a window at least. Netflix' WindowedLimit has 10; to measure, Envoy takes 50 (request_count). */
const fewestSamples = 10;
const fewestToMeasure = 25;

/** Milliseconds until the unloaded time is measured again. Envoy: min_rtt_calc_params.interval. */
const measureEvery = 30_000;

/** The share of this that is added by chance, so that many meshes do not measure together. Envoy: jitter, 15 %. */
const jitter = 0.15;

/** An answer that is so many times faster than it can be is measured anew at once. */
const surprise = 1.5;

/** Half the limit helps when answers come in less than this share of the time. */
const relief = 0.8;

/** Two unloaded times are the same when they differ by no more than this share. */
const sameness = 0.1;

/**
 * Finds how many requests a service works on at once, from the time its answers take. With R, the time unloaded, and r, the
 * time now, each window moves the limit L to gL + √gL, where g = 1.25 R/r: Envoy's gradient with its headroom. A service of N
 * places that is given too much settles at 1.25 N and a little. L rises only when all of it was used.
 *
 * R is measured under half the limit, every 30 s and whenever it is in doubt: the limit has fallen by half, so the service
 * has lost places or become slower for everybody; or answers come faster than R. As long as half helps, it is halved again.
 *
 * In the simulation of the tests (20, 5, 40 places, 30 s each; 5, 50, 200 ms; loads of 0.7, 1.5, 3, and 120 clients), 10 s
 * after each change, over 36 phases, the least goodput, and the longest 99th percentile of the time inside:
 *
 *   this one                  95 % of the ideal, 2.6 × unloaded
 *   Envoy, minRTT every 60 s  62 %,  4.6 ×: 100 ms are too short to judge a limit by answers that take 200
 *   Netflix' Gradient2Limit   74 %,  4.4 ×: its long-term mean takes a queue for the usual
 *   Netflix' VegasLimit       69 %,  8.6 ×: its probe takes any sample for unloaded, also one that has queued
 *
 * With times that differ widely (5 and 200 ms mixed, 20 ms and 2 s, exponential; 45 phases) the mean goodput is 95, 84, 90
 * and 77 %, in this order.
 */
export class AdaptiveLimit implements Limit {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #window: SampleWindow;
  #limit = firstLimit;
  /** Milliseconds. */
  #unloadedRtt = Infinity;
  #phase: Phase = { kind: 'measuring', rttBefore: Infinity };

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#window = new SampleWindow(clock);
  }

  get current(): number {
    return Math.floor(this.#limit);
  }

  sample(sample: Sample): void {
    const round = this.#window.add(sample, this.#phase.kind === 'measuring' ? fewestToMeasure : fewestSamples);
    if (round === undefined) return;
    const before = this.current;
    if (this.#phase.kind === 'measuring') this.#measure(round, this.#phase.rttBefore);
    else this.#follow(round, this.#phase);
    if (this.current !== before) this.#window.skip(sample.inFlight);
  }

  #follow(round: Round, phase: Following): void {
    const rtt = round.rttMs ?? this.#unloadedRtt;
    if (this.#clock.monotonic() >= phase.measureAt || rtt < this.#unloadedRtt / surprise) {
      this.#beginToMeasure(rtt);
      return;
    }
    const next = this.#limit + smoothing * (this.#aim(round, rtt) - this.#limit);
    if (next > this.#limit && round.peak < this.current) return;
    this.#limit = within(1, next, highestLimit);
    phase.highest = Math.max(phase.highest, this.#limit);
    if (this.#limit < phase.highest / 2) this.#beginToMeasure(rtt);
  }

  /** A service that refuses or does not answer in time is given less by as much, whatever the others took. */
  #aim({ dropped }: Round, rtt: number): number {
    if (dropped > 0) return this.#limit * (1 - dropped);
    const gradient = within(lowestGradient, (tolerance * this.#unloadedRtt) / rtt, highestGradient);
    const aim = gradient * this.#limit;
    return aim + Math.sqrt(aim);
  }

  #beginToMeasure(rttBefore: number): void {
    this.#phase = { kind: 'measuring', rttBefore };
    this.#limit = Math.max(1, this.#limit / 2);
  }

  #measure({ rttMs }: Round, rttBefore: number): void {
    if (rttMs === undefined) {
      this.#beginToMeasure(rttBefore); // it refuses all: even that was too much
      return;
    }
    const isAsBefore = Math.abs(Math.log(rttMs / this.#unloadedRtt)) < sameness;
    if (rttMs < rttBefore * relief && !isAsBefore && this.current > 1) {
      this.#beginToMeasure(rttMs);
      return;
    }
    this.#unloadedRtt = rttMs;
    this.#limit *= 2;
    const measureAt = this.#clock.monotonic() + measureEvery * (1 + jitter * this.#random());
    this.#phase = { kind: 'following', highest: this.#limit, measureAt };
  }
}

type Phase =
  /** Half the limit is let through; before, answers took so long (milliseconds). */
  { readonly kind: 'measuring'; readonly rttBefore: number } | Following;

interface Following {
  readonly kind: 'following';
  /** The highest limit since the last measurement. */
  highest: number;
  /** Milliseconds of the monotonic clock. */
  readonly measureAt: number;
}

function within(lowest: number, value: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
