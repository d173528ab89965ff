import { expect, test } from 'vitest';
import type { AlertMetric } from '../../../src/config/alert-configs.js';
import { alertMetrics } from '../../../src/config/alert-configs.js';
import { MetricValues } from '../../../src/telemetry/alerts/metric-values.js';
import { Measure } from '../../../src/telemetry/measure.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Traffic } from '../traffic.js';

/** A service of which all is measured, with two instances and an objective. */
function service() {
  const clock = new ManualClock();
  const measure = new Measure(clock);
  const traffic = new Traffic(measure, clock);
  measure.summary('orders'); // it is known from now on
  clock.advance(20_000);
  const of = (metric: AlertMetric) =>
    new MetricValues('orders', {
      summary: (name) => measure.summary(name),
      queued: () => 7,
      instances: () => ({ total: 3, healthy: 2 }),
      budget: () => ({ availability: 0.99, window: 3_600_000, remaining: 0.25, burnRate: 3 }),
    }).of(metric);
  return { clock, measure, traffic, of };
}

test('of the last ten seconds: rates, shares and latencies', async () => {
  const { clock, traffic, of } = service();
  const instance = traffic.instance('orders-1');
  for (let sent = 0; sent < 7; sent++) await traffic.send({ instance, age: 10 });
  for (let sent = 0; sent < 2; sent++) {
    await traffic.send({
      instance,
      age: 200,
      outcome: { kind: 'answered', status: 500 },
      failed: [{ kind: 'pending' }],
    });
  }
  await traffic.send({ instance, age: 10, outcome: { kind: 'answered', status: 404 } });

  expect(of('error_rate')).toBeCloseTo(0.2);
  expect(of('success_rate')).toBeCloseTo(0.8);
  expect(of('requests')).toBeCloseTo(10 / 9, 1);
  expect(of('errors')).toBeCloseTo(2 / 9, 1);
  expect(of('retries')).toBeCloseTo(2 / 9, 1);
  expect(of('p50')).toBeCloseTo(10, 0);
  expect((of('p99') ?? 0) / 200).toBeCloseTo(1, 1);

  clock.advance(11_000);
  expect(of('error_rate')).toBeUndefined();
});

test('of nothing there is no share and no latency, and rates are 0', () => {
  const { of } = service();
  const values = alertMetrics.slice(0, 8).map((metric) => [metric, of(metric)]);
  expect(Object.fromEntries(values)).toEqual({
    error_rate: undefined,
    success_rate: undefined,
    requests: 0,
    errors: 0,
    retries: 0,
    p50: undefined,
    p95: undefined,
    p99: undefined,
  });
});

test('of now: what is under way, who waits, who is there, and what is left of the budget', async () => {
  const { traffic, of } = service();
  await traffic.begin();
  await traffic.begin();
  expect(alertMetrics.slice(8).map((metric) => [metric, of(metric)])).toEqual([
    ['in_flight', 2],
    ['queue', 7],
    ['healthy_instances', 2],
    ['instances', 3],
    ['burn_rate', 3],
    ['budget', 0.25],
  ]);
});

test('a measure counts what has ended since its service came, and what of it failed', async () => {
  const { clock, measure, traffic } = service();
  expect(measure.counts('orders')).toEqual({ requests: 0, errors: 0 });
  await traffic.send();
  await traffic.begin();
  await traffic.send({ outcome: { kind: 'refused', status: 503, code: 'overloaded' } });
  await traffic.send({ outcome: { kind: 'abandoned' } });
  await traffic.send({ outcome: { kind: 'answered', status: 429 } });
  clock.advance(3_600_000);
  expect(measure.counts('orders')).toEqual({ requests: 4, errors: 1 });
});
