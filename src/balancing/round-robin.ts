import type { Instance } from '../registry/instance.js';
import type { Policy } from './policy.js';

/**
 * Smooth weighted round-robin: each instance earns its weight per turn, the richest is picked and pays for all. 3:1 gives
 * `a a b a` and never a burst; equal weights simply take turns. An instance keeps what it has earned when others come, go
 * or change their weight, so a reload does not start the round anew; but never more than one whole round of it: the debt of
 * a weight of 1000 would keep an instance without requests for long after it is given the weight 1.
 */
export class RoundRobin implements Policy {
  readonly #earned = new WeakMap<Instance, number>();

  pick(candidates: readonly Instance[]): Instance | undefined {
    let total = 0;
    for (const { weight } of candidates) total += weight;
    let richest: Instance | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const candidate of candidates) {
      const kept = Math.max(-total, Math.min(total, this.#earned.get(candidate) ?? 0));
      const earned = kept + candidate.weight;
      this.#earned.set(candidate, earned);
      if (earned > most) [richest, most] = [candidate, earned];
    }
    if (richest !== undefined) this.#earned.set(richest, most - total);
    return richest;
  }
}
