import { RingReader } from '../../foundation/ring-reader.js';
import type { ExchangeRecord } from './record.js';
import type { Shelf } from './shelf.js';
import type { Slot } from './slot.js';

/** What a reader meets on its way. */
export type RecordStep =
  | { readonly kind: 'record'; readonly record: ExchangeRecord }
  /** So many were not wanted that it is somebody else's turn; there may be more. */
  | { readonly kind: 'searching' }
  /** So many of the service (undefined: of none) were written over before the reader came to them. */
  | { readonly kind: 'missed'; readonly service: string | undefined; readonly count: number };

/** Shelves that a reader looks at in one go, again for each record that it passes over: less than a millisecond. */
const longestSearch = 2_000;

/** Reads the records at its own pace, from its beginning on, in the order in which the exchanges ended. */
export class RecordReader {
  readonly #rings: RingReader<Slot>;
  readonly #shows: (record: ExchangeRecord) => boolean;

  /** @param shelves those of the services that are read, by name */
  constructor(shelves: () => Iterable<readonly [string, Shelf]>, shows: (record: ExchangeRecord) => boolean) {
    this.#shows = shows;
    this.#rings = new RingReader(
      shelves,
      ({ sequence }) => sequence,
      ({ end }) => end,
    );
  }

  /** The next thing to know; undefined when there is nothing more by now. */
  next(): RecordStep | undefined {
    for (let looks = 0; looks < longestSearch; looks += this.#rings.width) {
      const found = this.#rings.next();
      if (found === undefined) return undefined;
      if (found.kind === 'skipped') {
        return { kind: 'missed', service: found.name === '' ? undefined : found.name, count: found.count };
      }
      this.#rings.pass(found);
      const record = found.item.read();
      if (this.#shows(record)) return { kind: 'record', record };
    }
    return { kind: 'searching' };
  }
}
