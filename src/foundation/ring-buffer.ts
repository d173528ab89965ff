/** The last `capacity` things, oldest first. Pushing is O(1) and never grows memory. */
export class RingBuffer<T> implements Iterable<T> {
  readonly #capacity: number;
  readonly #slots: T[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    if (this.#slots.length < this.#capacity) {
      this.#slots.push(item);
      return;
    }
    this.#slots[this.#oldest] = item;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#slots.slice(this.#oldest);
    yield* this.#slots.slice(0, this.#oldest);
  }
}
