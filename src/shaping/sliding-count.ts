/** The window moves on by a tenth of its length: what is counted is of the last 90–100 % of it. */
const buckets = 10;

/** How often something has happened lately: the memory is fixed, and a call costs O(1), amortised. */
export class SlidingCount {
  readonly #bucketMs: number;
  readonly #counts = Array.from({ length: buckets }, () => 0);
  /** Of the bucket that is being filled, counted from the clock's beginning. */
  #newest = 0;
  #total = 0;

  /** @param windowMs how long something counts */
  constructor(windowMs: number) {
    this.#bucketMs = windowMs / buckets;
  }

  /** @param now milliseconds of the monotonic clock */
  add(now: number): void {
    this.#moveTo(now);
    const slot = this.#newest % buckets;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#total++;
  }

  total(now: number): number {
    this.#moveTo(now);
    return this.#total;
  }

  /** Empties the buckets that are too old; after a long rest those are all, and none is emptied twice. */
  #moveTo(now: number): void {
    const newest = Math.floor(now / this.#bucketMs);
    for (let next = Math.max(this.#newest + 1, newest - buckets + 1); next <= newest; next++) {
      const slot = next % buckets;
      this.#total -= this.#counts[slot] ?? 0;
      this.#counts[slot] = 0;
    }
    this.#newest = Math.max(this.#newest, newest);
  }
}
