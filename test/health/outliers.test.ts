import { afterEach, expect, test } from 'vitest';
import type { OutlierDetectionConfig } from '../../src/config/policy-configs.js';
import { OutlierDetector } from '../../src/health/outliers.js';
import type { Instance } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { ManualClock } from '../support/manual-clock.js';

const config: OutlierDetectionConfig = {
  consecutive5xx: 5,
  consecutiveGatewayFailure: 0,
  interval: 10_000,
  baseEjectionTime: 30_000,
  maxEjectionTime: 100_000,
  maxEjectionPercent: 0.5,
  successRateMinimumHosts: 5,
  successRateRequestVolume: 100,
  successRateStdevFactor: 1.9,
};

/** Longer than any test is: all timers that will ever fire have fired. */
const ages = 86_400_000;

let clock = new ManualClock();
afterEach(() => {
  clock = new ManualClock();
});

/** A service with as many instances, and its outlier detection. */
function serviceOf(count: number, wishes: Partial<OutlierDetectionConfig> = {}) {
  const registry = new Registry(clock, memoryStore);
  const instances = Array.from({ length: count }, (_, at) => put(registry, 'abcdefghij'.charAt(at), 4_001 + at));
  const detector = new OutlierDetector('orders', { ...config, ...wishes }, { registry, clock });
  const [a, b] = instances;
  if (a === undefined) throw new Error('a service without instances has no outliers');
  return { registry, detector, instances, a, b: b ?? a, out: () => idsOut(registry) };
}

function put(registry: Registry, id: string, port: number, weight = 1): Instance {
  const spec = { id, address: { host: '127.0.0.1', port }, weight, version: undefined, metadata: {} };
  return registry.put('orders', spec, 'file', 'healthy');
}

function idsOut(registry: Registry): string {
  const instances = registry.service('orders')?.instances ?? [];
  return instances.flatMap(({ id, health }) => (health === 'ejected' ? [id] : [])).join('');
}

/** + a success, - a 5xx, g a gateway failure. */
function answer(detector: OutlierDetector, instance: Instance, answers: string): void {
  for (const sign of answers)
    detector.record(instance, sign === '+' ? 'success' : sign === '-' ? '5xx' : 'gateway-failure');
}

/** So many requests, of which so many succeed; the failures are spread, so that they are never many in a row. */
function serve(detector: OutlierDetector, instance: Instance, requests: number, successes: number): void {
  let owed = 0;
  for (let count = 0; count < requests; count++) {
    owed += successes;
    answer(detector, instance, owed >= requests ? '+' : '-');
    owed %= requests;
  }
}

test.each<[string, Partial<OutlierDetectionConfig>, string | undefined]>([
  ['-----', {}, '5 answers of 5xx in a row'],
  ['-g-g-', {}, '5 answers of 5xx in a row'],
  ['----+----', {}, undefined],
  ['-', { consecutive5xx: 1 }, '1 answer of 5xx in a row'],
  ['---------', { consecutive5xx: 0 }, undefined],
  ['ggg', { consecutiveGatewayFailure: 3 }, '3 gateway failures in a row'],
  ['gg-gg', { consecutiveGatewayFailure: 3, consecutive5xx: 0 }, undefined],
  ['gg+gg', { consecutiveGatewayFailure: 3 }, undefined],
  ['ggggggggg', { consecutive5xx: 0 }, undefined],
])('%s with %j ejects for: %s', (answers, wishes, reason) => {
  const { detector, a } = serviceOf(2, wishes);

  answer(detector, a, answers);

  expect(a.health).toBe(reason === undefined ? 'healthy' : 'ejected');
  expect(a.healthReason).toBe(reason);
});

test('an ejection lasts the base time, is told in wall time, and ends to the millisecond', () => {
  const { detector, a } = serviceOf(2);
  clock.advance(1_234);

  answer(detector, a, '-----');

  expect(a.ejection).toEqual({ until: clock.now() + 30_000, reason: '5 answers of 5xx in a row' });
  clock.advance(29_999);
  expect(a.health).toBe('ejected');
  clock.advance(1);
  expect(a).toMatchObject({ health: 'healthy', ejection: undefined });
});

/** Milliseconds of an ejection that begins now. */
function lengthOfEjection(detector: OutlierDetector, instance: Instance): number {
  answer(detector, instance, '-----');
  return (instance.ejection?.until ?? 0) - clock.now();
}

