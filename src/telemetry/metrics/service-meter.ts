import type { Attempt, Exchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import { column, partColumns, serviceColumns } from './columns.js';
import { endedAttempt, endedExchange } from './ended.js';
import { bucketOf } from './histogram.js';
import type { Meter } from './meter.js';
import type { SeriesRow } from './series.js';
import { Second } from './series.js';
import type { Summary } from './summary.js';
import { Sum } from './summary.js';
import { Timeline } from './timeline.js';
import { Totals } from './totals.js';
import type { Trend } from './trend.js';
import { TrendSum } from './trend.js';

/** Milliseconds. */
const second = 1_000;

/** Seconds that are remembered. */
export const depth = 900;

/** The parts of a service are many: each of their rows is of so many seconds. */
const partStep = 10;

/** Bytes for what is over. With the counters, and with what is under way, they stay below 1 MB. */
const mostBytes = { service: 512 * 1_024, parts: 192 * 1_024 };

/**
 * The numbers of one service: counters since the start, each second of the last fifteen minutes, and each ten seconds of
 * its callers, routes and instances.
 */
export class ServiceMeter {
  readonly totals: Totals;
  readonly #openedAt: number;
  readonly #queued: () => number;
  readonly #seconds: Timeline;
  readonly #parts: Timeline;
  readonly #meter: Meter;
  #inFlight = 0;

  /** @param queued how many requests wait in the queues of the service */
  constructor(now: number, queued: () => number) {
    this.#openedAt = now;
    this.#queued = queued;
    this.#seconds = new Timeline(now, {
      step: second,
      rows: depth,
      mostBytes: mostBytes.service,
      columns: serviceColumns,
    });
    this.#parts = new Timeline(now, {
      step: partStep * second,
      rows: depth / partStep,
      mostBytes: mostBytes.parts,
      columns: partColumns,
    });
    this.#meter = this.#seconds.open();
    this.totals = new Totals(() => this.#parts.open());
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begun(now: number): void {
    this.#turn(now);
    this.#inFlight++;
    this.#meter.count(column.begun);
  }

  /** An exchange that has begun is over. */
  ended(exchange: Exchange, outcome: Outcome, now: number): void {
    this.#turn(now);
    this.#inFlight--;
    const ended = endedExchange(exchange, outcome, now);
    this.#meter.ended(ended);
    this.totals.ended(exchange, ended);
    this.#attempts(exchange);
    if (exchange.waits !== undefined) this.#waits(exchange.waits);
  }

  /** Of the last `seconds`, the one under way included. */
  summary(now: number, seconds: number): Summary {
    this.#turn(now);
    const sum = new Sum();
    const oldest = this.#seconds.rowOf(now) - seconds + 1;
    this.#seconds.read(oldest, this.#meter, (_row, at, number) => sum.add(at, number));
    sum.addRow(this.#meter.numbers);
    return sum.summary(this.#covered(now, oldest * second));
  }

  /** Of the last `count` stretches of so many seconds, oldest first; the last one is under way. */
  summaries(now: number, seconds: number, count: number): Summary[] {
    this.#turn(now);
    const sums = Array.from({ length: count }, () => new Sum());
    const oldest = this.#seconds.rowOf(now) - seconds * count + 1;
    const sumOf = (row: number) => sums[Math.floor((row - oldest) / seconds)];
    this.#seconds.read(oldest, this.#meter, (row, at, number) => sumOf(row)?.add(at, number));
    sums.at(-1)?.addRow(this.#meter.numbers);
    return sums.map((sum) => sum.summary(seconds));
  }

  /** The same of a part, in steps of ten seconds: at least so many are looked at. */
  partSummary(now: number, meter: Meter, seconds: number): Summary {
    this.#turn(now);
    const sum = new Sum();
    const oldest = this.#parts.rowOf(now) - Math.ceil(seconds / partStep);
    this.#parts.read(oldest, meter, (_row, at, number) => sum.add(at, number));
    sum.addRow(meter.numbers);
    return sum.summary(this.#covered(now, oldest * partStep * second));
  }

  /** The last fifteen minutes, second by second, oldest first; without the second under way. @param wall milliseconds since 1970 that `now` is */
  series(now: number, wall: number): SeriesRow[] {
    this.#turn(now);
    const current = this.#seconds.rowOf(now);
    const oldest = Math.max(this.#seconds.rowOf(this.#openedAt), current - depth);
    const seconds = Array.from({ length: current - oldest }, () => new Second());
    this.#seconds.read(oldest, this.#meter, (row, at, number) => seconds[row - oldest]?.set(at, number));
    const { numbers } = this.#meter;
    let inFlight = this.#inFlight - (numbers[column.begun] ?? 0) + (numbers[column.requests] ?? 0);
    const rows: SeriesRow[] = [];
    for (const [at, each] of [...seconds.entries()].reverse()) {
      rows.push(each.row(wall - now + (oldest + at) * second, inFlight));
      inFlight -= each.gain;
    }
    return rows.reverse();
  }

  /** The last `seconds`, as far as there were so many, in the few numbers that a sparkline needs. @param wall as of `series` */
  trend(now: number, wall: number, seconds: number): Trend {
    this.#turn(now);
    const current = this.#seconds.rowOf(now);
    const oldest = Math.max(this.#seconds.rowOf(this.#openedAt), current - seconds);
    const sum = new TrendSum(oldest, current - oldest);
    if (current > oldest) this.#seconds.read(oldest, this.#meter, sum.add);
    return sum.trend(wall - now + current * second);
  }

  #turn(now: number): void {
    this.#parts.turn(now);
    if (!this.#seconds.turn(now)) return;
    const queued = this.#queued();
    if (queued > 0) this.#meter.count(column.queued, queued);
  }

  #attempts({ attempts }: Exchange): void {
    let before: Attempt | undefined;
    for (const attempt of attempts) {
      const ended = endedAttempt(attempt);
      this.totals.attempted(attempt, ended, before);
      if (ended.duration !== undefined) this.#meter.count(column.upstream + bucketOf(ended.duration));
      before = attempt;
    }
  }

  #waits(waits: NonNullable<Exchange['waits']>): void {
    const milliseconds = waits.reduce((sum, wait) => sum + wait.milliseconds, 0);
    this.totals.waited(waits, milliseconds);
    this.#meter.count(column.delayed);
    this.#meter.count(column.waiting + bucketOf(milliseconds));
  }

  /** A meter younger than what is asked for is divided by its age; by one second at least, so that a first request is not 100/s. */
  #covered(now: number, from: number): number {
    return Math.max(1, (now - Math.max(this.#openedAt, from)) / second);
  }
}
