import { describe, expect, test } from 'vitest';
import { LoadBook } from '../../src/balancing/load.js';
import { policyOf } from '../../src/balancing/policies.js';
import type { Policy } from '../../src/balancing/policy.js';
import type { PolicyConfig } from '../../src/config/policy-configs.js';
import { seededRandom } from '../../src/foundation/random.js';
import { ManualClock } from '../support/manual-clock.js';
import { countsOf, instancesOf, pickOf } from './instance.js';

const byHeader = { kind: 'header', name: 'x-user' } as const;
const picks = 100_000;

/** Every policy in the same scenarios; `tolerance` is how far shares may be from the weights, 0–1 of all picks. */
const policies: ReadonlyArray<{ readonly config: PolicyConfig; readonly tolerance: number }> = [
  { config: { kind: 'round-robin' }, tolerance: 1 / picks },
  { config: { kind: 'random' }, tolerance: 0.01 },
  { config: { kind: 'least-request', choiceCount: 2 }, tolerance: 0.01 },
  { config: { kind: 'least-request', choiceCount: 5 }, tolerance: 0.01 },
  { config: { kind: 'peak-ewma', choiceCount: 2 }, tolerance: 0.01 },
  { config: { kind: 'ring-hash', hashOn: byHeader }, tolerance: 0.05 }, // points lie by chance
  { config: { kind: 'maglev', hashOn: byHeader }, tolerance: 0.01 },
];

describe.each(policies)('$config', ({ config, tolerance }) => {
  const start = (): Policy => {
    const clock = new ManualClock();
    return policyOf(config, { clock, random: seededRandom(11), loads: new LoadBook(clock), slowStart: 0 });
  };

  test('of none, none is picked', () => {
    const policy = start();
    expect(pickOf(policy, [])).toBeUndefined();
    const candidates = instancesOf([1, 1]);
    expect(candidates).toContain(pickOf(policy, candidates));
    expect(pickOf(policy, [])).toBeUndefined();
  });

  test('the only one is always picked', () => {
    expect(countsOf(start(), instancesOf([7]), 10)).toEqual([10]);
  });

  test('one that is to be avoided is not picked, however heavy it is', () => {
    const policy = start();
    const candidates = instancesOf([100, 1, 1]);
    const [heavy, second, third] = candidates;
    const avoid = candidates.slice(0, 1);
    const picked = new Set(Array.from({ length: 200 }, () => pickOf(policy, candidates, avoid)));

    expect(picked).toEqual(new Set([second, third]));
    expect(pickOf(policy, candidates, candidates.slice(0, 2))).toBe(third);
    expect(new Set(Array.from({ length: 200 }, () => pickOf(policy, candidates)))).toContain(heavy);
  });

  test.each([
    { name: 'equal', weights: [1, 1, 1] },
    { name: 'different', weights: [5, 1, 3, 1] },
    { name: 'fractions', weights: [0.5, 0.25] },
    { name: 'a hundred', weights: Array.from({ length: 100 }, (_, at) => 1 + (at % 3)) },
  ])('shares are as the weights: $name', ({ weights }) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = countsOf(start(), instancesOf(weights), picks);

    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(picks);
    for (const [at, weight] of weights.entries()) {
      expect(Math.abs((counts[at] ?? 0) / picks - weight / total)).toBeLessThanOrEqual(tolerance);
    }
  });

  test('an instance that has left gets nothing more, and the others share what was its', () => {
    const policy = start();
    const candidates = instancesOf([2, 1, 1]);
    countsOf(policy, candidates, 1_000);
    const rest = candidates.slice(1);
    const counts = countsOf(policy, rest, picks);

    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(picks);
    for (const count of counts) expect(Math.abs(count / picks - 0.5)).toBeLessThanOrEqual(tolerance);
  });

  test('shares stay as the weights while the list is replaced all the time', () => {
    const policy = start();
    const instances = instancesOf([3, 1]);
    let large = 0;
    for (let list = 0; list < 200; list++) large += countsOf(policy, [...instances], 7)[0] ?? 0;
    // 4 standard deviations of a fair draw: 4 × √(1400 × 0.75 × 0.25)
    expect(Math.abs(large - 0.75 * 1_400)).toBeLessThanOrEqual(config.kind === 'round-robin' ? 1 : 65);
  });
});