test('each further ejection is longer by the base time, up to the longest', () => {
  const { detector, a } = serviceOf(2);
  const lengths: number[] = [];
  for (let times = 0; times < 6; times++) {
    const length = lengthOfEjection(detector, a);
    lengths.push(length);
    clock.advance(length);
  }

  expect(lengths).toEqual([30_000, 60_000, 90_000, 100_000, 100_000, 100_000]);
});

test('each whole interval without an ejection takes one off the number', () => {
  const { detector, a } = serviceOf(2);
  answer(detector, a, '+');
  clock.advance(5_000);
  for (let times = 0; times < 3; times++) clock.advance(lengthOfEjection(detector, a));

  clock.advance(20_000); // in which two intervals end, and the first began while it was out
  const length = lengthOfEjection(detector, a);

  expect(length).toBe(90_000);
});

test('who has failed all night is forgiven as soon as who has failed for an hour', () => {
  const { detector, a } = serviceOf(2);
  for (let times = 0; times < 50; times++) clock.advance(lengthOfEjection(detector, a));

  clock.advance(50_000);

  expect(lengthOfEjection(detector, a)).toBe(30_000);
});

test('who comes back begins anew: what was counted before says nothing, nor what was under way', () => {
  const { detector, a } = serviceOf(2);
  answer(detector, a, '-----');
  answer(detector, a, '----------');
  clock.advance(30_000);

  answer(detector, a, '----');
  expect(a.health).toBe('healthy');
  answer(detector, a, '-');

  expect(a.health).toBe('ejected');
});

test.each([
  { count: 1, maxEjectionPercent: 1, out: '' },
  { count: 2, maxEjectionPercent: 0.1, out: 'a' },
  { count: 2, maxEjectionPercent: 0, out: 'a' },
  { count: 2, maxEjectionPercent: 1, out: 'a' },
  { count: 3, maxEjectionPercent: 0.5, out: 'a' },
  { count: 4, maxEjectionPercent: 0.5, out: 'ab' },
  { count: 5, maxEjectionPercent: 1, out: 'abcd' },
  { count: 10, maxEjectionPercent: 0.3, out: 'abc' },
])(
  'of $count instances that fail, with a share of $maxEjectionPercent, there are out: $out',
  ({ count, out, ...wishes }) => {
    const service = serviceOf(count, wishes);

    for (const instance of service.instances) answer(service.detector, instance, '-----');

    expect(service.out()).toBe(out);
  },
);

test('the last one that gets requests stays, whatever its siblings are out for', () => {
  const { registry, detector, a, out } = serviceOf(3);
  registry.setHealth('orders', 'b', 'unhealthy', 'answered 503');
  registry.put('orders', { ...specOf(registry, 'c'), weight: 0 }, 'file', 'healthy');

  answer(detector, a, '----------');

  expect(out()).toBe('');
});

function specOf(registry: Registry, id: string): Instance {
  const instance = registry.instance('orders', id);
  if (instance === undefined) throw new Error(`there is no ${id}`);
  return instance;
}

test('who could not be ejected for lack of room is with the next failure, once there is some', () => {
  const { detector, a, b, out } = serviceOf(2);
  answer(detector, a, '-----');
  answer(detector, b, '-----');
  expect(out()).toBe('a');

  clock.advance(30_000);
  answer(detector, b, '-');

  expect(out()).toBe('b');
});

test('one that fails more than its siblings is ejected at the end of the interval, with both rates', () => {
  const { detector, instances, out } = serviceOf(5);
  for (const [at, instance] of instances.entries()) serve(detector, instance, 200, at === 2 ? 122 : 199);

  clock.advance(9_999);
  expect(out()).toBe('');
  clock.advance(1);

  expect(out()).toBe('c');
  expect(instances[2]?.healthReason).toBe('success rate 61 % beside 99.5 % of its siblings');
});

test.each<[string, Partial<OutlierDetectionConfig>, number, number[]]>([
  ['there are too few of them', {}, 200, [100, 50, 100, 100]],
  ['too few of them had requests enough', { successRateRequestVolume: 201 }, 200, [100, 50, 100, 100, 100]],
  ['rates are not compared', { successRateStdevFactor: 0 }, 200, [100, 50, 100, 100, 100]],
  ['it is not so far off', { successRateStdevFactor: 2.1 }, 200, [100, 50, 100, 100, 100]],
  ['all are the same', { successRateStdevFactor: 0.1 }, 200, [70, 70, 70, 70, 70, 70, 70]],
  ['all fail', { consecutive5xx: 0 }, 200, [0, 0, 0, 0, 0]],
])('nobody is ejected for a rate where %s', (_, wishes, requests, percentages) => {
  const { detector, instances, out } = serviceOf(percentages.length, wishes);
  for (const [at, instance] of instances.entries())
    serve(detector, instance, requests, ((percentages[at] ?? 0) * requests) / 100);

  clock.advance(10_000);

  expect(out()).toBe('');
});

