import { column } from './columns.js';
import { bucketCount, Histogram } from './histogram.js';
import type { Reason } from './reason.js';
import { reasons } from './reason.js';

/** Milliseconds; undefined where there were none. */
export interface Quantiles {
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

/** One second of a service. */
export interface SeriesRow {
  /** Milliseconds since 1970 on the wall clock of now: its beginning. */
  readonly at: number;
  /** That ended in it. */
  readonly requests: number;
  readonly errors: number;
  readonly byClass: Readonly<Record<StatusClass, number>>;
  /** Why they were not simply answered; without what never happened. */
  readonly byReason: Readonly<Partial<Record<Reason, number>>>;
  readonly retries: number;
  /** Of bodies. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** At its end. */
  readonly inFlight: number;
  /** Who waited in the service's queues when the first request came or ended in it. */
  readonly queued: number;
  /** To the last byte of the answer. */
  readonly duration: Quantiles;
  /** Of the attempts, to the head of the answer. */
  readonly upstream: Quantiles;
  /** Of those that had to wait. */
  readonly waiting: Quantiles;
}

/** `none`: there was no answer. */
export type StatusClass = (typeof classNames)[number];

const classNames = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** One second as it was counted; all zeros where nothing was. */
export class Second {
  readonly #numbers = new Map<number, number>();

  set(at: number, number: number): void {
    this.#numbers.set(at, number);
  }

  /** By how many there are more in flight at its end than at its beginning. */
  get gain(): number {
    return this.#of(column.begun) - this.#of(column.requests);
  }

  row(at: number, inFlight: number): SeriesRow {
    return {
      at,
      requests: this.#of(column.requests),
      errors: this.#of(column.errors),
      byClass: this.#classes(),
      byReason: this.#reasons(),
      retries: this.#of(column.retries),
      requestBytes: this.#of(column.requestBytes),
      responseBytes: this.#of(column.responseBytes),
      inFlight,
      queued: this.#of(column.queued),
      duration: this.#quantiles(column.duration),
      upstream: this.#quantiles(column.upstream),
      waiting: this.#quantiles(column.waiting),
    };
  }

  #of(at: number): number {
    return this.#numbers.get(at) ?? 0;
  }

  #classes(): Record<StatusClass, number> {
    const counts: Record<StatusClass, number> = { none: 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
    for (const [at, name] of classNames.entries()) counts[name] = this.#of(column.classes + at);
    return counts;
  }

  #reasons(): Partial<Record<Reason, number>> {
    const counts: Partial<Record<Reason, number>> = {};
    for (const [at, reason] of reasons.entries()) {
      const count = this.#of(column.reason + at);
      if (reason !== '' && count > 0) counts[reason] = count;
    }
    return counts;
  }

  #quantiles(from: number): Quantiles {
    const histogram = new Histogram();
    for (const [at, number] of this.#numbers) {
      if (at >= from && at < from + bucketCount) histogram.count(at - from, number);
    }
    return { p50: histogram.percentile(0.5), p95: histogram.percentile(0.95), p99: histogram.percentile(0.99) };
  }
}
