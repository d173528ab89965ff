import type { Grounds } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';
import { WeightedDraw } from './weighted-draw.js';

/** Each request by itself, by chance, in proportion to the weights. Envoy: RANDOM. */
export class RandomChoice implements Policy {
  readonly grounds: Grounds = { kind: 'chance' };
  readonly #draw: WeightedDraw;

  constructor(random: Random, slowStart: SlowStart) {
    this.#draw = new WeightedDraw(random, slowStart);
  }

  pick(candidates: readonly Instance[], _exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    return this.#draw.among(candidates, avoid).draw();
  }
}
