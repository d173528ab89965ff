import type { Policy } from '../../src/balancing/policy.js';
import type { Instance } from '../../src/registry/instance.js';
import { exchangeOf } from '../support/exchange.js';

/** An instance as the registry has it, there for long; its weight may be changed, as the registry does. */
export function instanceOf(id: string, weight = 1, routableSince = -1e9): { weight: number } & Instance {
  return {
    id,
    weight,
    service: 'orders',
    address: { host: '127.0.0.1', port: 4001 },
    version: undefined,
    metadata: {},
    source: 'file',
    health: 'healthy',
    healthReason: undefined,
    ejection: undefined,
    lease: undefined,
    routableSince,
  };
}

/** `i0`, `i1` … with these weights. */
export function instancesOf(weights: readonly number[]): Instance[] {
  return weights.map((weight, at) => instanceOf(`i${at}`, weight));
}

const someExchange = exchangeOf();
const nobody: readonly Instance[] = [];

/** One pick for a request of which nothing is known. */
export function pickOf(policy: Policy, candidates: readonly Instance[], avoid = nobody): Instance | undefined {
  return policy.pick(candidates, someExchange, avoid);
}

/** Who was picked, in order, as ids with a space between. */
export function picksOf(policy: Policy, candidates: readonly Instance[], count: number): string {
  return Array.from({ length: count }, () => pickOf(policy, candidates)?.id).join(' ');
}

/** How often each candidate was picked, in their order. */
export function countsOf(policy: Policy, candidates: readonly Instance[], count: number): number[] {
  const counts = new Map<Instance | undefined, number>();
  for (let pick = 0; pick < count; pick++) {
    const picked = pickOf(policy, candidates);
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
  }
  return candidates.map((candidate) => counts.get(candidate) ?? 0);
}
