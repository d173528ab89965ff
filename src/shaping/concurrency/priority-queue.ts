import type { Priority } from '../../config/shaping-configs.js';
import { WaitQueue } from '../wait-queue.js';

/** Who waits for a turn: higher priorities first, and within one first come first served. All of it is O(1), amortised. */
export class PriorityQueue<T> {
  readonly #lanes: Readonly<Record<Priority, Lane<T>>> = { high: new Lane(), normal: new Lane(), low: new Lane() };

  get length(): number {
    return this.#lanes.high.length + this.#lanes.normal.length + this.#lanes.low.length;
  }

  /** The answer leaves the place, and does nothing once that has been done, the turn has come, or it was shed. */
  join(priority: Priority, item: T): () => void {
    return this.#lanes[priority].join(item);
  }

  /** Whose turn it is; undefined when nobody waits. */
  next(): T | undefined {
    return this.#lanes.high.next() ?? this.#lanes.normal.next() ?? this.#lanes.low.next();
  }

  /** Takes out the last of the lowest priority, to make room for one of `priority`; undefined when nobody is below it. */
  shed(priority: Priority): T | undefined {
    switch (priority) {
      case 'high':
        return this.#lanes.low.last() ?? this.#lanes.normal.last();
      case 'normal':
        return this.#lanes.low.last();
      case 'low':
        return undefined;
    }
  }
}

/** Fewer places are not worth being looked through for those that are empty. */
const fewPlaces = 32;

/** Those of one priority: a queue at its front, a stack at its end. */
class Lane<T> {
  readonly #queue = new WaitQueue<Place<T>>();
  /** In the order of coming, also those that were left; never many more than are taken. */
  #places: Place<T>[] = [];

  get length(): number {
    return this.#queue.length;
  }

  join(item: T): () => void {
    const place: Place<T> = { item, isTaken: true, quit: () => {} };
    const quit = this.#queue.join(place);
    place.quit = () => {
      place.isTaken = false;
      quit();
    };
    this.#places.push(place);
    if (this.#places.length > fewPlaces + 2 * this.#queue.length) {
      this.#places = this.#places.filter(({ isTaken }) => isTaken);
    }
    return place.quit;
  }

  next(): T | undefined {
    return leaving(this.#queue.next());
  }

  last(): T | undefined {
    let last = this.#places.pop();
    while (last !== undefined && !last.isTaken) last = this.#places.pop();
    return leaving(last);
  }
}

interface Place<T> {
  readonly item: T;
  isTaken: boolean;
  quit: () => void;
}

function leaving<T>(place: Place<T> | undefined): T | undefined {
  place?.quit();
  return place?.item;
}
