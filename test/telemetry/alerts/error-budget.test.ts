import { expect, test } from 'vitest';
import { ErrorBudget } from '../../../src/telemetry/alerts/error-budget.js';
import { ErrorBudgets } from '../../../src/telemetry/alerts/error-budgets.js';
import { read } from '../../config/read.js';
import { ManualClock } from '../../support/manual-clock.js';

const minute = 60_000;

/** A budget over an hour, at 99 %, of a service that only a test uses. */
function hour() {
  let now = 0;
  let counts = { requests: 0, errors: 0 };
  const budget = new ErrorBudget(60 * minute, now, counts);
  return {
    /** So many requests come, and so many of them fail, within the next milliseconds. */
    pass(milliseconds: number, requests = 0, errors = 0) {
      now += milliseconds;
      counts = { requests: counts.requests + requests, errors: counts.errors + errors };
      budget.count(now, counts);
    },
    remaining: () => budget.remaining(0.99),
    burnRate: () => budget.burnRate(0.99),
  };
}

test('without requests, and without errors, nothing is spent', () => {
  const { pass, remaining, burnRate } = hour();
  expect([remaining(), burnRate()]).toEqual([1, 0]);
  pass(minute, 1_000);
  expect([remaining(), burnRate()]).toEqual([1, 0]);
});

test.each([
  [1_000, 1, 0.9, 0.1],
  [1_000, 5, 0.5, 0.5],
  [1_000, 10, 0, 1],
  [1_000, 144, -13.4, 14.4],
  [10, 10, -99, 100],
])('of %d requests %d failed: what is left is %d of the budget, and it burns at %d', (requests, errors, left, burn) => {
  const { pass, remaining, burnRate } = hour();
  pass(1_000, requests, errors);
  expect(remaining()).toBeCloseTo(left, 10);
  expect(burnRate()).toBeCloseTo(burn, 10);
});

test('it burns as in the last twelfth of the window; what is left is that of all of it', () => {
  const { pass, remaining, burnRate } = hour();
  for (let minutes = 0; minutes < 10; minutes++) pass(minute, 100, 2);
  expect(burnRate()).toBeCloseTo(2, 10);
  for (let minutes = 0; minutes < 5; minutes++) pass(minute, 100);
  expect(burnRate()).toBe(0);
  expect(remaining()).toBeCloseTo(1 - 20 / 15, 10);
});

test('what is older than the window is forgiven, be it looked at all the time or never in between', () => {
  for (const step of [1_000, minute, 61 * minute]) {
    const { pass, remaining } = hour();
    pass(0, 100, 50);
    expect(remaining()).toBeCloseTo(-49, 10);
    for (let passed = 0; passed < 58 * minute; passed += step) pass(step);
    if (step < minute * 61) expect(remaining()).toBeCloseTo(-49, 10);
    for (let passed = 0; passed < 2 * minute; passed += step) pass(step);
    expect(remaining()).toBe(1);
  }
});

test('a service that has gone and come again counts from nought, and loses nothing of before', () => {
  const budget = new ErrorBudget(minute, 0, { requests: 1_000, errors: 100 });
  budget.count(1_000, { requests: 1_100, errors: 101 });
  budget.count(2_000, { requests: 50, errors: 2 });
  expect(budget.remaining(0.9)).toBeCloseTo(1 - 3 / 15, 10);
});

/** Budgets of what a mesh file says, of services whose counts a test gives. */
function budgets(file: string) {
  const clock = new ManualClock();
  const counts = new Map<string, { requests: number; errors: number }>();
  const all = new ErrorBudgets({
    clock,
    services: () => [...counts.keys()],
    counts: (service) => counts.get(service) ?? { requests: 0, errors: 0 },
  });
  const count = (service: string, requests: number, errors: number) => counts.set(service, { requests, errors });
  for (const name of read(file).services.keys()) count(name, 0, 0);
  all.configure(read(file));
  return { clock, all, counts, count };
}

test('each service with an objective has a budget, up to the moment of the question', () => {
  const { clock, all, count } = budgets('services: { orders: { slo: { availability: 90%, window: 1m } }, web: {} }');
  count('orders', 100, 5);
  count('web', 100, 100);
  expect(all.of('orders')).toEqual({ availability: 0.9, window: 60_000, remaining: 0.5, burnRate: 0.5 });
  expect(all.of('web')).toBeUndefined();
  clock.advance(70_000);
  expect(all.of('orders')).toMatchObject({ remaining: 1, burnRate: 0 });
});

test('what comes in between two questions is of its own second, for it is counted each second', () => {
  const { clock, all, count } = budgets('services: { orders: { slo: { availability: 90%, window: 1m } } }');
  count('orders', 100, 10);
  clock.advance(30_000);
  expect(all.of('orders')).toMatchObject({ remaining: 0, burnRate: 0 });
  clock.advance(40_000);
  expect(all.of('orders')).toMatchObject({ remaining: 1 });
});

test('a service that is registered later has the budget of `defaults`, and takes it along', () => {
  const { clock, all, counts, count } = budgets('services: {}\ndefaults: { slo: 90% }');
  clock.advance(1_000);
  count('late', 10, 1);
  clock.advance(1_000);
  count('late', 20, 2);
  expect(all.of('late')).toMatchObject({ remaining: 0 });
  counts.delete('late');
  clock.advance(1_000);
  count('late', 0, 0);
  expect(all.of('late')).toMatchObject({ remaining: 1 });
});

test('a reload keeps what was counted where the window stays, and begins anew where it does not', () => {
  const file = (slo: string) => `services: { orders: { slo: { ${slo} } } }`;
  const { all, count } = budgets(file('availability: 90%, window: 1h'));
  count('orders', 100, 5);
  expect(all.of('orders')).toMatchObject({ remaining: 0.5 });
  all.configure(read(file('availability: 95%, window: 1h')));
  expect(all.of('orders')).toMatchObject({ availability: 0.95, remaining: 0 });
  all.configure(read(file('availability: 95%, window: 2h')));
  expect(all.of('orders')).toMatchObject({ window: 7_200_000, remaining: 1 });
});

test('without objectives no timer runs, and a close ends it', () => {
  const { clock, all } = budgets('services: { orders: {} }');
  expect(clock.pending).toBe(0);
  all.configure(read('services: { orders: { slo: 99% } }'));
  all.configure(read('services: { orders: { slo: 98% } }'));
  expect(clock.pending).toBe(1);
  all.configure(read('services: { orders: {} }'));
  expect(clock.pending).toBe(0);
  all.configure(read('services: { orders: {} }\ndefaults: { slo: 99% }'));
  expect(clock.pending).toBe(1);
  all.close();
  all.configure(read('services: { orders: { slo: 99% } }')); // by a reload while the mesh drains
  expect(clock.pending).toBe(0);
});
