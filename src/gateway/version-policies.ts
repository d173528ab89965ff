import type { PolicyRooms } from '../balancing/policies.js';
import { policyOf } from '../balancing/policies.js';
import type { Policy } from '../balancing/policy.js';
import type { LoadBalancerConfig } from '../config/policy-configs.js';

/** The load balancing of a service: for each version a policy of its own, so that shares within it are exact too. */
export class VersionPolicies {
  readonly #config: LoadBalancerConfig;
  readonly #rooms: Omit<PolicyRooms, 'slowStart'>;
  readonly #policies = new Map<string | undefined, Policy>();

  constructor(config: LoadBalancerConfig, rooms: Omit<PolicyRooms, 'slowStart'>) {
    this.#config = config;
    this.#rooms = rooms;
  }

  /** @param version undefined for requests that may go to any */
  for(version: string | undefined): Policy {
    const known = this.#policies.get(version);
    if (known !== undefined) return known;
    const { policy, slowStart } = this.#config;
    const made = policyOf(policy, { ...this.#rooms, slowStart });
    this.#policies.set(version, made);
    return made;
  }
}
