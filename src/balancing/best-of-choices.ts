import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import type { Cost } from './lots.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';
import { WeightedDraw } from './weighted-draw.js';

/** The power of a few choices: of so many drawn by chance and weight, the one that costs least. What it costs is the policy. */
export class BestOfChoices implements Policy {
  readonly #choiceCount: number;
  readonly #cost: Cost;
  readonly #draw: WeightedDraw;

  constructor(choiceCount: number, cost: Cost, random: Random, slowStart: SlowStart) {
    this.#choiceCount = choiceCount;
    this.#cost = cost;
    this.#draw = new WeightedDraw(random, slowStart);
  }

  pick(candidates: readonly Instance[], _exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    return this.#draw.among(candidates, avoid).best(this.#choiceCount, this.#cost);
  }
}
