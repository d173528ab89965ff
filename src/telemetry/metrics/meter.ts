import { classOf, column } from './columns.js';
import type { Ended } from './ended.js';
import { bucketOf } from './histogram.js';
import type { Journal } from './journal.js';

/** A counter of 32 bits stays at its end: four gigabytes within a second are as good as five. */
const most = 2 ** 32 - 1;

/** Counts what happens to one subject in the stretch of time that is under way. */
export class Meter {
  /** Under which number the journal knows it. */
  readonly subject: number;
  readonly numbers: Uint32Array;
  #isTouched = false;

  constructor(subject: number, columns: number) {
    this.subject = subject;
    this.numbers = new Uint32Array(columns);
  }

  count(at: number, times = 1): void {
    this.#isTouched = true;
    this.numbers[at] = Math.min((this.numbers[at] ?? 0) + times, most);
  }

  ended({ status, reason, isError, retries, requestBytes, responseBytes, duration }: Ended): void {
    this.count(column.requests);
    this.count(column.classes + classOf(status));
    this.count(column.reason + reason);
    if (isError) this.count(column.errors);
    if (retries > 0) this.count(column.retries, retries);
    if (requestBytes > 0) this.count(column.requestBytes, requestBytes);
    if (responseBytes > 0) this.count(column.responseBytes, responseBytes);
    if (duration !== undefined) this.count(column.duration + bucketOf(duration));
  }

  /** The stretch is over: what was counted goes to the journal, and it begins anew. */
  turn(row: number, journal: Journal): void {
    if (!this.#isTouched) return;
    journal.write(row, this.subject, this.numbers);
    this.numbers.fill(0);
    this.#isTouched = false;
  }
}
