import type { Random } from '../foundation/random.js';
import { BestOfChoices } from './best-of-choices.js';
import type { Loads } from './load.js';
import type { SlowStart } from './slow-start.js';

/**
 * Of a few drawn by chance, the one with the fewest requests under way for its weight. Envoy: LEAST_REQUEST.
 *
 * The weights decide who is drawn, and what is under way, divided by the weight, who wins. Envoy's (active + 1) / weight would
 * count the weight twice here: an idle heavy instance always beats an idle light one by it, and 3:1 would be served as 15:1.
 */
export class LeastRequest extends BestOfChoices {
  constructor(choiceCount: number, loads: Loads, random: Random, slowStart: SlowStart) {
    super('requests', choiceCount, (instance, share) => loads.of(instance).active / share, random, slowStart);
  }
}
