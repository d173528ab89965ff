import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import type { Loads } from './load.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';
import { WeightedDraw } from './weighted-draw.js';

/**
 * Of a few drawn by chance, the one with the fewest requests under way for its weight. Envoy: LEAST_REQUEST.
 *
 * The weights decide who is drawn, and what is under way, divided by the weight, who wins. Envoy's (active + 1) / weight would
 * count the weight twice here: an idle heavy instance always beats an idle light one by it, and 3:1 would be served as 15:1.
 */
export class LeastRequest implements Policy {
  readonly #choiceCount: number;
  readonly #loads: Loads;
  readonly #draw: WeightedDraw;

  constructor(choiceCount: number, loads: Loads, random: Random, slowStart: SlowStart) {
    this.#choiceCount = choiceCount;
    this.#loads = loads;
    this.#draw = new WeightedDraw(random, slowStart);
  }

  pick(candidates: readonly Instance[], _exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    return this.#draw.among(candidates, avoid).best(this.#choiceCount, this.#cost);
  }

  readonly #cost = (instance: Instance, share: number): number => this.#loads.of(instance).active / share;
}
