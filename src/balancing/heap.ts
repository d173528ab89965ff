/** What a heap orders: the lowest rank first, of equal ranks the lowest sequence. Neither may change while it is in there. */
export interface Ranked {
  rank: number;
  sequence: number;
}

/** A binary heap: the first of many in O(log n). */
export class Heap<Item extends Ranked> {
  readonly #items: Item[] = [];

  get first(): Item | undefined {
    return this.#items[0];
  }

  push(item: Item): void {
    let at = this.#items.length;
    this.#items.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >>> 1;
      const parent = this.#items[parentAt];
      if (parent === undefined || !isBefore(item, parent)) break;
      this.#items[at] = parent;
      at = parentAt;
    }
    this.#items[at] = item;
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an item in the place of the first, and lets it sink to its own. */
  #sink(item: Item): void {
    let at = 0;
    for (;;) {
      const childAt = this.#earlierChild(at);
      const child = this.#items[childAt];
      if (child === undefined || !isBefore(child, item)) break;
      this.#items[at] = child;
      at = childAt;
    }
    this.#items[at] = item;
  }

  #earlierChild(at: number): number {
    const left = this.#items[2 * at + 1];
    const right = this.#items[2 * at + 2];
    return left !== undefined && right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}

function isBefore(left: Ranked, right: Ranked): boolean {
  return left.rank < right.rank || (left.rank === right.rank && left.sequence < right.sequence);
}
