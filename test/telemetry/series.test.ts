import { expect, test } from 'vitest';
import { Measure } from '../../src/telemetry/measure.js';
import { ManualClock } from '../support/manual-clock.js';
import { Traffic } from './traffic.js';

/** A measure whose first second is over. */
function begin(queued?: (service: string) => number) {
  const clock = new ManualClock();
  const measure = new Measure(clock, queued);
  measure.summary('orders'); // from now on there are seconds of it
  return { clock, measure, traffic: new Traffic(measure, clock) };
}

test('each second has a row of its own, also one in which nothing happened', async () => {
  const { clock, measure, traffic } = begin();
  const startedAt = clock.now();
  const instance = traffic.instance('a');
  await traffic.send({ instance, took: 100, sent: 10, received: 200 });
  await traffic.send({ instance, took: 300, outcome: { kind: 'answered', status: 503 } });
  clock.advance(2_000);
  await traffic.send({ outcome: { kind: 'refused', status: 504, code: 'request_timeout' } });
  clock.advance(1_000);

  const rows = measure.series('orders');

  expect(rows.map(({ at }) => at - startedAt)).toEqual([0, 1_000, 2_000]);
  expect(rows.map(({ requests, errors }) => [requests, errors])).toEqual([
    [2, 1],
    [0, 0],
    [1, 1],
  ]);
  expect(rows[0]).toMatchObject({
    byClass: { none: 0, '1xx': 0, '2xx': 1, '3xx': 0, '4xx': 0, '5xx': 1 },
    byReason: {},
    requestBytes: 10,
    responseBytes: 200,
  });
  expect(rows[0]?.duration.p99).toBeCloseTo(300, -1);
  expect(rows[0]?.upstream.p50).toBeCloseTo(100, -1);
  expect(rows[0]?.waiting).toEqual({ p50: undefined, p95: undefined, p99: undefined });
  expect(rows[1]?.duration.p50).toBeUndefined();
  expect(rows[2]).toMatchObject({ byReason: { timeout: 1 }, byClass: { '5xx': 1 } });
});

test('a request under way counts in every second until it ends, whether or not something else happens', async () => {
  const { clock, measure, traffic } = begin();
  const endFirst = await traffic.begin();
  clock.advance(2_500);
  const endSecond = await traffic.begin();
  clock.advance(2_000);
  endFirst();
  clock.advance(1_000);

  const inFlight = () => measure.series('orders').map((row) => row.inFlight);
  expect(inFlight()).toEqual([1, 1, 2, 2, 1]);
  endSecond();
  clock.advance(1_000);
  expect(inFlight()).toEqual([1, 1, 2, 2, 1, 0]);
  expect(measure.summary('orders').inFlight).toBe(0);
});

test('what waits in the queues is looked at when the first request of a second comes', async () => {
  let waiting = 3;
  const { clock, measure, traffic } = begin((service) => (service === 'orders' ? waiting : 99));
  clock.advance(1_000);
  await traffic.send();
  waiting = 7;
  clock.advance(1_000);
  await traffic.send();
  clock.advance(1_000);

  expect(measure.series('orders').map(({ queued }) => queued)).toEqual([0, 3, 7]);
});

test('waits, retries and the attempts of a request are told apart', async () => {
  const { clock, measure, traffic } = begin();
  const waits = [
    { kind: 'rate-limit', milliseconds: 40, startedAt: 0 },
    { kind: 'backoff', milliseconds: 10, startedAt: 40 },
  ] as const;
  await traffic.send({
    instance: traffic.instance('a'),
    waits,
    failed: [{ kind: 'answered', status: 503 }],
    took: 100,
  });
  clock.advance(1_000);

  const [row] = measure.series('orders');
  expect(row).toMatchObject({ requests: 1, errors: 0, retries: 1 });
  expect(row?.waiting.p50).toBeCloseTo(50, -1);
});

test('fifteen minutes are remembered, and no more', async () => {
  const { clock, measure, traffic } = begin();
  await traffic.send({ outcome: { kind: 'answered', status: 500 } });
  for (let second = 0; second < 899; second++) {
    clock.advance(1_000);
    await traffic.send();
  }
  clock.advance(1_000);
  expect(measure.series('orders')).toHaveLength(900);
  expect(measure.series('orders')[0]).toMatchObject({ errors: 1 });

  clock.advance(1_000);
  expect(measure.series('orders')).toHaveLength(900);
  expect(measure.series('orders')[0]).toMatchObject({ errors: 0, requests: 1 });
  clock.advance(3_600_000);
  expect(measure.series('orders').every(({ requests }) => requests === 0)).toBe(true);
});

test.each([
  [10, 1 / 9, 1],
  [30, 1 / 29, 1],
  [31, 2 / 30, 0.5],
  [60, 2 / 59, 0.5],
])('a summary of %i seconds looks no further back', async (seconds, requestsPerSecond, errorRate) => {
  const { clock, measure, traffic } = begin();
  clock.advance(100_000);
  await traffic.send();
  clock.advance(30_000);
  await traffic.send({ outcome: { kind: 'answered', status: 500 } });

  const summary = measure.summary('orders', seconds);
  expect(summary.errorRate).toBe(errorRate);
  expect(summary.requestsPerSecond).toBeCloseTo(requestsPerSecond, 5);
});

test('callers, routes and instances have numbers of their own', async () => {
  const { measure, traffic } = begin();
  const [a, b] = [traffic.instance('a'), traffic.instance('b')];
  await traffic.send({ caller: 'web', route: 'shop.localhost/', instance: a, took: 20 });
  await traffic.send({ caller: 'web', instance: b, took: 80, outcome: { kind: 'answered', status: 500 } });
  await traffic.send({ instance: b, took: 80 });

  const { callers, routes, instances } = measure.breakdown('orders');

  expect([...callers.keys()]).toEqual(['web', 'anonymous']);
  expect(callers.get('web')?.errorRate).toBe(0.5);
  expect(callers.get('anonymous')?.errorRate).toBe(0);
  expect([...routes.keys()]).toEqual(['shop.localhost/', '']);
  expect(instances.get('a')?.p50).toBeCloseTo(20, -0.5);
  expect(instances.get('b')?.errorRate).toBe(0.5);
});

test('what parts did is forgotten in steps of ten seconds', async () => {
  const { clock, measure, traffic } = begin();
  await traffic.send({ caller: 'web', outcome: { kind: 'answered', status: 500 } });
  clock.advance(15_000);
  expect(measure.breakdown('orders').callers.get('web')?.errorRate).toBe(1);
  clock.advance(10_000);
  expect(measure.breakdown('orders').callers.get('web')?.errorRate).toBe(0);
});
