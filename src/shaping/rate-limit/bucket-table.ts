import type { Clock } from '../../foundation/clock.js';
import type { Pace } from './bucket.js';
import { Bucket } from './bucket.js';

/** Keys that are remembered: some tens of MiB. Whoever sends another key with each request gets no further. */
const mostKeys = 100_000;

/** Those that were used longest ago are looked at so often for each new key: one more than come, so that the table shrinks. */
const looksPerKey = 2;

/**
 * The buckets of all keys, in the order in which they were last used. For each new one, old ones are forgotten: those that
 * are full again, for a new one would be the same, and when there are too many, those that have rested longest. One in
 * which somebody waits is never forgotten, so the requests that wait bound how far the table can grow beyond its limit.
 */
export class BucketTable {
  readonly #clock: Clock;
  #pace: Pace;
  readonly #entries = new Map<string, Entry>();
  #oldest: Entry | undefined;
  #newest: Entry | undefined;

  constructor(pace: Pace, clock: Clock) {
    this.#pace = pace;
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The bucket of a key, which is used now. */
  of(key: string, now: number): Bucket {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#add(key, now);
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#link(entry);
    }
    return entry.bucket;
  }

  update(pace: Pace): void {
    this.#pace = pace;
    for (const { bucket } of this.#entries.values()) bucket.update(pace);
  }

  open(): void {
    for (const { bucket } of this.#entries.values()) bucket.open();
  }

  #add(key: string, now: number): Bucket {
    for (let looks = 0; looks < looksPerKey; looks++) this.#forgetOldest(now);
    const entry: Entry = {
      key: detached(key),
      bucket: new Bucket(this.#pace, this.#clock, now),
      older: undefined,
      newer: undefined,
    };
    this.#entries.set(entry.key, entry);
    this.#link(entry);
    return entry.bucket;
  }

  #forgetOldest(now: number): void {
    const oldest = this.#oldest;
    if (oldest === undefined) return;
    const isUsed = oldest.bucket.waiting > 0;
    if (!isUsed && !oldest.bucket.isFull(now) && this.#entries.size < mostKeys) return;
    this.#unlink(oldest);
    if (isUsed) this.#link(oldest);
    else this.#entries.delete(oldest.key);
  }

  #link(entry: Entry): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink({ older, newer }: Entry): void {
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
  }
}

/** A list linked both ways: a Map that is kept in this order looks for its first key past all those that were moved. */
interface Entry {
  readonly key: string;
  readonly bucket: Bucket;
  older: Entry | undefined;
  newer: Entry | undefined;
}

/** The same text of its own: one that was cut out of a request's head would keep the whole head in memory. */
function detached(key: string): string {
  return Buffer.from(key).toString();
}
