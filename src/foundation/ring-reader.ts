/** The last things of one kind. Each has a place, counted from the first one ever. */
export interface Ring<Item> {
  /** Place of the oldest one that is kept. */
  readonly begin: number;
  /** Place of the one that comes next. */
  readonly end: number;
  /** Undefined for one that is not kept any more, or not there yet. */
  at(place: number): Item | undefined;
}

export type RingStep<Item> =
  | { readonly kind: 'item'; readonly item: Item; readonly mark: Mark<Item> }
  /** So many of the ring of that name were gone before the reader came to them. */
  | { readonly kind: 'skipped'; readonly name: string; readonly count: number };

/** Where the reader is in a ring. */
interface Mark<Item> {
  readonly name: string;
  readonly ring: Ring<Item>;
  place: number;
}

/**
 * Reads several rings as one, at its own pace, in the order of their items. It holds a place in each and no item: a reader
 * that does not read on costs nothing, and learns how much was gone by the time that it did. A ring that goes is read to its
 * end, for it goes with the last things that happened to it; one that comes, be it under a name that was there before, is new.
 */
export class RingReader<Item> {
  readonly #rings: () => Iterable<readonly [string, Ring<Item>]>;
  readonly #orderOf: (item: Item) => number;
  readonly #marks = new Map<Ring<Item>, Mark<Item>>();

  /**
   * @param rings those that are read, by name; may become more, or fewer
   * @param orderOf counts up, over all rings. Times would not do: many items share one, and the clock may be set back
   * @param startIn the place in a ring to begin at
   */
  constructor(
    rings: () => Iterable<readonly [string, Ring<Item>]>,
    orderOf: (item: Item) => number,
    startIn: (ring: Ring<Item>) => number,
  ) {
    this.#rings = rings;
    this.#orderOf = orderOf;
    for (const [name, ring] of rings()) this.#marks.set(ring, { name, ring, place: startIn(ring) });
  }

  /** How many rings a step looks at. */
  get width(): number {
    return Math.max(1, this.#marks.size);
  }

  /** Of the items that come next in each ring, the earliest, again and again until it is passed; or that some are gone, once. */
  next(): RingStep<Item> | undefined {
    let earliest: Extract<RingStep<Item>, { kind: 'item' }> | undefined;
    const gone = this.#meetNewOnes();
    for (const mark of this.#marks.values()) {
      const { name, ring, place } = mark;
      if (place < ring.begin) {
        mark.place = ring.begin;
        return { kind: 'skipped', name, count: ring.begin - place };
      }
      const item = ring.at(place);
      if (item === undefined) {
        if (gone?.has(ring)) this.#marks.delete(ring);
      } else if (earliest === undefined || this.#orderOf(item) < this.#orderOf(earliest.item)) {
        earliest = { kind: 'item', item, mark };
      }
    }
    return earliest;
  }

  pass({ mark }: Extract<RingStep<Item>, { kind: 'item' }>): void {
    mark.place++;
  }

  /** @returns the rings that are there no more; undefined where there are none */
  #meetNewOnes(): ReadonlySet<Ring<Item>> | undefined {
    let present = 0;
    for (const [name, ring] of this.#rings()) {
      present++;
      if (!this.#marks.has(ring)) this.#marks.set(ring, { name, ring, place: 0 });
    }
    if (present === this.#marks.size) return undefined;
    const gone = new Set(this.#marks.keys());
    for (const [, ring] of this.#rings()) gone.delete(ring);
    return gone;
  }
}
