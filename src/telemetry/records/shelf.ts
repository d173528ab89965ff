import { Slot } from './slot.js';
import type { Texts } from './texts.js';

/** Exchanges that are remembered of each service: the last ones, and beside them the last that went wrong or were slow. */
const kept = { recent: 1_000, troubled: 200 };

/** The records of one service. The oldest is written over; one of trouble is first put aside, in place of the oldest of those. */
export class Shelf {
  readonly #recent: Slot[] = [];
  readonly #troubled: Slot[] = [];
  readonly #texts: Texts;
  #oldest = 0;
  #oldestTroubled = 0;

  constructor(texts: Texts) {
    this.#texts = texts;
  }

  get all(): Slot[] {
    return [...this.#recent, ...this.#troubled];
  }

  /** @param slow milliseconds: from here on an exchange is slow */
  next(slow: number): Slot {
    const at = this.#oldest;
    const oldest = this.#recent[at];
    const slot = oldest?.isTrouble(slow) ? this.#putAside(oldest) : (oldest ?? new Slot(this.#texts));
    this.#recent[at] = slot;
    this.#oldest = (at + 1) % kept.recent;
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
