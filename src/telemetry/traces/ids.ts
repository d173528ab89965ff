import { randomFillSync } from 'node:crypto';

/**
 * Bytes that are drawn at once, and made digits of: to ask the system for eight of them costs 2 µs, and from here an id costs
 * 0.04. It is cut out of all digits, and holds on to them: no more than a record may.
 */
const poolSize = 1_024;

/** Draws ids that nobody else has: of traces and of spans. That all digits of one are zero, which W3C forbids, happens once in 10^19. */
export class Ids {
  readonly #fill: (pool: Buffer) => void;
  readonly #pool = Buffer.alloc(poolSize);
  #digits = '';
  /** Those that were not given out yet begin here. */
  #at = 0;

  /** @param fill fills the pool by chance */
  constructor(fill: (pool: Buffer) => void = (pool) => void randomFillSync(pool)) {
    this.#fill = fill;
  }

  /** 32 lower-case hexadecimal digits. */
  trace(): string {
    return this.#take(32);
  }

  /** 16 of them. */
  span(): string {
    return this.#take(16);
  }

  #take(digits: number): string {
    if (this.#at + digits > this.#digits.length) {
      this.#fill(this.#pool);
      this.#digits = this.#pool.toString('hex');
      this.#at = 0;
    }
    const end = this.#at + digits;
    const id = this.#digits.slice(this.#at, end);
    this.#at = end;
    return id;
  }
}
