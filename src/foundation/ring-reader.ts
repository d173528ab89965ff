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
  | { readonly kind: 'item'; readonly item: Item; readonly ring: Ring<Item>; readonly place: number }
  /** So many of the ring of that name were gone before the reader came to them. */
  | { readonly kind: 'skipped'; readonly name: string; readonly count: number };

/**
 * Reads several rings as one, at its own pace, in the order of their items. It holds a place in each and no item: a reader
 * that does not read on costs nothing, and learns how much was gone by the time that it did.
 */
export class RingReader<Item> {
  readonly #rings: () => Iterable<readonly [string, Ring<Item>]>;
  readonly #orderOf: (item: Item) => number;
  /** Of a ring that comes later, everything is new. A name may come back with another ring. */
  readonly #places = new WeakMap<Ring<Item>, number>();

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
    for (const [, ring] of rings()) this.#places.set(ring, startIn(ring));
  }

  /** Of the items that come next in each ring, the earliest, again and again until it is passed; or that some are gone, once. */
  next(): RingStep<Item> | undefined {
    let earliest: Extract<RingStep<Item>, { kind: 'item' }> | undefined;
    for (const [name, ring] of this.#rings()) {
      const place = this.#places.get(ring) ?? 0;
      if (place < ring.begin) {
        this.#places.set(ring, ring.begin);
        return { kind: 'skipped', name, count: ring.begin - place };
      }
      const item = ring.at(place);
      if (item === undefined) continue;
      const isEarlier = earliest === undefined || this.#orderOf(item) < this.#orderOf(earliest.item);
      if (isEarlier) earliest = { kind: 'item', item, ring, place };
    }
    return earliest;
  }

  pass({ ring, place }: Extract<RingStep<Item>, { kind: 'item' }>): void {
    this.#places.set(ring, place + 1);
  }
}
