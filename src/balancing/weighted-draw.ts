import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import { Lots } from './lots.js';
import type { SlowStart } from './slow-start.js';

/** Lots for the candidates of a policy, made anew only when one of their weights has changed. */
export class WeightedDraw {
  readonly #random: Random;
  readonly #slowStart: SlowStart;
  #weights: readonly number[] = [];
  #lots: Lots;

  constructor(random: Random, slowStart: SlowStart) {
    this.#random = random;
    this.#slowStart = slowStart;
    this.#lots = new Lots(random, [], this.#weights);
  }

  among(candidates: readonly Instance[], avoid: readonly Instance[]): Lots {
    const weights = this.#slowStart.weightsOf(candidates);
    if (weights !== this.#weights) {
      this.#weights = weights;
      this.#lots = new Lots(this.#random, candidates, weights);
    }
    if (avoid.length === 0) return this.#lots;
    // Once per retry, and those are few.
    const isOpen = candidates.map((instance) => !avoid.includes(instance));
    const open = candidates.filter((_, at) => isOpen[at]);
    const openWeights = weights.filter((_, at) => isOpen[at]);
    return new Lots(this.#random, open, openWeights);
  }
}
