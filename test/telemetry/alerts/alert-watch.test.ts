import { expect, test } from 'vitest';
import type { AlertConfig } from '../../../src/config/alert-configs.js';
import { AlertWatch } from '../../../src/telemetry/alerts/alert-watch.js';
import { read } from '../../config/read.js';
import { ManualClock } from '../../support/manual-clock.js';

/** `queue > 5`, at `orders`, at once; a test names what is different. */
function alertOf(changes: Partial<AlertConfig> = {}): AlertConfig {
  const [alert] = read('services: { orders: {} }\nalerts: [{ name: a, service: orders, when: queue > 5 }]').alerts;
  return { ...(alert ?? expect.fail('there is no alert')), ...changes };
}

/** A watch on services whose queues a test fills, and all that it has told: `2s orders a: pending → firing`. */
function watch(...alerts: AlertConfig[]) {
  const clock = new ManualClock();
  const begun = clock.now();
  const queues = new Map<string, number>([['orders', 0]]);
  const told: string[] = [];
  const asked: string[] = [];
  const watched = new AlertWatch({
    clock,
    services: () => [...queues.keys()],
    queued: (service) => queues.get(service) ?? 0,
    instances: () => ({ total: 0, healthy: 0 }),
    budget: (service) =>
      service === 'orders' ? undefined : { availability: 0.9, window: 60_000, remaining: 0.5, burnRate: 2 },
    summary: (service) => {
      asked.push(service);
      const none = { p50: undefined, p95: undefined, p99: undefined, inFlight: 0 };
      return { requestsPerSecond: 0, errorRate: 0, retriesPerSecond: 0, ...none };
    },
  });
  watched.on(({ alert: { config, service, state }, from, at }) => {
    told.push(`${(at - begun) / 1_000}s ${service} ${config.name}: ${from} → ${state.kind}`);
  });
  watched.configure(alerts);
  const queue = (length: number, service = 'orders') => queues.set(service, length);
  const states = () => watched.alerts.map(({ service, state }) => `${service} ${state.kind}`);
  return { clock, begun, watched, queues, queue, told, asked, states };
}

test('an alert without `for` fires with the first look that finds it, and is resolved with the first that does not', () => {
  const { clock, begun, watched, queue, told } = watch(alertOf());
  clock.advance(2_000);
  expect(watched.alerts).toEqual([{ config: alertOf(), service: 'orders', state: { kind: 'inactive' }, value: 0 }]);

  queue(6);
  clock.advance(3_000);
  expect(watched.alerts).toMatchObject([{ state: { kind: 'firing', since: begun + 3_000 }, value: 6 }]);
  expect(watched.firingAt('orders')).toEqual(['a']);
  expect(watched.firingAt('web')).toEqual([]);
  queue(5);
  clock.advance(1_000);

  expect(watched.alerts).toMatchObject([
    { state: { kind: 'resolved', since: begun + 6_000, firedAt: begun + 3_000 }, value: 5 },
  ]);
  expect(told).toEqual(['3s orders a: inactive → firing', '6s orders a: firing → resolved']);
});

test('with `for` it is pending until the condition has held for so long', () => {
  const { clock, begun, watched, queue, told } = watch(alertOf({ for: 3_000 }));
  queue(6);
  clock.advance(3_999);
  expect(watched.alerts).toMatchObject([{ state: { kind: 'pending', since: begun + 1_000 } }]);
  clock.advance(1);
  expect(watched.alerts).toMatchObject([{ state: { kind: 'firing', since: begun + 4_000 } }]);
  expect(told).toEqual(['1s orders a: inactive → pending', '4s orders a: pending → firing']);
});

test('a condition that flaps within `for` never fires, and each time begins anew', () => {
  const { clock, queue, told } = watch(alertOf({ for: 3_000 }));
  for (const length of [6, 6, 6, 0, 6, 6, 6, 6]) {
    queue(length);
    clock.advance(1_000);
  }
  expect(told).toEqual([
    '1s orders a: inactive → pending',
    '4s orders a: pending → inactive',
    '5s orders a: inactive → pending',
    '8s orders a: pending → firing',
  ]);
});

