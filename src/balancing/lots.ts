import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import type { Compared } from './compared.js';

/** @param share the instance's weight, where the mean weight is 1 */
export type Cost = (instance: Instance, share: number) => number;

/** Draws by chance, each instance as often as its weight says. */
export class Lots {
  readonly #random: Random;
  readonly #instances: readonly Instance[];
  readonly #weights: readonly number[];
  /** The weight of each instance and of all before it. */
  readonly #sums: readonly number[];
  readonly #total: number;
  readonly #areEqual: boolean;

  constructor(random: Random, instances: readonly Instance[], weights: readonly number[]) {
    this.#random = random;
    this.#instances = instances;
    this.#weights = weights;
    let total = 0;
    this.#sums = weights.map((weight) => {
      total += weight;
      return total;
    });
    this.#total = total;
    this.#areEqual = weights.every((weight) => weight === weights[0]);
  }

  /** undefined when there is nobody to be drawn. */
  draw(): Instance | undefined {
    return this.#instances[this.#any()];
  }

  /**
   * The power of so many choices: of `choiceCount` drawn, the one that costs least, and the first drawn of equals. So while
   * nothing tells the instances apart, each gets its share exactly as its weight says.
   *
   * Equal weights: each next one is another than the best so far; of two instances the better one is always found. Different
   * weights: each draw is by weight and may hit the same one again, for two draws that must differ would give 9:1 as 1:1.
   *
   * @param compared is told what each of them costs
   */
  best(choiceCount: number, cost: Cost, compared: Compared): Instance | undefined {
    let best = this.#any();
    if (this.#instances.length < 2) return this.#instances[best];
    let least = this.#costOf(best, cost);
    for (let drawn = 1; drawn < choiceCount; drawn++) {
      const rival = this.#areEqual ? this.#otherThan(best) : this.#any();
      const its = this.#costOf(rival, cost);
      const isBetter = its < least;
      if (rival !== best) compared.lost(this.#instances[isBetter ? best : rival], isBetter ? least : its);
      if (isBetter) [best, least] = [rival, its];
    }
    compared.score = least;
    return this.#instances[best];
  }

  #costOf(at: number, cost: Cost): number {
    const instance = this.#instances[at];
    if (instance === undefined) return Infinity;
    return cost(instance, ((this.#weights[at] ?? 0) * this.#instances.length) / this.#total);
  }

  #any(): number {
    if (this.#areEqual) return Math.floor(this.#random() * this.#instances.length);
    return this.#holderOf(this.#random() * this.#total);
  }

  #otherThan(at: number): number {
    const count = this.#instances.length;
    return (at + 1 + Math.floor(this.#random() * (count - 1))) % count;
  }

  /** The first whose sum is above the point. */
  #holderOf(point: number): number {
    let low = 0;
    let high = this.#sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sums[middle] ?? 0) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
