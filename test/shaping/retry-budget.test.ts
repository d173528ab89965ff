import { expect, test } from 'vitest';
import { RetryBudget } from '../../src/shaping/retry-budget.js';
import { ManualClock } from '../support/manual-clock.js';

function budgetOf(percentage: number, minConcurrency: number, requests: number) {
  const clock = new ManualClock();
  const budget = new RetryBudget({ percentage, minConcurrency }, clock);
  for (let count = 0; count < requests; count++) budget.request();
  return { clock, budget };
}

/** So many retries are granted when they are asked for one after the other, each over before the next. */
function granted(budget: RetryBudget, asked: number): number {
  let count = 0;
  for (let times = 0; times < asked; times++) {
    const giveBack = budget.withdraw();
    if (giveBack !== undefined) count++;
    giveBack?.();
  }
  return count;
}

test.each([
  { percentage: 0.2, requests: 0, retries: 0 },
  { percentage: 0.2, requests: 4, retries: 0 },
  { percentage: 0.2, requests: 5, retries: 1 },
  { percentage: 0.2, requests: 100, retries: 20 },
  { percentage: 0.29, requests: 100, retries: 29 },
  { percentage: 0, requests: 100, retries: 0 },
  { percentage: 1, requests: 100, retries: 100 },
])('$percentage of $requests requests are $retries retries', ({ percentage, requests, retries }) => {
  const { budget } = budgetOf(percentage, 0, requests);

  expect(granted(budget, 200)).toBe(retries);
});

test('a few at once are allowed in any case, until they are over', () => {
  const { budget } = budgetOf(0.2, 3, 0);
  const [first] = [budget.withdraw(), budget.withdraw(), budget.withdraw()];
  expect(budget.withdraw()).toBeUndefined();

  first?.();

  expect(budget.withdraw()).toBeDefined();
  expect(budget.withdraw()).toBeUndefined();
});

test('the few are used ten times a second at most: that is enough for who calls one by one, and adds nothing to a storm', () => {
  const { budget, clock } = budgetOf(0.2, 3, 0);
  expect(granted(budget, 100)).toBe(30);
  expect(budget.numbers).toEqual({ requests: 0, retries: 30, refused: 70 });

  clock.advance(1_000);

  expect(granted(budget, 100)).toBe(30);
});

test('a place that is given back twice is one place', () => {
  const { budget } = budgetOf(0, 1, 0);
  const first = budget.withdraw();
  first?.();
  const second = budget.withdraw();

  first?.();

  expect(second).toBeDefined();
  expect(budget.withdraw()).toBeUndefined();
});

test('those that were allowed in any case count towards the share', () => {
  const { budget } = budgetOf(0.2, 3, 0);
  expect(granted(budget, 3)).toBe(3);
  for (let count = 0; count < 20; count++) budget.request();
  budget.update({ percentage: 0.2, minConcurrency: 0 });

  expect(granted(budget, 10)).toBe(1);
});

test('requests and retries count for ten seconds', () => {
  const { budget, clock } = budgetOf(0.2, 0, 10);
  expect(granted(budget, 10)).toBe(2);

  clock.advance(8_999);
  expect(granted(budget, 10)).toBe(0);
  for (let count = 0; count < 5; count++) budget.request();
  expect(granted(budget, 10)).toBe(1);
  clock.advance(1_001);

  expect(granted(budget, 10), 'of the five requests, that have had their one').toBe(0);
});

test('a service that fails as fast as it is called gets 1.2 times the load that it would get without retries', () => {
  const { budget, clock } = budgetOf(0.2, 3, 0);
  let [requests, retries] = [0, 0];
  for (let time = 0; time < 60_000; time += 2) {
    budget.request();
    requests++;
    retries += granted(budget, 3);
    clock.advance(2);
  }

  expect(retries / requests).toBeGreaterThan(0.19);
  expect(retries / requests).toBeLessThanOrEqual(0.2);
});

test('after a reload another share holds for what was counted before', () => {
  const { budget } = budgetOf(0.1, 0, 100);
  expect(granted(budget, 100)).toBe(10);

  budget.update({ percentage: 0.3, minConcurrency: 0 });

  expect(granted(budget, 100)).toBe(20);
});
