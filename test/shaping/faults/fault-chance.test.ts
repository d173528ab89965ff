import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/foundation/random.js';
import { delayTime } from '../../../src/shaping/faults/delay-time.js';
import { chanceOf } from '../../../src/shaping/faults/fault-chance.js';

const base = { seed: 42, service: 'orders', fault: 0, request: 0, attempt: 0 };
const first = (changes: Partial<typeof base>) => chanceOf({ ...base, ...changes })();

test('the same throw falls the same way, whatever was thrown before', () => {
  expect(first({ request: 17 })).toBe(first({ request: 17 }));
});

test.each([
  ['seed', { seed: 43 }],
  ['service', { service: 'orderz' }],
  ['fault', { fault: 1 }],
  ['request', { request: 1 }],
  ['attempt', { attempt: 1 }],
])('another %s is another throw', (_, change) => {
  expect(first(change)).not.toBe(first({}));
});

test.each([
  ['requests', (n: number) => ({ request: n })],
  ['faults', (n: number) => ({ fault: n })],
  ['attempts', (n: number) => ({ attempt: n })],
  ['seeds', (n: number) => ({ seed: n })],
])('over many %s, each tenth of the range comes equally often', (_, change) => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 10_000; n++) {
    const tenth = Math.floor(first(change(n)) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150); // five standard deviations
});

test('the second attempt of a request knows nothing of the first', () => {
  let both = 0;
  for (let request = 0; request < 10_000; request++) {
    if (first({ request }) < 0.5 && first({ request, attempt: 1 }) < 0.5) both++;
  }
  expect(Math.abs(both - 2_500)).toBeLessThan(220);
});

const delay = { kind: 'delay', time: 100, jitter: 50 } as const;
const times = (distribution: 'uniform' | 'normal' | 'exponential', time = 100) => {
  const random = seededRandom(1);
  return Array.from({ length: 20_000 }, () => delayTime({ ...delay, time, distribution }, random));
};
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

test('a uniform delay lies within its jitter, and all of it is used', () => {
  const values = times('uniform');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(50);
  expect(Math.min(...values)).toBeLessThan(51);
  expect(Math.max(...values)).toBeLessThanOrEqual(150);
  expect(Math.max(...values)).toBeGreaterThan(149);
  expect(mean(values)).toBeCloseTo(100, 0);
});

test('a normal delay has its jitter as standard deviation', () => {
  const values = times('normal', 1_000);
  expect(Math.abs(mean(values) - 1_000)).toBeLessThan(2);
  expect(Math.abs(deviation(values) - 50)).toBeLessThan(2);
});

test('an exponential delay is never shorter than its time, and its jitter is the mean of what is added', () => {
  const values = times('exponential');
  expect(Math.min(...values)).toBeGreaterThanOrEqual(100);
  expect(Math.abs(mean(values) - 150)).toBeLessThan(2);
});

test('no delay is less than none', () => {
  expect(Math.min(...times('normal', 0))).toBe(0);
});