test('with `keepFiringFor` it is resolved when the condition has not held for so long, without a break', () => {
  const { clock, begun, watched, queue, told } = watch(alertOf({ keepFiringFor: 3_000 }));
  for (const length of [6, 0, 0, 0, 6, 0, 0, 0, 0]) {
    queue(length);
    clock.advance(1_000);
  }
  expect(told).toEqual(['1s orders a: inactive → firing', '9s orders a: firing → resolved']);
  expect(watched.alerts).toMatchObject([{ state: { since: begun + 9_000, firedAt: begun + 1_000 } }]);
});

test('one that was resolved can fire again', () => {
  const { clock, queue, told } = watch(alertOf({ for: 1_000 }));
  for (const length of [6, 6, 0, 6, 0, 6, 6]) {
    queue(length);
    clock.advance(1_000);
  }
  expect(told.map((line) => line.slice(line.indexOf(':') + 2))).toEqual([
    'inactive → pending',
    'pending → firing',
    'firing → resolved',
    'resolved → pending',
    'pending → inactive',
    'inactive → pending',
    'pending → firing',
  ]);
});

test('where there is nothing to measure, nothing is wrong, and what fires is resolved', () => {
  const when = { text: 'error_rate < 5%', metric: 'error_rate', operator: '<', threshold: 0.05 } as const;
  const { clock, watched, told } = watch(alertOf({ when }));
  clock.advance(5_000);
  expect(told).toEqual([]);
  expect(watched.alerts).toMatchObject([{ state: { kind: 'inactive' }, value: undefined }]);
});

test('an alert never ends before it has fired, whatever the wall clock was set to', () => {
  const { clock, begun, watched, queue } = watch(alertOf());
  queue(6);
  clock.advance(1_000);

  clock.jump(-7_200_000);
  queue(0);
  clock.advance(1_000);

  const firedAt = begun + 1_000;
  expect(watched.alerts).toMatchObject([{ state: { kind: 'resolved', since: firedAt, firedAt } }]);
});

test('a wall clock that jumps shortens no `for` and makes none longer', () => {
  const { clock, queue, told } = watch(alertOf({ for: 2_000, keepFiringFor: 2_000 }));
  queue(6);
  clock.advance(1_000);
  clock.jump(3_600_000);
  clock.advance(1_000);
  expect(told).toHaveLength(1);
  clock.advance(1_000);
  expect(told).toHaveLength(2);
  queue(0);
  clock.advance(1_000);
  clock.jump(-7_200_000);
  clock.advance(1_000);
  expect(told).toHaveLength(2);
  clock.advance(1_000);
  expect(told).toHaveLength(3);
});

test('an alert without a service watches each, apart, and those that come later; one that goes while it fires is resolved', () => {
  const { clock, queue, queues, told, states } = watch(alertOf({ service: undefined }));
  queue(6);
  clock.advance(1_000);
  queue(7, 'late');
  queue(0, 'quiet');
  clock.advance(1_000);
  expect(states()).toEqual(['orders firing', 'late firing', 'quiet inactive']);

  queues.delete('orders');
  queues.delete('quiet');
  clock.advance(1_000);
  expect(states()).toEqual(['late firing']);
  expect(told).toEqual([
    '1s orders a: inactive → firing',
    '2s late a: inactive → firing',
    '3s orders a: firing → resolved',
  ]);
});

test('an alert on a budget watches the services that have one', () => {
  const when = { text: 'burn_rate > 1', metric: 'burn_rate', operator: '>', threshold: 1 } as const;
  const { clock, queue, states } = watch(alertOf({ service: undefined, when }));
  queue(0, 'web');
  clock.advance(1_000);
  expect(states()).toEqual(['web firing']);
});

