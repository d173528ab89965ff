import type { SplitConfig } from '../config/policy-configs.js';
import type { Exchange } from '../exchange/exchange.js';
import { hash } from './hash.js';
import { hashKeyOf } from './hash-key.js';

/** Of 32 bits. */
const hashes = 2 ** 32;

/**
 * Deals requests out to versions, exactly: each request adds to every version what it is due, and the one with the most due
 * gets it and pays for it. So after any number of requests no version is more than one request from its share, where chance
 * would give 90 % ± 3 after a hundred. Requests with the same key always get the same version.
 */
export class Split {
  #config: SplitConfig;
  readonly #due = new Map<string, number>();

  constructor(config: SplitConfig) {
    this.#config = config;
  }

  get config(): SplitConfig {
    return this.#config;
  }

  /** What is due from before is forgotten: the new shares are exact from now on. */
  update(config: SplitConfig): void {
    this.#config = config;
    this.#due.clear();
  }

  versionFor(exchange: Exchange): string {
    const { by } = this.#config;
    const key = by === undefined ? undefined : hashKeyOf(by, exchange);
    return key === undefined ? this.#next() : this.#byKey(key);
  }

  #next(): string {
    let chosen = '';
    let most = Number.NEGATIVE_INFINITY;
    for (const [version, share] of Object.entries(this.#config.shares)) {
      const due = (this.#due.get(version) ?? 0) + share;
      this.#due.set(version, due);
      if (share > 0 && due > most) [chosen, most] = [version, due];
    }
    this.#due.set(chosen, most - 1);
    return chosen;
  }

  /** A key keeps its version when others get more or less, as far as that can be: the borders of the shares move, not the keys. */
  #byKey(key: string): string {
    const at = hash(key) / hashes;
    let border = 0;
    let last = '';
    for (const [version, share] of Object.entries(this.#config.shares)) {
      if (share === 0) continue;
      border += share;
      last = version;
      if (at < border) return version;
    }
    return last; // shares may sum to a hair less than 1
  }
}
