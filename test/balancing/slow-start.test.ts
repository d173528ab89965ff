import { expect, test } from 'vitest';
import { LoadBook } from '../../src/balancing/load.js';
import { policyOf } from '../../src/balancing/policies.js';
import { SlowStart } from '../../src/balancing/slow-start.js';
import type { PolicyConfig } from '../../src/config/policy-configs.js';
import { seededRandom } from '../../src/foundation/random.js';
import { ManualClock } from '../support/manual-clock.js';
import { countsOf, instanceOf, instancesOf } from './instance.js';

/** Milliseconds. */
const window = 10_000;

function begin() {
  const clock = new ManualClock();
  return { clock, slowStart: new SlowStart(clock, window) };
}

test('an instance that has come grows from a tenth to all of its weight, and then stays there', () => {
  const { clock, slowStart } = begin();
  const candidates = [...instancesOf([1, 3]), instanceOf('new', 2, clock.monotonic())];
  const grown = () => slowStart.weightsOf(candidates)[2];

  expect(slowStart.weightsOf(candidates)).toEqual([1, 3, 0.2]);
  clock.advance(window / 2);
  expect(grown()).toBeCloseTo(2 * (0.1 + 0.9 / 2));
  clock.advance(window / 2 - 1);
  expect(grown()).toBeLessThan(2);
  clock.advance(window);
  expect(slowStart.weightsOf(candidates)).toEqual([1, 3, 2]);
});

test('it grows from when it came, whenever it is looked at for the first time', () => {
  const { clock, slowStart } = begin();
  const candidates = [instanceOf('old'), instanceOf('new', 1, clock.monotonic())];
  clock.advance(window / 2);
  expect(slowStart.weightsOf(candidates)[1]).toBeCloseTo(0.55);
});

test('where all have come together, all have the same share', () => {
  const { clock, slowStart } = begin();
  const now = clock.monotonic();
  expect(slowStart.weightsOf([instanceOf('a', 1, now), instanceOf('b', 2, now)])).toEqual([0.1, 0.2]);
});

test('the weights are the same array while nothing grows, and another when something has', () => {
  const { clock, slowStart } = begin();
  const candidates = instancesOf([1, 1]);
  const before = slowStart.weightsOf(candidates);
  clock.advance(window);
  expect(slowStart.weightsOf(candidates)).toBe(before);
  const more = [...candidates, instanceOf('new', 1, clock.monotonic())];
  const young = slowStart.weightsOf(more);
  expect(slowStart.weightsOf(more)).toBe(young);
  clock.advance(window / 10);
  expect(slowStart.weightsOf(more)).not.toBe(young);
});

const policies: PolicyConfig[] = [
  { kind: 'round-robin' },
  { kind: 'random' },
  { kind: 'least-request', choiceCount: 2 },
  { kind: 'peak-ewma', choiceCount: 2 },
];

test.each(policies)('$kind gives a newcomer as much as it has grown', (config) => {
  const clock = new ManualClock();
  const rooms = { clock, random: seededRandom(4), loads: new LoadBook(clock), slowStart: window };
  const policy = policyOf(config, rooms);
  const old = instancesOf([1]);
  countsOf(policy, old, 10);
  const candidates = [...old, instanceOf('new', 1, clock.monotonic())];
  const share = () => (countsOf(policy, candidates, 20_000)[1] ?? 0) / 20_000;

  expect(share()).toBeCloseTo(0.1 / 1.1, 1.7);
  clock.advance(window / 2);
  expect(share()).toBeCloseTo(0.55 / 1.55, 1.7); // within 0.01
  clock.advance(window / 2);
  expect(share()).toBeCloseTo(0.5, 1.7);
});

test('without a slow start, a newcomer has its whole share at once', () => {
  const clock = new ManualClock();
  const rooms = { clock, random: seededRandom(4), loads: new LoadBook(clock), slowStart: 0 };
  const policy = policyOf({ kind: 'round-robin' }, rooms);
  const old = instancesOf([1]);
  countsOf(policy, old, 10);
  expect(countsOf(policy, [...old, instanceOf('new', 1, clock.monotonic())], 100)).toEqual([50, 50]);
});
