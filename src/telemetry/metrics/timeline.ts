import { Journal } from './journal.js';
import { Meter } from './meter.js';

export interface TimelineSize {
  /** Milliseconds of one row. */
  readonly step: number;
  /** Rows that are remembered. */
  readonly rows: number;
  readonly mostBytes: number;
  readonly columns: number;
}

/** What was counted when: the row under way in plain arrays, those before it packed away. */
export class Timeline {
  readonly #size: TimelineSize;
  readonly #journal: Journal;
  readonly #meters: Meter[] = [];
  #row: number;

  constructor(now: number, size: TimelineSize) {
    this.#size = size;
    this.#journal = new Journal({ depth: size.rows, mostBytes: size.mostBytes, mostNumbers: size.columns });
    this.#row = this.rowOf(now);
  }

  /** Something more to be counted. */
  open(): Meter {
    const meter = new Meter(this.#meters.length, this.#size.columns);
    this.#meters.push(meter);
    return meter;
  }

  rowOf(now: number): number {
    return Math.floor(now / this.#size.step);
  }

  /** To be called before anything is counted, or read. @returns whether another row has begun */
  turn(now: number): boolean {
    const row = this.rowOf(now);
    if (row === this.#row) return false;
    for (const meter of this.#meters) meter.turn(this.#row, this.#journal);
    this.#row = row;
    return true;
  }

  /** Tells all that was counted from that row on, without the row under way. */
  read(fromRow: number, meter: Meter, tell: (row: number, column: number, number: number) => void): void {
    this.#journal.read(fromRow, meter.subject, tell);
  }
}
