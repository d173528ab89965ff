import type { Comparison, Grounds } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import { Compared } from './compared.js';
import type { Cost } from './lots.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';
import { WeightedDraw } from './weighted-draw.js';

/** The power of a few choices: of so many drawn by chance and weight, the one that costs least. What it costs is the policy. */
export class BestOfChoices implements Policy {
  grounds: Grounds = { kind: 'chance' };
  readonly #kind: Comparison['kind'];
  readonly #choiceCount: number;
  readonly #cost: Cost;
  readonly #draw: WeightedDraw;

  constructor(kind: Comparison['kind'], choiceCount: number, cost: Cost, random: Random, slowStart: SlowStart) {
    this.#kind = kind;
    this.#choiceCount = choiceCount;
    this.#cost = cost;
    this.#draw = new WeightedDraw(random, slowStart);
  }

  pick(candidates: readonly Instance[], _exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    const compared = new Compared(this.#kind);
    this.grounds = compared;
    return this.#draw.among(candidates, avoid).best(this.#choiceCount, this.#cost, compared);
  }
}
