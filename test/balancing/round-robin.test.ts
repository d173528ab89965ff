import { expect, test } from 'vitest';
import { RoundRobin } from '../../src/balancing/round-robin.js';
import { seededRandom } from '../../src/foundation/random.js';
import type { Instance } from '../../src/registry/instance.js';

function instance(id: string, weight = 1): { weight: number } & Instance {
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
    lease: undefined,
  };
}

function picks(policy: RoundRobin, candidates: readonly Instance[], count: number): string {
  return Array.from({ length: count }, () => policy.pick(candidates)?.id).join(' ');
}

const a = () => instance('a');

test.each([
  { name: 'equal weights take turns', weights: [1, 1, 1], picked: 'a b c a b c' },
  { name: '3:1 does not burst', weights: [3, 1], picked: 'a a b a a a b a' },
  { name: '5:1:1 is spread out', weights: [5, 1, 1], picked: 'a a b a c a a' },
  { name: 'fractions of weights count', weights: [0.5, 1.5], picked: 'b a b b b a b b' },
  { name: 'one is always picked', weights: [7], picked: 'a a a' },
])('$name', ({ weights, picked }) => {
  const candidates = weights.map((weight, at) => instance('abc'[at] ?? '', weight));
  expect(picks(new RoundRobin(), candidates, picked.split(' ').length)).toBe(picked);
});

test('of none, none is picked', () => {
  expect(new RoundRobin().pick([])).toBeUndefined();
});

test('the round goes on when an instance joins or leaves', () => {
  const policy = new RoundRobin();
  const [first, second, third] = [a(), instance('b'), instance('c')];
  expect(picks(policy, [first, second], 1)).toBe('a');
  expect(picks(policy, [first, second, third], 2)).toBe('b c');
  expect(picks(policy, [first, second], 2)).toBe('a b');
});

test('the round goes on when a weight changes', () => {
  const policy = new RoundRobin();
  const [first, second] = [a(), instance('b')];
  expect(picks(policy, [first, second], 1)).toBe('a');
  second.weight = 3;
  expect(picks(policy, [first, second], 4)).toBe('b b a b');
});

test('what was heavy, or had a heavy neighbour, is not kept waiting for it', () => {
  const policy = new RoundRobin();
  const [first, second, third] = [instance('a', 1_000), instance('b'), instance('c')];
  picks(policy, [first, second, third], 500);
  first.weight = 1;
  expect(picks(policy, [first, second, third], 9).match(/a/g)).toHaveLength(3);
  picks(policy, [instance('d', 1_000), second, third], 500);
  expect(new Set(picks(policy, [second, third], 5).split(' '))).toEqual(new Set(['b', 'c']));
});

test('over any full round, each gets exactly its share (100 random sets)', () => {
  const random = seededRandom(7);
  for (let set = 0; set < 100; set++) {
    const candidates = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, at) =>
      instance(String(at), 1 + Math.floor(random() * 9)),
    );
    const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
    const policy = new RoundRobin();
    const counts = new Map<string, number>();
    for (const id of picks(policy, candidates, total).split(' ')) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect(candidates.map(({ id }) => counts.get(id))).toEqual(candidates.map(({ weight }) => weight));
  }
});
