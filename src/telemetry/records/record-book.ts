import type { Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import { RingBuffer } from '../../foundation/ring-buffer.js';
import type { ExchangeRecord } from './record.js';
import { recordOf } from './record.js';

/** Exchanges that are remembered of each service. */
const keptPerService = 1_000;

/** The last exchanges of each service, for those who ask what became of one. */
export class RecordBook {
  readonly #clock: Clock;
  /** Those for no service are under `''`. */
  readonly #records = new Map<string, RingBuffer<ExchangeRecord>>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly layer: Layer = (exchange, next) => {
    exchange.onFinish((outcome) => {
      const now = { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
      this.#recordsOf(exchange.service ?? '').push(recordOf(exchange, outcome, ++this.#sequence, now));
    });
    return next();
  };

  /** The number of the newest. */
  get sequence(): number {
    return this.#sequence;
  }

  /** In the order in which they ended. @param service undefined is all of them */
  since(sequence: number, service?: string): ExchangeRecord[] {
    const rings = service === undefined ? [...this.#records.values()] : [this.#records.get(service) ?? empty];
    return rings
      .flatMap((ring) => [...ring].filter((record) => record.sequence > sequence))
      .sort((left, right) => left.sequence - right.sequence);
  }

  /** The newest with that id, or of that trace. */
  find(id: string): ExchangeRecord | undefined {
    return this.since(0).findLast((record) => record.id === id || record.traceId === id);
  }

  /** The service is gone, and what is told of it. */
  forget(service: string): void {
    this.#records.delete(service);
  }

  #recordsOf(service: string): RingBuffer<ExchangeRecord> {
    const known = this.#records.get(service);
    if (known !== undefined) return known;
    const opened = new RingBuffer<ExchangeRecord>(keptPerService);
    this.#records.set(service, opened);
    return opened;
  }
}

const empty = new RingBuffer<ExchangeRecord>(1);
