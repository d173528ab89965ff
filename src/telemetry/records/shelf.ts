import type { Ring } from '../../foundation/ring-reader.js';
import { Slot } from './slot.js';
import type { Texts } from './texts.js';

/** Exchanges that are remembered of each service: the last ones, and beside them the last that went wrong or were slow. */
const kept = { recent: 1_000, troubled: 200 };

/** The records of one service. The oldest is written over; one of trouble is first put aside, in place of the oldest of those. */
export class Shelf implements Ring<Slot> {
  readonly #recent: Slot[] = [];
  readonly #troubled: Slot[] = [];
  readonly #texts: Texts;
  #end = 0;
  #oldestTroubled = 0;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  get all(): Slot[] {
    return [...this.#recent, ...this.#troubled];
  }

  get begin(): number {
    return Math.max(0, this.#end - kept.recent);
  }

  get end(): number {
    return this.#end;
  }

  at(place: number): Slot | undefined {
    return place >= this.begin && place < this.#end ? this.#recent[place % kept.recent] : undefined;
  }

  /** @param slow milliseconds: from here on an exchange is slow */
  next(slow: number): Slot {
    const at = this.#end % kept.recent;
    const oldest = this.#recent[at];
    const slot = oldest?.isTrouble(slow) ? this.#putAside(oldest) : (oldest ?? new Slot(this.#texts));
    this.#recent[at] = slot;
    this.#end++;
    return slot;
  }

  /** @returns the one that it takes the place of, or a new one */
  #putAside(slot: Slot): Slot {
    const at = this.#oldestTroubled;
    const free = this.#troubled[at] ?? new Slot(this.#texts);
    this.#troubled[at] = slot;
    this.#oldestTroubled = (at + 1) % kept.troubled;
    return free;
  }
}
