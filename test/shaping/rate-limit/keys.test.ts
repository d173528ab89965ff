import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.js';

/** So many keys are remembered. */
const most = 100_000;

/** An hour for one token: none is full again within a test. */
const slow = { rate: 1 / 3_600, burst: 1 };

const visit = (arrivals: Arrivals, from: number, to: number) => {
  for (let index = from; index < to; index++) arrivals.limiter.take(`key ${index}`, 0);
};

test('no more than 100,000 keys are remembered, and those that have rested longest are forgotten first', () => {
  const arrivals = new Arrivals(slow);
  visit(arrivals, 0, most);
  expect(arrivals.limiter.keys).toBe(most);

  visit(arrivals, 0, 1); // refused, and so used just now
  visit(arrivals, most, most + 2);

  expect(arrivals.limiter.keys).toBe(most);
  const kindOf = (index: number) => arrivals.limiter.take(`key ${index}`, 0).kind;
  expect([0, 3, most, most + 1].map(kindOf), 'remembered').toEqual(['refused', 'refused', 'refused', 'refused']);
  expect([1, 2].map(kindOf), 'forgotten').toEqual(['passed', 'passed']);
});

test('a key for which somebody waits is never forgotten', async () => {
  const arrivals = new Arrivals(slow);
  arrivals.come('first', 'busy');
  arrivals.come('second', 'busy');

  visit(arrivals, 0, 2 * most);

  expect(arrivals.limiter.waiting).toBe(1);
  expect(arrivals.limiter.take('busy', 0).kind).toBe('refused');
  await arrivals.elapse(3_600_000);
  expect(arrivals.names).toEqual(['first', 'second']);
});

test('a key whose bucket is full again is forgotten when others come', async () => {
  const arrivals = new Arrivals({ rate: 100, burst: 1 });
  visit(arrivals, 0, 1_000);
  expect(arrivals.limiter.keys).toBe(1_000);

  await arrivals.elapse(10);
  visit(arrivals, 1_000, 2_000);

  expect(arrivals.limiter.keys).toBe(1_000);
});
