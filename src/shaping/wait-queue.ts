/** Who waits for a turn, first come first served. Coming, going in front and leaving from the middle are all O(1). */
export class WaitQueue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes the last place; the answer leaves it, and does nothing once that has been done or the turn has come. */
  join(item: T): () => void {
    const place: Place<T> = { item, before: this.#last, after: undefined, isTaken: true };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#length++;
    return () => this.#leave(place);
  }

  /** Whose turn it is; undefined when nobody waits. */
  next(): T | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    this.#leave(first);
    return first.item;
  }

  #leave(place: Place<T>): void {
    if (!place.isTaken) return;
    place.isTaken = false;
    if (place.before === undefined) this.#first = place.after;
    else place.before.after = place.after;
    if (place.after === undefined) this.#last = place.before;
    else place.after.before = place.before;
    this.#length--;
  }
}

/** A list linked both ways. A Set would be shorter, but looks for its first member past all those that have left. */
interface Place<T> {
  readonly item: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isTaken: boolean;
}
