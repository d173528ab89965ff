import { isDeepStrictEqual } from 'node:util';
import type { TracesConfig } from '../../config/snapshot.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Handler, Layer } from '../../exchange/layer.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { Clock } from '../../foundation/clock.js';
import { messageOf } from '../../foundation/errors.js';
import type { Ends } from './exchange-spans.js';
import { identify, isSampled } from './identify.js';
import { Ids } from './ids.js';
import type { ExportPlan } from './plan.js';
import { planOf } from './plan.js';
import { Sampler } from './sampler.js';
import { SpanCounts } from './span-counts.js';
import { SpanExport } from './span-export.js';
import type { SentSpans } from './span-relay.js';

export interface TracesRooms {
  readonly clock: Clock;
  /** Where OpenTelemetry's variables are looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the package. */
  readonly version: string;
  readonly warn: (message: string) => void;
}

/**
 * The traces of the mesh: names every exchange, decides which traces are sampled, and sends their spans where that is
 * wanted. Where it is not, an exchange pays for a look at one field, and none of OpenTelemetry's packages is loaded.
 */
export class Traces {
  readonly #rooms: TracesRooms;
  readonly #ids = new Ids();
  readonly #sampler = new Sampler(1);
  readonly #counts: TracesCounts = { own: new SpanCounts(), relayed: new SpanCounts() };
  #sent: Sent | undefined;
  /** Resolves when every export is closed but the one that is open. */
  #closed: Promise<void> = Promise.resolve();
  #warning: string | undefined;

  /** Gives an exchange its names. */
  readonly identify: Layer = identify(this.#ids, this.#sampler);

  /** Makes spans of an exchange, and of its attempts. */
  readonly layer: Layer = (exchange, next) => {
    if (this.#sent === undefined || !isSampled(exchange)) return next(exchange);
    return this.#followed(exchange, next, (outcome, ends) => this.#sent?.open.add(exchange, outcome, ends));
  };

  /** Makes spans of a copy's attempts, below the span of the exchange that it was taken from. */
  readonly copyLayer: Layer = (copy, next) => {
    if (this.#sent === undefined || !isSampled(copy)) return next(copy);
    return this.#followed(copy, next, (_, ends) => this.#sent?.open.addCopy(copy, ends));
  };

  constructor(rooms: TracesRooms) {
    this.#rooms = rooms;
  }

  /** What became of the spans; undefined while none are sent and none ever were. */
  get counts(): TracesCounts | undefined {
    const { own, relayed } = this.#counts;
    return this.#sent === undefined && own.all + relayed.all === 0 ? undefined : this.#counts;
  }

  /** Sends what a service has told to where the mesh's own spans go, if they go anywhere. Nobody waits for it. */
  relay(sent: SentSpans): void {
    this.#sent?.open.relay(sent);
  }

  /**
   * Spans of before go where they were meant to go.
   *
   * @param name of the mesh
   */
  async configure(config: TracesConfig, name: string): Promise<void> {
    const plan = planOf(config, this.#rooms.environment);
    this.#sampler.setShare(plan.share);
    if (plan.warning !== undefined && plan.warning !== this.#warning) this.#rooms.warn(plan.warning);
    this.#warning = plan.warning;
    const wish = plan.export && { plan: plan.export, name };
    if (isDeepStrictEqual(wish, this.#sent?.wish)) return;
    const next = wish && (await this.#opened(wish));
    this.#retire();
    this.#sent = next;
  }

  /** Resolves when all that is known by now is sent; it is not waited for any longer than by `close`. */
  async flush(): Promise<void> {
    await this.#sent?.open.flush();
  }

  /** Resolves when all is sent; a collector that does not take it is not waited for. */
  async close(): Promise<void> {
    this.#retire();
    await this.#closed;
  }

  #retire(): void {
    const left = this.#sent?.open.close();
    this.#closed = Promise.all([this.#closed, left]).then(() => {});
    this.#sent = undefined;
  }

  async #opened(wish: Wish): Promise<Sent | undefined> {
    const { clock, environment, version, warn } = this.#rooms;
    try {
      const { own: counts, relayed } = this.#counts;
      const rooms = { clock, ids: this.#ids, counts, relayed, name: wish.name, version, environment, warn };
      return { wish, open: await SpanExport.open(wish.plan, rooms) };
    } catch (failure) {
      warn(
        `no spans are sent: ${messageOf(failure)} (\`npm install --include=optional\` brings OpenTelemetry's packages)`,
      );
      return undefined;
    }
  }

  async #followed(exchange: Exchange, next: Handler, add: (outcome: Outcome, ends: Ends) => void): Promise<void> {
    const { clock } = this.#rooms;
    let answer: number | undefined;
    exchange.onFinish((outcome) => {
      const end = clock.monotonic();
      add(outcome, { exchange: end, answer: answer ?? end });
    });
    await next(exchange);
    exchange.onAttemptOver(() => {
      answer = clock.monotonic();
    });
  }
}

/** What became of the spans of the mesh, and of those of services that were to be sent with them. */
export interface TracesCounts {
  readonly own: SpanCounts;
  readonly relayed: SpanCounts;
}

interface Wish {
  readonly plan: ExportPlan;
  readonly name: string;
}

interface Sent {
  readonly wish: Wish;
  readonly open: SpanExport;
}
