import type { FinishListener } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import type { ExchangeRecord } from './record.js';
import { RecordReader } from './record-reader.js';
import { Shelf } from './shelf.js';
import type { Slot } from './slot.js';
import { Texts } from './texts.js';

/** The last exchanges of each service, and the last that went wrong or were slow, for those who ask what became of one. */
export class RecordBook {
  readonly #clock: Clock;
  readonly #slow: () => number;
  readonly #texts = new Texts();
  /** Those for no service are under `''`. */
  readonly #records = new Map<string, Shelf>();
  readonly #listeners = new Set<(service: string | undefined) => void>();
  #sequence = 0;

  /** @param slow milliseconds: from here on an exchange is slow */
  constructor(clock: Clock, slow: () => number) {
    this.#clock = clock;
    this.#slow = slow;
  }

  readonly layer: Layer = (exchange, next) => {
    exchange.onFinish(this.#write);
    return next(exchange);
  };

  readonly #write: FinishListener = (outcome, exchange) => {
    const slot = this.#shelfOf(exchange.service ?? '').next(this.#slow());
    slot.write(exchange, outcome, ++this.#sequence, this.#clock.monotonic(), this.#clock.now());
    for (const listener of this.#listeners) listener(exchange.service);
  };

  /** The number of the newest. */
  get sequence(): number {
    return this.#sequence;
  }

  /** In the order in which they ended. @param service undefined is all of them */
  since(sequence: number, service?: string): ExchangeRecord[] {
    return this.#slots(service)
      .filter((slot) => slot.sequence > sequence)
      .sort((left, right) => left.sequence - right.sequence)
      .map((slot) => slot.read());
  }

  /** Reads what ends from now on. @param service undefined is all of them, and those for none */
  read(service: string | undefined, shows: (record: ExchangeRecord) => boolean): RecordReader {
    return new RecordReader(() => this.#shelves(service), shows);
  }

  /** Tells of every exchange that has ended, and for which service, from now on; the answer ends it. */
  onRecord(listener: (service: string | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The newest with that id, or of that trace. */
  find(id: string): ExchangeRecord | undefined {
    return this.named(id).at(-1);
  }

  /** All with that id, or of that trace, in the order in which they ended. */
  named(id: string): ExchangeRecord[] {
    return this.#slots(undefined)
      .filter((slot) => slot.isNamed(id))
      .sort((left, right) => left.sequence - right.sequence)
      .map((slot) => slot.read());
  }

  /** Is there one of that id or trace? */
  knows(id: string): boolean {
    return this.#slots(undefined).some((slot) => slot.isNamed(id));
  }

  /** The service is gone, and what is told of it. */
  forget(service: string): void {
    this.#records.delete(service);
  }

  #slots(service: string | undefined): Slot[] {
    return [...this.#shelves(service)].flatMap(([, shelf]) => shelf.all);
  }

  *#shelves(service: string | undefined): Iterable<readonly [string, Shelf]> {
    if (service === undefined) return yield* this.#records;
    const shelf = this.#records.get(service);
    if (shelf !== undefined) yield [service, shelf];
  }

  #shelfOf(service: string): Shelf {
    const known = this.#records.get(service);
    if (known !== undefined) return known;
    const opened = new Shelf(this.#texts);
    this.#records.set(service, opened);
    return opened;
  }
}
