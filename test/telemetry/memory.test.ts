import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Random } from '../../src/foundation/random.js';
import { seededRandom } from '../../src/foundation/random.js';
import type { Instance } from '../../src/registry/instance.js';
import { Measure } from '../../src/telemetry/measure.js';
import { ManualClock } from '../support/manual-clock.js';
import type { Trip } from './traffic.js';
import { Traffic } from './traffic.js';

const megabyte = 1_024 * 1_024;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes that are in use once all that can go is gone. */
function used(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Milliseconds, spread evenly over the powers of ten from 10 µs to a minute: no histogram can be fuller. */
function anyDuration(random: Random): number {
  return 0.01 * 6_000_000 ** random();
}

/** A request that is like none before it, as far as that can be. */
function anyTrip(random: Random, instances: readonly Instance[]): Trip {
  const any = (of: number) => Math.floor(random() * of);
  const instance = instances[any(instances.length)];
  return {
    ...(instance === undefined ? {} : { instance }),
    caller: `caller-${any(100)}`,
    route: `route-${any(100)}`,
    method: any(2) === 0 ? 'GET' : 'POST',
    waits: [{ kind: 'concurrency', milliseconds: anyDuration(random), startedAt: 0 }],
    outcome: { kind: 'answered', status: 100 + any(500) },
    age: anyDuration(random),
    sent: any(100),
  };
}

test('a service that does its worst takes less than 1 MB, however long it does', async () => {
  const clock = new ManualClock();
  const measure = new Measure(clock);
  const traffic = new Traffic(measure, clock);
  const random = seededRandom(1);
  const instances = Array.from({ length: 100 }, (_, at) => traffic.instance(`instance-${at}`, `v${at}`));
  const worst = async (service: string, seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1_000);
      for (let count = 0; count < 250; count++) (await traffic.begin({ ...anyTrip(random, instances), service }))();
    }
  };
  await worst('warm-up', 60);
  measure.forget('warm-up');
  const before = used();

  await worst('orders', 950);

  const bytes = used() - before;
  expect([...measure.meters.keys()]).toEqual(['orders']); // it is still there to be weighed
  expect(bytes).toBeGreaterThan(megabyte / 2); // else it was no hard test
  expect(bytes).toBeLessThan(megabyte);
}, 60_000);

test('fifteen minutes are remembered of a service with 500 requests a second, of four callers and three instances', async () => {
  const clock = new ManualClock();
  const measure = new Measure(clock);
  const traffic = new Traffic(measure, clock);
  const random = seededRandom(1);
  const instances = ['a', 'b', 'c'].map((id) => traffic.instance(id));
  for (let second = 0; second < 901; second++) {
    clock.advance(1_000);
    for (let count = 0; count < 500; count++) {
      // Three orders of magnitude: most take a few milliseconds, the slowest a second.
      const age = 10 ** (2 * (random() + random() + random()) - 3);
      const [caller, instance] = [`caller-${count % 4}`, instances[count % 3]];
      (await traffic.begin({ caller, age, ...(instance === undefined ? {} : { instance }) }))();
    }
  }
  clock.advance(1_000);

  const rows = measure.series('orders');
  expect(rows).toHaveLength(900);
  for (const { requests, duration, upstream } of rows) {
    expect(requests).toBe(500);
    expect(duration.p99).toBeGreaterThan(10);
    expect(upstream.p50).toBeGreaterThan(0.1);
  }
  const parts = measure.breakdown('orders', 890);
  expect(parts.instances.get('c')?.requestsPerSecond).toBeCloseTo(500 / 3, -1);
  expect(parts.callers.get('caller-3')?.requestsPerSecond).toBeCloseTo(500 / 4, -1);
}, 60_000);
