import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Outcome } from '../exchange/outcome.js';
import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { Meter } from './metrics/meter.js';
import type { SeriesRow } from './metrics/series.js';
import { ServiceMeter } from './metrics/service-meter.js';
import type { Summary } from './metrics/summary.js';
import type { Trend } from './metrics/trend.js';
import { TurnedAway } from './metrics/turned-away.js';
import type { Entry } from './under-way.js';
import { UnderWay } from './under-way.js';

export type { Reason } from './metrics/reason.js';
export type { Quantiles, SeriesRow, StatusClass } from './metrics/series.js';
export type { Summary } from './metrics/summary.js';
export type { Trend } from './metrics/trend.js';

/** How far back "now" reaches in `ls` and `top`: long enough to be calm, short enough to be now. */
const windowSeconds = 10;

export interface ServiceSummary extends Summary {
  /** Exchanges under way. */
  readonly inFlight: number;
}

/** Of a service, who called it, by which routes, and who answered. Each is summed up when it is read. */
export interface Breakdown {
  readonly callers: ReadonlyMap<string, Summary>;
  /** Those that were found by their name are under ''. */
  readonly routes: ReadonlyMap<string, Summary>;
  /** By id; of attempts, to the head of the answer. */
  readonly instances: ReadonlyMap<string, Summary>;
}

/** Counts every exchange for the service it was for. Only counting happens on the way of a request; sums are made when asked. */
export class Measure {
  readonly #clock: Clock;
  readonly #queued: (service: string) => number;
  readonly #underWay = new UnderWay();
  readonly #meters = new Map<string, ServiceMeter>();
  /** Requests that were for no service. */
  readonly unrouted: ServiceMeter;
  readonly turnedAway = new TurnedAway();

  /** @param queued how many requests wait in the queues of a service */
  constructor(clock: Clock, queued: (service: string) => number = () => 0) {
    this.#clock = clock;
    this.#queued = queued;
    this.unrouted = new ServiceMeter(clock.monotonic(), () => 0);
  }

  readonly layer: Layer = (exchange, next) => {
    const entry = this.#underWay.add(exchange);
    try {
      return next(exchange);
    } finally {
      this.#begin(exchange, entry); // by now it is known whom it is for: finding that out takes no turn of the event loop
    }
  };

  /** Of the last `seconds`. */
  summary(service: string, seconds = windowSeconds): ServiceSummary {
    const meter = this.#meter(service);
    return { ...meter.summary(this.#clock.monotonic(), seconds), inFlight: meter.inFlight };
  }

  /** Since the service came. */
  counts(service: string): { readonly requests: number; readonly errors: number } {
    const { requests, errors } = this.#meter(service).totals;
    return { requests, errors };
  }

  /** The last `count` stretches of so many seconds, oldest first: a series that is made in no time. */
  summaries(service: string, seconds: number, count: number): readonly Summary[] {
    return this.#meter(service).summaries(this.#clock.monotonic(), seconds, count);
  }

  /** The last fifteen minutes, second by second, oldest first; without the second under way. */
  series(service: string): readonly SeriesRow[] {
    return this.#meter(service).series(this.#clock.monotonic(), this.#clock.now());
  }

  /** The last `seconds`, second by second, oldest first; without the second under way. */
  trend(service: string, seconds: number): Trend {
    return this.#meter(service).trend(this.#clock.monotonic(), this.#clock.now(), seconds);
  }

  /** The last `seconds` by parts of the service, in steps of ten. */
  breakdown(service: string, seconds = windowSeconds): Breakdown {
    const meter = this.#meter(service);
    const now = this.#clock.monotonic();
    const { callers, routes, instances } = meter.totals;
    const summaries = <Part extends Measured>(parts: Iterable<Part>, nameOf: (part: Part) => string) =>
      new Map(Array.from(parts, (part) => [nameOf(part), meter.partSummary(now, part.meter, seconds)]));
    return {
      get callers() {
        return summaries(callers, ({ name }) => name);
      },
      get routes() {
        return summaries(routes, ({ name }) => name);
      },
      get instances() {
        return summaries(instances, ({ id }) => id);
      },
    };
  }

  /** Of each service that was called, in the order in which they were. */
  get meters(): ReadonlyMap<string, ServiceMeter> {
    return this.#meters;
  }

  /** In no order. */
  get underWay(): Iterable<Exchange> {
    return this.#underWay;
  }

  /** What an instance has in hand: requests whose answer has not begun, and answers that have. */
  inHand(instance: Instance): { readonly unanswered: number; readonly answering: number } {
    const exchanges = [...this.#underWay].filter((exchange) => exchange.instance === instance);
    const answering = exchanges.filter(({ response, isTunnel }) => isTunnel || response !== undefined).length;
    return { unanswered: exchanges.length - answering, answering };
  }

  /** The service is gone, and its numbers with it. */
  forget(service: string): void {
    this.#meters.delete(service);
  }

  #begin(exchange: Exchange, entry: Entry): void {
    const { service } = exchange;
    const meter = service === undefined ? this.unrouted : this.#meter(service);
    meter.begun(this.#clock.monotonic());
    exchange.onFinish((outcome: Outcome) => {
      this.#underWay.remove(entry);
      meter.ended(exchange, outcome, this.#clock.monotonic());
    });
  }

  #meter(service: string): ServiceMeter {
    const known = this.#meters.get(service);
    if (known !== undefined) return known;
    const opened = new ServiceMeter(this.#clock.monotonic(), () => this.#queued(service));
    this.#meters.set(service, opened);
    return opened;
  }
}

/** A part of a service. */
interface Measured {
  readonly meter: Meter;
}
