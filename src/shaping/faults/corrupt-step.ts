import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Random } from '../../foundation/random.js';
import type { Fields } from '../../http1/fields.js';

/** Flips one bit in each byte that chance picks, and in one of the first bytes in any case: no answer goes through unharmed. */
export class CorruptStep implements BodyStep {
  readonly held = 0;
  readonly #share: number;
  readonly #random: Random;
  readonly #rooms: StepRooms;
  /** Bytes up to the next that is hit; undefined before the first. */
  #toNext: number | undefined;

  /** @param share 0–1, of the bytes */
  constructor(share: number, random: Random, rooms: StepRooms) {
    this.#share = share;
    this.#random = random;
    this.#rooms = rooms;
  }

  get holdsNothing(): boolean {
    return this.#rooms.behind.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    const first = Math.min(bytes.length, 1 / this.#share);
    let at = this.#toNext ?? Math.floor(this.#random() * first);
    const harmed = Buffer.from(bytes); // others may look at the same bytes
    for (; at < harmed.length; at += 1 + this.#gap())
      harmed[at] = (harmed[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    this.#toNext = at - harmed.length;
    return this.#rooms.behind.write(harmed);
  }

  end(trailers: Fields): void {
    this.#rooms.behind.end(trailers);
  }

  fail(): void {
    this.#rooms.behind.fail();
  }

  resume(): void {
    this.#rooms.more();
  }

  stop(): void {}

  /** Bytes that are spared until the next one is hit, where each is hit with the same chance: one draw for each that is, and not for each byte. */
  #gap(): number {
    if (this.#share >= 1) return 0;
    return Math.floor(Math.log(1 - this.#random()) / Math.log1p(-this.#share)); // not log(1 - share): what is tiny would be none
  }
}
