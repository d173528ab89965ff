import { expect, test } from 'vitest';
import { RoundRobin } from '../../src/balancing/round-robin.js';
import { SlowStart } from '../../src/balancing/slow-start.js';
import { seededRandom } from '../../src/foundation/random.js';
import type { Instance } from '../../src/registry/instance.js';
import { ManualClock } from '../support/manual-clock.js';
import { countsOf, instanceOf, instancesOf, pickOf, picksOf } from './instance.js';

const roundRobin = () => new RoundRobin(new SlowStart(new ManualClock(), 0));
const a = () => instanceOf('a');
const b = () => instanceOf('b');
const c = () => instanceOf('c');

test.each([
  { name: 'equal weights take turns', weights: [1, 1, 1], picked: 'a b c a b c' },
  { name: '3:1 does not burst', weights: [3, 1], picked: 'a a b a a a b a' },
  { name: '5:1:1 is spread out', weights: [5, 1, 1], picked: 'a a a b a c a a a a b a c a' },
  { name: 'a heavy one is spread among light ones', weights: [3, 1, 1, 1], picked: 'a b a c d a' },
  { name: 'fractions of weights count', weights: [0.5, 1.5], picked: 'b b a b b b a b' },
  { name: 'the order of the list is no privilege', weights: [1, 3], picked: 'b b a b b b a b' },
])('$name', ({ weights, picked }) => {
  const candidates = weights.map((weight, at) => instanceOf('abcd'[at] ?? '', weight));
  expect(picksOf(roundRobin(), candidates, picked.split(' ').length)).toBe(picked);
});

test('after any number of picks, nobody is a whole pick from what is its due (100 random sets)', () => {
  const random = seededRandom(7);
  for (let set = 0; set < 100; set++) {
    const weights = Array.from({ length: 1 + Math.floor(random() * 12) }, () => 1 + Math.floor(random() ** 3 * 40));
    expect(largestLag(roundRobin(), instancesOf(weights), 500)).toBeLessThan(1);
  }
});

test('over a full round, each gets exactly its share', () => {
  const weights = [9, 1, 4, 2, 2];
  expect(countsOf(roundRobin(), instancesOf(weights), 18)).toEqual(weights);
});

test('the round goes on when an instance joins or leaves', () => {
  const policy = roundRobin();
  const [first, second, third] = [a(), b(), c()];
  expect(picksOf(policy, [first, second], 1)).toBe('a');
  expect(picksOf(policy, [first, second, third], 2)).toBe('b c');
  expect(picksOf(policy, [first, second], 2)).toBe('a b');
});

test('an instance that goes away and comes back at once gains nothing by it', () => {
  const policy = roundRobin();
  const [first, second, third] = [a(), b(), c()];
  let picked = '';
  for (let round = 0; round < 50; round++) {
    picked += picksOf(policy, [first, second, third], 1);
    picked += picksOf(policy, [first, second], 1);
  }
  // c is there half of the time: 50 picks, a third each.
  expect(picked.match(/c/g)?.length).toBeGreaterThanOrEqual(15);
  expect(picked.match(/c/g)?.length).toBeLessThanOrEqual(18);
});

test('a new weight counts from the next pick on', () => {
  const policy = roundRobin();
  const [first, second] = [a(), b()];
  expect(picksOf(policy, [first, second], 1)).toBe('a');
  second.weight = 3;
  const candidates = [first, second];
  expect(picksOf(policy, candidates, 4)).toBe('b b b b'); // a had its pick half a turn too early
  expect(countsOf(policy, candidates, 400)).toEqual([100, 300]);
});

test('what was heavy, or had a heavy neighbour, is not kept waiting for it', () => {
  const policy = roundRobin();
  const [first, second, third] = [instanceOf('a', 1_000), b(), c()];
  picksOf(policy, [first, second, third], 500);
  first.weight = 1;
  expect(picksOf(policy, [first, second, third], 9).match(/a/g)?.length).toBeGreaterThanOrEqual(2);
  picksOf(policy, [instanceOf('d', 1_000), second, third], 500);
  expect(new Set(picksOf(policy, [second, third], 5).split(' '))).toEqual(new Set(['b', 'c']));
});

test('what was heavy while its neighbours had all had their turns is not kept waiting for it', () => {
  const policy = roundRobin();
  const heavy = instanceOf('heavy', 1_000);
  const lights = instancesOf(Array.from({ length: 200 }, () => 1));
  const counts = countsOf(policy, [...lights, heavy], 600);
  const served = lights.filter((_, at) => counts[at] === 1);
  expect(served.length).toBe(100);
  countsOf(policy, [...served, heavy], 400); // the others have left: for a while only the heavy one is due anything
  heavy.weight = 1;
  expect(countsOf(policy, [heavy, ...served], 303)[0]).toBeGreaterThanOrEqual(2);
});

test('whoever was passed over for a retry is next, and owes nothing', () => {
  const policy = roundRobin();
  const candidates = [a(), b(), c()];
  expect(pickOf(policy, candidates, candidates.slice(0, 1))?.id).toBe('b');
  expect(picksOf(policy, candidates, 5)).toBe('a c b a c');
});

test('nobody starves while instances come and go at random', () => {
  const random = seededRandom(5);
  const policy = roundRobin();
  const steady = instanceOf('steady');
  const others = instancesOf(Array.from({ length: 20 }, (_, at) => 1 + (at % 10)));
  let due = 0;
  let had = 0;
  for (let change = 0; change < 500; change++) {
    const list = [steady, ...others.filter(() => random() < 0.5)];
    due += 20 / list.reduce((sum, { weight }) => sum + weight, 0);
    had += countsOf(policy, list, 20)[0] ?? 0;
  }
  expect(Math.abs(had - due) / due).toBeLessThan(0.1);
});

/** By how many picks an instance was ahead or behind, at the worst. */
function largestLag(policy: RoundRobin, candidates: readonly Instance[], picks: number): number {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  const counts = new Map<Instance | undefined, number>();
  let largest = 0;
  for (let pick = 1; pick <= picks; pick++) {
    const picked = pickOf(policy, candidates);
    counts.set(picked, (counts.get(picked) ?? 0) + 1);
    for (const candidate of candidates) {
      const lag = (pick * candidate.weight) / total - (counts.get(candidate) ?? 0);
      largest = Math.max(largest, Math.abs(lag));
    }
  }
  return largest;
}
