import { anonymousCaller } from '../../config/schema/allow.js';
import type { Attempt, Exchange, Wait } from '../../exchange/exchange.js';
import { Bounded, other } from './bounded.js';
import { Durations } from './durations.js';
import type { Ended } from './ended.js';
import type { Meter } from './meter.js';
import { CallerPart, Cell, InstancePart, RoutePart } from './parts.js';
import { reasonOfError, reasons } from './reason.js';
import { coarse, keyOf } from './request-counts.js';

/** What is told apart of one service, so that neither its memory nor what Prometheus is sent can grow on; the rest is counted as `other`. */
const most = { callers: 24, routes: 24, instances: 32, cells: 64, labelSets: 512 };

/** Everything that has happened to one service since the start: none of it ever falls. */
export class Totals {
  /** That ended, and those of them that failed. */
  requests = 0;
  errors = 0;
  readonly callers: Bounded<string, CallerPart>;
  readonly routes: Bounded<string, RoutePart>;
  readonly instances: Bounded<string, InstancePart>;
  /** Attempts, to the head of the answer. */
  readonly upstream = new Durations();
  /** Of those that had to wait. */
  readonly waiting = new Durations();
  /** By why the attempt before was not enough. */
  readonly retries = new Map<string, number>();
  /** That were met, by kind. */
  readonly faults = new Map<string, number>();
  /** Milliseconds, by what was waited for. */
  readonly waits = new Map<Wait['kind'], number>();
  /** Requests that a rate limit has held up, or refused. */
  readonly rateLimited = { delayed: 0, rejected: 0 };
  /** Of each caller, by route. */
  readonly #cells = new Map<CallerPart, Map<RoutePart, Cell>>();
  readonly #otherCell = new Cell(other, other);
  #cellCount = 0;
  #labelSets = 0;

  /** @param open makes the meter of one more part */
  constructor(open: () => Meter) {
    this.callers = bounded(most.callers, (name) => new CallerPart(name, open()));
    this.routes = bounded(most.routes, (name) => new RoutePart(name, open()));
    this.instances = bounded(most.instances, (id) => new InstancePart(id, open()));
  }

  *cells(): Iterable<Cell> {
    for (const cells of this.#cells.values()) yield* cells.values();
    yield this.#otherCell;
  }

  ended(exchange: Exchange, ended: Ended): void {
    this.requests++;
    if (ended.isError) this.errors++;
    const caller = this.callerOf(exchange);
    const route = this.routes.of(exchange.route ?? '');
    caller.ended(ended);
    route.meter.ended(ended);
    const cell = this.#cell(caller, route);
    if (ended.duration !== undefined) cell.durations.record(ended.duration);
    this.#count(cell, exchange, ended);
    if (reasons[ended.reason] === 'rate_limited') this.rateLimited.rejected++;
    if (exchange.faults !== undefined) for (const { effect } of exchange.faults) add(this.faults, effect.kind, 1);
  }

  /** @param before the attempt that it repeats; undefined: it is the first */
  attempted({ instance: { id } }: Attempt, ended: Ended, before: Attempt | undefined): void {
    this.instances.of(id).ended(ended);
    if (ended.duration !== undefined) this.upstream.record(ended.duration);
    if (before !== undefined) add(this.retries, reasonToRetry(before), 1);
  }

  waited(waits: readonly Wait[], milliseconds: number): void {
    this.waiting.record(milliseconds);
    for (const wait of waits) add(this.waits, wait.kind, wait.milliseconds);
    if (waits.some(({ kind }) => kind === 'rate-limit')) this.rateLimited.delayed++;
  }

  callerOf(exchange: Exchange): CallerPart {
    return this.callers.of(exchange.caller ?? anonymousCaller);
  }

  #cell(caller: CallerPart, route: RoutePart): Cell {
    const cells = this.#cells.get(caller) ?? new Map<RoutePart, Cell>();
    const known = cells.get(route);
    if (known !== undefined) return known;
    if (this.#cellCount >= most.cells) return this.#otherCell;
    this.#cellCount++;
    const made = new Cell(caller.name, route.name);
    this.#cells.set(caller, cells.set(route, made));
    return made;
  }

  #count(cell: Cell, exchange: Exchange, { status, reason }: Ended): void {
    const version = exchange.instance?.version ?? exchange.version ?? '';
    const key = keyOf(exchange, status, reason);
    const known = cell.counts.find(key, version);
    if (known !== undefined) known.value++;
    else if (this.#labelSets < most.labelSets) {
      this.#labelSets++;
      cell.counts.add(key, version).value++;
    } else this.#countOther(coarse(status, reason));
  }

  #countOther(key: number): void {
    const { counts } = this.#otherCell;
    const count = counts.find(key, other) ?? counts.add(key, other);
    count.value++;
  }
}

function bounded<Part>(limit: number, make: (name: string) => Part): Bounded<string, Part> {
  return new Bounded(limit, make, () => make(other));
}

/** Why an attempt was followed by another one: the status of its answer, or what it failed with. */
function reasonToRetry({ result }: Attempt): string {
  if (result.kind === 'answered') return String(result.status);
  return (result.kind === 'failed' && reasons[reasonOfError(result.error.code)]) || 'reset';
}

function add<Key>(sums: Map<Key, number>, key: Key, times: number): void {
  sums.set(key, (sums.get(key) ?? 0) + times);
}
