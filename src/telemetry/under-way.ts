import type { Exchange } from '../exchange/exchange.js';

/** The place of one that is under way. */
export interface Entry {
  readonly exchange: Exchange;
  at: number;
}

/**
 * The exchanges under way, in no order.
 *
 * Not a Set: as one changes it moves from table to table, and each table stays linked to the next. Once one of them has grown
 * old, all behind it, with the exchanges that were in them, are kept until the next full garbage collection: at 512
 * connections that cost 1.28 × the CPU per request and 40 MB.
 */
export class UnderWay implements Iterable<Exchange> {
  readonly #entries: Entry[] = [];

  add(exchange: Exchange): Entry {
    const entry = { exchange, at: this.#entries.length };
    this.#entries.push(entry);
    return entry;
  }

  /** To be called once for each. The last one takes its place. */
  remove(entry: Entry): void {
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#entries[entry.at] = last;
    last.at = entry.at;
  }

  *[Symbol.iterator](): Iterator<Exchange> {
    for (const { exchange } of this.#entries) yield exchange;
  }
}
