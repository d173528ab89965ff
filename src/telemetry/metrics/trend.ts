import { column } from './columns.js';
import { bucketCount, durationOf } from './histogram.js';

/** The last whole seconds of a service, one number for each, oldest first. */
export interface Trend {
  /** Milliseconds since 1970: the end of the newest. */
  readonly until: number;
  /** That ended in it. */
  readonly requests: readonly number[];
  readonly errors: readonly number[];
  readonly retries: readonly number[];
  /** Milliseconds; undefined in a second without requests. */
  readonly p99: ReadonlyArray<number | undefined>;
}

/**
 * Puts what was counted second by second into a trend. Of a second only the buckets that are not empty are looked at: a
 * histogram for each, and its empty buckets, cost three times as much as all the rest.
 */
export class TrendSum {
  readonly #oldest: number;
  readonly #requests: number[];
  readonly #errors: number[];
  readonly #retries: number[];
  readonly #p99: Array<number | undefined>;
  /** Buckets of the second that is read, and how many durations are in each: the shortest first. */
  #buckets: number[] = [];
  #counts: number[] = [];
  #row: number;

  /** @param oldest the row of the first second */
  constructor(oldest: number, seconds: number) {
    this.#oldest = oldest;
    this.#row = oldest;
    this.#requests = new Array(seconds).fill(0);
    this.#errors = new Array(seconds).fill(0);
    this.#retries = new Array(seconds).fill(0);
    this.#p99 = new Array(seconds).fill(undefined);
  }

  /** Rows come in the order of their time, and of each its columns in theirs. */
  readonly add = (row: number, at: number, number: number): void => {
    if (row !== this.#row) this.#turn(row);
    const second = row - this.#oldest;
    if (at >= column.duration) {
      if (at >= column.duration + bucketCount) return;
      this.#buckets.push(at - column.duration);
      this.#counts.push(number);
    } else if (at === column.requests) this.#requests[second] = number;
    else if (at === column.errors) this.#errors[second] = number;
    else if (at === column.retries) this.#retries[second] = number;
  };

  trend(until: number): Trend {
    this.#turn(this.#row);
    return { until, requests: this.#requests, errors: this.#errors, retries: this.#retries, p99: this.#p99 };
  }

  #turn(row: number): void {
    if (this.#buckets.length > 0) this.#p99[this.#row - this.#oldest] = durationOf(this.#slowest());
    this.#buckets = [];
    this.#counts = [];
    this.#row = row;
  }

  /** The bucket below which are 99 % of them: from the longest down, until more than the hundredth part is behind. */
  #slowest(): number {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    let longer = total - Math.max(1, Math.ceil(0.99 * total));
    let at = this.#buckets.length - 1;
    while (at > 0 && longer >= (this.#counts[at] ?? 0)) longer -= this.#counts[at--] ?? 0;
    return this.#buckets[at] ?? 0;
  }
}
