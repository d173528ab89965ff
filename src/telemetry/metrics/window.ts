import type { Clock } from '../../foundation/clock.js';
import { Histogram } from './histogram.js';

/** How far back "now" reaches in `ls` and `top`: long enough to be calm, short enough to be now. */
const windowSeconds = 10;

export interface Summary {
  readonly requestsPerSecond: number;
  /** 0–1. */
  readonly errorRate: number;
  /** Milliseconds; undefined without requests. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** What happened in the last ten seconds, second by second. */
export class Window {
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #slots = Array.from({ length: windowSeconds }, () => ({
    second: -1,
    requests: 0,
    errors: 0,
    durations: new Histogram(),
  }));

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#openedAt = clock.monotonic();
  }

  /** @param durationMs undefined where the duration says nothing of the service. */
  record(isError: boolean, durationMs: number | undefined): void {
    const slot = this.#slotOf(Math.floor(this.#clock.monotonic() / 1_000));
    slot.requests++;
    if (isError) slot.errors++;
    if (durationMs !== undefined) slot.durations.record(durationMs);
  }

  summary(): Summary {
    const now = this.#clock.monotonic();
    const oldest = Math.floor(now / 1_000) - windowSeconds + 1;
    const recent = this.#slots.filter(({ second }) => second >= oldest);
    const durations = new Histogram();
    for (const slot of recent) durations.add(slot.durations);
    const requests = recent.reduce((sum, slot) => sum + slot.requests, 0);
    const errors = recent.reduce((sum, slot) => sum + slot.errors, 0);
    return {
      requestsPerSecond: requests / this.#coveredSeconds(now, oldest),
      errorRate: requests === 0 ? 0 : errors / requests,
      p50: durations.percentile(0.5),
      p95: durations.percentile(0.95),
      p99: durations.percentile(0.99),
    };
  }

  /** A window younger than ten seconds is divided by its age; by one second at least, so that a first request is not 100/s. */
  #coveredSeconds(now: number, oldest: number): number {
    const from = Math.max(this.#openedAt, oldest * 1_000);
    return Math.max(1, (now - from) / 1_000);
  }

  #slotOf(second: number) {
    const slot = this.#slots[second % windowSeconds];
    if (slot === undefined) throw new RangeError(`second ${second} is negative`);
    if (slot.second !== second) {
      slot.second = second;
      slot.requests = 0;
      slot.errors = 0;
      slot.durations.clear();
    }
    return slot;
  }
}
