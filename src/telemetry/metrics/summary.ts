import { column, partColumns } from './columns.js';
import { bucketCount, Histogram } from './histogram.js';

export interface Summary {
  readonly requestsPerSecond: number;
  /** 0–1. */
  readonly errorRate: number;
  /** Attempts behind the first, of those requests. */
  readonly retriesPerSecond: number;
  /** Milliseconds; undefined without requests. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** Adds up rows of numbers. */
export class Sum {
  #requests = 0;
  #errors = 0;
  #retries = 0;
  readonly #durations = new Histogram();

  readonly add = (at: number, number: number): void => {
    if (at === column.requests) this.#requests += number;
    else if (at === column.errors) this.#errors += number;
    else if (at === column.retries) this.#retries += number;
    else if (at >= column.duration && at < column.duration + bucketCount)
      this.#durations.count(at - column.duration, number);
  };

  /** What stands in a row that is not written yet; nothing of interest comes behind the columns of a part. */
  addRow(numbers: Uint32Array): void {
    for (let at = 0; at < partColumns; at++) {
      const number = numbers[at] ?? 0;
      if (number > 0) this.add(at, number);
    }
  }

  /** @param seconds in which it happened */
  summary(seconds: number): Summary {
    return {
      requestsPerSecond: this.#requests / seconds,
      errorRate: this.#requests === 0 ? 0 : this.#errors / this.#requests,
      retriesPerSecond: this.#retries / seconds,
      p50: this.#durations.percentile(0.5),
      p95: this.#durations.percentile(0.95),
      p99: this.#durations.percentile(0.99),
    };
  }
}
