import { classOf, statusClasses } from './columns.js';
import { Durations } from './durations.js';
import type { Ended } from './ended.js';
import type { Meter } from './meter.js';
import { reasons } from './reason.js';
import { RequestCounts } from './request-counts.js';

/** All that came from one caller since the start. */
export class CallerPart {
  /** The service that calls. */
  readonly name: string;
  readonly meter: Meter;
  requestBytes = 0;
  responseBytes = 0;

  constructor(name: string, meter: Meter) {
    this.name = name;
    this.meter = meter;
  }

  ended(ended: Ended): void {
    this.requestBytes += ended.requestBytes;
    this.responseBytes += ended.responseBytes;
    this.meter.ended(ended);
  }
}

/** All that took one route. */
export class RoutePart {
  readonly name: string;
  readonly meter: Meter;

  constructor(name: string, meter: Meter) {
    this.name = name;
    this.meter = meter;
  }
}

/** All that came from one caller by one route. */
export class Cell {
  readonly caller: string;
  readonly route: string;
  readonly durations = new Durations();
  readonly counts = new RequestCounts();

  constructor(caller: string, route: string) {
    this.caller = caller;
    this.route = route;
  }
}

/** All attempts at one instance. One that comes back under its id goes on where it was. */
export class InstancePart {
  readonly id: string;
  readonly meter: Meter;
  readonly durations = new Durations();
  readonly #classes = new Float64Array(statusClasses);
  readonly #reasons = new Float64Array(reasons.length);

  constructor(id: string, meter: Meter) {
    this.id = id;
    this.meter = meter;
  }

  ended(ended: Ended): void {
    if (ended.reason > 0) this.#reasons[ended.reason] = (this.#reasons[ended.reason] ?? 0) + 1;
    else this.#classes[classOf(ended.status)] = (this.#classes[classOf(ended.status)] ?? 0) + 1;
    if (ended.duration !== undefined) this.durations.record(ended.duration);
    this.meter.ended(ended);
  }

  /** How often what came of it: answers by class, failures by reason; without what never did. */
  get outcomes(): ReadonlyArray<{ readonly code: string; readonly reason: string; readonly value: number }> {
    const answered = Array.from(this.#classes, (value, at) => ({
      code: at === 0 ? '0' : `${at}xx`,
      reason: '',
      value,
    }));
    const failed = Array.from(this.#reasons, (value, at) => ({ code: '0', reason: reasons[at] ?? '', value }));
    return [...answered, ...failed].filter(({ value }) => value > 0);
  }
}
