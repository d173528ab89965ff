import type { Random } from '../foundation/random.js';
import { BestOfChoices } from './best-of-choices.js';
import type { Loads } from './load.js';
import type { Cost } from './lots.js';
import type { SlowStart } from './slow-start.js';

/**
 * Of a few drawn by chance, the one that is expected to answer first: its latency times what is under way and the request to
 * come. Finagle and Linkerd: peak EWMA. Which latency is expected is told in `load.ts`.
 *
 * The weights decide who is drawn, and what is under way counts by the weight; see `least-request.ts` for why not more.
 */
export class PeakEwma extends BestOfChoices {
  constructor(choiceCount: number, loads: Loads, random: Random, slowStart: SlowStart) {
    const cost: Cost = (instance, share) => {
      const load = loads.of(instance);
      return load.expected() * (load.active / share + 1);
    };
    super('latency', choiceCount, cost, random, slowStart);
  }
}
