import type { Exchange } from '../exchange/exchange.js';
import type { Random } from '../foundation/random.js';
import type { Instance } from '../registry/instance.js';
import type { Loads } from './load.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';
import { WeightedDraw } from './weighted-draw.js';

/**
 * Of a few drawn by chance, the one that is expected to answer first: its latency times what is under way and the request to
 * come. Finagle and Linkerd: peak EWMA. Which latency is expected is told in `load.ts`.
 *
 * The weights decide who is drawn, and what is under way counts by the weight; see `least-request.ts` for why not more.
 */
export class PeakEwma implements Policy {
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

  readonly #cost = (instance: Instance, share: number): number => {
    const load = this.#loads.of(instance);
    return load.expected() * (load.active / share + 1);
  };
}