test('rates are those of one interval', () => {
  const { detector, instances, out } = serviceOf(5);
  const interval = (worst: number) => {
    for (const [at, instance] of instances.entries()) serve(detector, instance, 60, at === 0 ? worst : 60);
    clock.advance(10_000);
  };

  interval(30);
  interval(30);

  expect(out(), 'two times 60 requests are not 100').toBe('');
});

test('of several that lag behind, the worst go first, as far as the percentage allows', () => {
  const { detector, instances, out } = serviceOf(10, { successRateStdevFactor: 0.5, maxEjectionPercent: 0.2 });
  for (const [at, instance] of instances.entries()) serve(detector, instance, 100, [60, 40, 50][at] ?? 100);

  clock.advance(10_000);

  expect(out()).toBe('bc');
});

test('an idle service has no timer, and one that was ejected none when it is forgiven', () => {
  const { detector, a } = serviceOf(2);
  expect(clock.pending).toBe(0);

  answer(detector, a, '+');
  expect(clock.pending).toBe(1);
  clock.advance(10_000);
  expect(clock.pending).toBe(0);

  answer(detector, a, '-----');
  clock.advance(30_000);
  expect(clock.pending).toBe(1);
  clock.advance(20_000);
  expect(clock.pending).toBe(0);
});

test('an instance that leaves takes its state, its timers and its place among the ejected with it', () => {
  const { registry, detector, a, b, out } = serviceOf(3);
  answer(detector, a, '-----');

  registry.remove('orders', 'a', 'deregistered');
  detector.forget(a);
  answer(detector, a, '-----');
  const again = put(registry, 'a', 4_001);
  answer(detector, b, '-----');

  expect(out()).toBe('b');
  clock.advance(ages);
  expect(again.health).toBe('healthy');
  expect(clock.pending).toBe(0);
});

test('what an instance answers while it is leaving is not held against it', () => {
  const { registry, detector, a, b, out } = serviceOf(2);
  registry.setHealth('orders', 'a', 'draining', 'stopping');
  answer(detector, a, '-----');
  registry.put(
    'orders',
    { ...specOf(registry, 'a'), id: 'c', address: { host: '127.0.0.1', port: 5_000 } },
    'file',
    'healthy',
  );

  answer(detector, b, '-----');

  expect(a.ejection).toBeUndefined();
  expect(out()).toBe('b');
});

test('its checks go on beneath an ejection, and count when it ends', () => {
  const { registry, detector, a } = serviceOf(2);
  answer(detector, a, '-----');

  registry.setHealth('orders', 'a', 'unhealthy', 'answered 503');
  expect(a.health).toBe('ejected');
  clock.advance(30_000);

  expect(a).toMatchObject({ health: 'unhealthy', healthReason: 'answered 503' });
});

test('closing ends all timers, readmits nobody, and hears nothing more', () => {
  const { detector, a, b, out } = serviceOf(4);
  answer(detector, a, '-----');

  detector.close();
  expect(clock.pending).toBe(0);
  answer(detector, b, '-----');
  expect(clock.pending).toBe(0);
  clock.advance(ages);

  expect(out()).toBe('a');
});

test('when outlier detection is wanted no more, all come back at once', () => {
  const { detector, instances, out } = serviceOf(4);
  for (const instance of instances) answer(detector, instance, '-----');
  expect(out()).toBe('ab');

  detector.readmitAll();
  detector.close();

  expect(out()).toBe('');
  expect(clock.pending).toBe(0);
});

test('after a reload who is out stays so for as long as was said, and the new rules hold for what was counted', () => {
  const { detector, a, b, out } = serviceOf(4);
  answer(detector, a, '-----');
  answer(detector, b, '--');

  detector.update({ ...config, consecutive5xx: 3, baseEjectionTime: 1_000 });
  answer(detector, b, '-');

  expect(out()).toBe('ab');
  clock.advance(1_000);
  expect(out()).toBe('a');
  clock.advance(29_000);
  expect(out()).toBe('');
});

test('after a reload the next comparison comes one new interval later', () => {
  const { detector, instances, out } = serviceOf(5);
  for (const [at, instance] of instances.entries()) serve(detector, instance, 200, at === 0 ? 100 : 200);

  detector.update({ ...config, interval: 500 });
  clock.advance(500);

  expect(out()).toBe('a');
});
