import type { Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import type { ExchangeRecord } from './record.js';
import { Slot } from './record.js';

/** Exchanges that are remembered of each service. */
const keptPerService = 1_000;

/** The last exchanges of each service, for those who ask what became of one. */
export class RecordBook {
  readonly #clock: Clock;
  /** Those for no service are under `''`. */
  readonly #records = new Map<string, Slots>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly layer: Layer = (exchange, next) => {
    exchange.onFinish((outcome) => {
      const slot = this.#slotsOf(exchange.service ?? '').next();
      slot.write(exchange, outcome, ++this.#sequence, this.#clock.monotonic(), this.#clock.now());
    });
    return next();
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

  /** Those of a trace, in the order in which they ended. */
  ofTrace(traceId: string): ExchangeRecord[] {
    return this.#slots(undefined)
      .filter((slot) => slot.traceId === traceId)
      .sort((left, right) => left.sequence - right.sequence)
      .map((slot) => slot.read());
  }

  /** The service is gone, and what is told of it. */
  forget(service: string): void {
    this.#records.delete(service);
  }

  #slots(service: string | undefined): Slot[] {
    const kept = service === undefined ? [...this.#records.values()] : [this.#records.get(service)];
    return kept.flatMap((slots) => slots?.all ?? []);
  }

  #slotsOf(service: string): Slots {
    const known = this.#records.get(service);
    if (known !== undefined) return known;
    const opened = new Slots();
    this.#records.set(service, opened);
    return opened;
  }
}

/** As many as are remembered; the oldest is written over. */
class Slots {
  readonly all: Slot[] = [];
  #oldest = 0;

  next(): Slot {
    const oldest = this.all.length < keptPerService ? undefined : this.all[this.#oldest];
    if (oldest === undefined) {
      const slot = new Slot();
      this.all.push(slot);
      return slot;
    }
    this.#oldest = (this.#oldest + 1) % keptPerService;
    return oldest;
  }
}
