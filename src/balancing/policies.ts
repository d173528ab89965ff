import type { PolicyConfig } from '../config/policy-configs.js';
import type { Clock } from '../foundation/clock.js';
import type { Random } from '../foundation/random.js';
import { ConsistentHash } from './consistent-hash.js';
import { LeastRequest } from './least-request.js';
import type { Loads } from './load.js';
import { maglevOf } from './maglev.js';
import { PeakEwma } from './peak-ewma.js';
import type { Policy } from './policy.js';
import { RandomChoice } from './random.js';
import { ringOf } from './ring-hash.js';
import { RoundRobin } from './round-robin.js';
import { SlowStart } from './slow-start.js';

export interface PolicyRooms {
  readonly clock: Clock;
  readonly random: Random;
  readonly loads: Loads;
  /** Milliseconds. The hashing policies have none: a growing weight would move keys all the time. */
  readonly slowStart: number;
}

/** The policy of that name, without any past: one for each service and version. */
export function policyOf(config: PolicyConfig, { clock, random, loads, slowStart }: PolicyRooms): Policy {
  const weights = new SlowStart(clock, slowStart);
  switch (config.kind) {
    case 'round-robin':
      return new RoundRobin(weights);
    case 'random':
      return new RandomChoice(random, weights);
    case 'least-request':
      return new LeastRequest(config.choiceCount, loads, random, weights);
    case 'peak-ewma':
      return new PeakEwma(config.choiceCount, loads, random, weights);
    case 'ring-hash':
      return new ConsistentHash(config.hashOn, random, ringOf);
    case 'maglev':
      return new ConsistentHash(config.hashOn, random, maglevOf);
  }
}
