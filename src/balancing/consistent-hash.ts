import type { HashKeyConfig } from '../config/policy-configs.js';
import type { Grounds } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import { hash } from './hash.js';
import { hashKeyOf } from './hash-key.js';
import type { Policy } from './policy.js';

/** Which instance each hash belongs to. */
export interface HashTable {
  /** One candidate's index for each slot. Neighbours belong together by chance, so whoever steps in for one is spread too. */
  readonly owners: Uint32Array;
  /** @param position a hash of 32 bits */
  slotOf(position: number): number;
}

/** Of 32 bits. */
const positions = 2 ** 32;
/** Not the hash by which a split deals keys out to versions: a version with a tenth of the keys would have a tenth of its table used. */
const keySeed = 1;

/**
 * The same instance for the same key, for as long as it is there; when one comes or goes, few keys move. A request without
 * the key is dealt out at random, by weight. An instance that is to be avoided is passed over for the next in the table.
 */
export class ConsistentHash implements Policy {
  grounds: Grounds;
  readonly #hashOn: HashKeyConfig;
  readonly #random: Random;
  readonly #tableOf: (candidates: readonly Instance[]) => HashTable;
  #candidates: readonly Instance[] = [];
  #table: HashTable = { owners: new Uint32Array(), slotOf: () => 0 };

  /** @param tableOf made once for each list of candidates: that takes milliseconds */
  constructor(hashOn: HashKeyConfig, random: Random, tableOf: (candidates: readonly Instance[]) => HashTable) {
    this.#hashOn = hashOn;
    this.grounds = { kind: 'hash', on: hashOn, position: undefined };
    this.#random = random;
    this.#tableOf = tableOf;
  }

  pick(candidates: readonly Instance[], exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    if (candidates.length < 2) return candidates[0];
    if (candidates !== this.#candidates) {
      this.#candidates = candidates;
      this.#table = this.#tableOf(candidates);
    }
    const key = hashKeyOf(this.#hashOn, exchange);
    const known = key === undefined ? undefined : hash(key, keySeed);
    this.grounds = { kind: 'hash', on: this.#hashOn, position: known };
    return this.#ownerFrom(this.#table.slotOf(known ?? Math.floor(this.#random() * positions)), avoid);
  }

  #ownerFrom(slot: number, avoid: readonly Instance[]): Instance | undefined {
    const { owners } = this.#table;
    for (let step = 0; step < owners.length; step++) {
      const owner = this.#candidates[owners[(slot + step) % owners.length] ?? 0];
      if (owner !== undefined && !avoid.includes(owner)) return owner;
    }
    return undefined;
  }
}
