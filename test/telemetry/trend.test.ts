import { expect, test } from 'vitest';
import { Measure } from '../../src/telemetry/measure.js';
import { ManualClock } from '../support/manual-clock.js';
import { Traffic } from './traffic.js';

/** A measure of `orders` whose first second begins now. */
function begin() {
  const clock = new ManualClock();
  const measure = new Measure(clock);
  measure.summary('orders');
  return { clock, measure, traffic: new Traffic(measure, clock), startedAt: clock.now() };
}

test('a trend has a number for each whole second, also for one in which nothing happened, and says when it ends', async () => {
  const { clock, measure, traffic, startedAt } = begin();
  const instance = traffic.instance('a');
  await traffic.send({ instance, age: 100 });
  await traffic.send({ instance, age: 10, failed: [{ kind: 'answered', status: 503 }] });
  await traffic.send({ outcome: { kind: 'refused', status: 504, code: 'request_timeout' }, age: 40 });
  clock.advance(2_000);
  await traffic.send({ instance, age: 20 });
  clock.advance(1_000);
  await traffic.send({ instance, age: 20 }); // of the second under way

  const { until, requests, errors, retries, p99 } = measure.trend('orders', 60);

  expect(until - startedAt).toBe(3_000);
  expect({ requests, errors, retries }).toEqual({ requests: [3, 0, 1], errors: [1, 0, 0], retries: [1, 0, 0] });
  expect(p99.map((each) => each === undefined)).toEqual([false, true, false]);
  expect(p99[0]).toBeCloseTo(100, -1);
  expect(p99[2]).toBeCloseTo(20, -1);
});

test('the p99 of each second is that of its full row', async () => {
  const { clock, measure, traffic } = begin();
  const instance = traffic.instance('a');
  for (const count of [1, 2, 99, 100, 101, 250]) {
    for (let at = 1; at <= count; at++) await traffic.send({ instance, age: at * 7 });
    clock.advance(1_000);
    for (let at = 1; at <= count; at++) await traffic.send({ instance, age: at <= 2 ? 1_000 * at : 5 });
    clock.advance(1_000);
  }

  expect(measure.trend('orders', 60).p99).toEqual(measure.series('orders').map(({ duration }) => duration.p99));
});

test('a trend is as long as it was asked for, and shorter where the service is younger', async () => {
  const { clock, measure, traffic } = begin();
  expect(measure.trend('orders', 60)).toMatchObject({ requests: [], errors: [], retries: [], p99: [] });
  for (let second = 0; second < 5; second++) {
    for (let count = 0; count <= second; count++) await traffic.send();
    clock.advance(1_000);
  }

  expect(measure.trend('orders', 3).requests).toEqual([3, 4, 5]);
  expect(measure.trend('orders', 60).requests).toEqual([1, 2, 3, 4, 5]);
});