test('a reload keeps the state of what it does not change, pending and firing, and tells nothing of it', () => {
  const [pending, firing] = [alertOf({ name: 'p', for: 5_000 }), alertOf({ name: 'f' })];
  const { clock, begun, watched, queue, told } = watch(pending, firing);
  queue(6);
  clock.advance(2_000);
  const before = [...told];

  const told2 = { ...firing, labels: { severity: 'page' }, notify: [] };
  watched.configure([told2, { ...pending }]);
  expect(told).toEqual(before);
  expect(watched.alerts).toMatchObject([
    { config: told2, state: { kind: 'firing', since: begun + 1_000 } },
    { config: pending, state: { kind: 'pending', since: begun + 1_000 } },
  ]);
  clock.advance(4_000);
  expect(told.slice(before.length)).toEqual(['6s orders p: pending → firing']);
});

test('a reload ends what it takes away or changes: what fires is resolved, what is pending is not', () => {
  const { clock, watched, queue, told, states } = watch(
    alertOf({ name: 'gone' }),
    alertOf({ name: 'changed' }),
    alertOf({ name: 'pending', for: 9_000 }),
    alertOf({ name: 'was', when: { ...alertOf().when, threshold: 6 } }),
  );
  queue(7);
  clock.advance(1_000);
  queue(6);
  clock.advance(1_000);
  told.length = 0;
  const values: unknown[] = [];
  watched.on(({ alert }) => values.push(alert.value));

  watched.configure([alertOf({ name: 'changed', for: 1_000 })]);
  expect(values).toEqual([undefined, undefined, undefined]); // it is not why
  expect(told).toEqual([
    '2s orders gone: firing → resolved',
    '2s orders changed: firing → resolved',
    '2s orders pending: pending → inactive',
  ]);
  expect(states()).toEqual(['orders inactive']);
  clock.advance(2_000);
  expect(told.slice(3)).toEqual(['3s orders changed: inactive → pending', '4s orders changed: pending → firing']);
});

test('an alert that is given another service begins there', () => {
  const { clock, watched, queue, told } = watch(alertOf());
  queue(6);
  queue(0, 'web');
  clock.advance(1_000);
  watched.configure([alertOf({ service: 'web' })]);
  clock.advance(1_000);
  expect(told).toEqual(['1s orders a: inactive → firing', '1s orders a: firing → resolved']);
  expect(watched.alerts).toMatchObject([{ service: 'web', state: { kind: 'inactive' }, value: 0 }]);
});

test('without alerts no timer runs, however it came to that; a close ends it, and tells nothing', () => {
  const { clock, watched, queue, told } = watch();
  expect(clock.pending).toBe(0);
  watched.configure([alertOf()]);
  watched.configure([alertOf(), alertOf({ name: 'b' })]);
  expect(clock.pending).toBe(1);
  watched.configure([]);
  expect(clock.pending).toBe(0);
  watched.configure([alertOf()]);
  queue(6);
  clock.advance(1_000);
  watched.close();
  watched.configure([alertOf({ name: 'b' })]); // by a reload while the mesh drains
  clock.advance(5_000);
  expect(clock.pending).toBe(0);
  expect(told).toEqual(['1s orders a: inactive → firing']);
});

test('a service is measured once for all its alerts, and not at all for those that need it not', () => {
  const slow = { text: 'p99 > 1s', metric: 'p99', operator: '>', threshold: 1_000 } as const;
  const { clock, queue, asked } = watch(
    alertOf({ service: undefined, when: slow }),
    alertOf({ name: 'b', service: undefined, when: { ...slow, metric: 'p50' } }),
    alertOf({ name: 'c', service: undefined }),
  );
  queue(0, 'web');
  clock.advance(2_000);
  expect(asked).toEqual(['orders', 'web', 'orders', 'web']);
});

test('whoever is told sees all alerts as they are by then, and is told no more once that is ended', () => {
  const { clock, watched, queue } = watch(alertOf(), alertOf({ name: 'b' }));
  const seen: string[][] = [];
  const end = watched.on(() => seen.push(watched.alerts.map(({ state }) => state.kind)));
  queue(6);
  clock.advance(1_000);
  expect(seen).toEqual([
    ['firing', 'firing'],
    ['firing', 'firing'],
  ]);
  end();
  queue(0);
  clock.advance(1_000);
  expect(seen).toHaveLength(2);
});
