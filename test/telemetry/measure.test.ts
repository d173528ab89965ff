import { expect, test } from 'vitest';
import { Body } from '../../src/exchange/body.js';
import type { Exchange } from '../../src/exchange/exchange.js';
import type { Outcome } from '../../src/exchange/outcome.js';
import { Fields } from '../../src/http1/fields.js';
import { drained } from '../../src/mesh/drain.js';
import type { Instance } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { Measure } from '../../src/telemetry/measure.js';
import { exchangeOf } from '../support/exchange.js';
import { ManualClock } from '../support/manual-clock.js';

const clock = new ManualClock();
const registry = new Registry(clock, memoryStore);

function instanceOf(id: string): Instance {
  const spec = { id, address: { host: '127.0.0.1', port: 4001 }, weight: 1, version: undefined, metadata: {} };
  return registry.put('orders', spec, 'file', 'unknown');
}

/** An exchange with `orders` that has passed the measure. */
async function begin(measure: Measure, instance?: Instance): Promise<Exchange> {
  const exchange = exchangeOf({}, { kind: 'front' }, clock.monotonic());
  await measure.layer(exchange, async () => {
    exchange.service = 'orders';
    exchange.instance = instance;
  });
  return exchange;
}

const answer = { status: 200, reason: '', fields: new Fields(), body: Body.of(Buffer.alloc(0)) };

async function after(measure: Measure, milliseconds: number, outcome: Outcome, isTunnel = false): Promise<void> {
  const exchange = await begin(measure);
  exchange.isTunnel = isTunnel;
  clock.advance(milliseconds);
  exchange.finish(outcome);
}

test('requests per second, the share of errors and the latencies of the last ten seconds', async () => {
  const measure = new Measure(clock);
  measure.summary('orders'); // the window opens
  clock.advance(10_000);
  for (let count = 0; count < 8; count++) await after(measure, 10, { kind: 'answered', status: 200 });
  await after(measure, 10, { kind: 'answered', status: 404 });
  await after(measure, 10, { kind: 'answered', status: 503 });
  await after(measure, 10, { kind: 'refused', status: 502, code: 'connect_failed' });
  await after(measure, 10, { kind: 'refused', status: 404, code: 'no_route' });
  await after(measure, 10, { kind: 'cut', status: 200 });
  await after(measure, 9, { kind: 'abandoned' });

  const { requestsPerSecond, errorRate, p50, p99, inFlight } = measure.summary('orders');

  expect(requestsPerSecond).toBeCloseTo(1.5, 0);
  expect(errorRate).toBeCloseTo(3 / 14);
  for (const latency of [p50, p99]) expect(latency).toBeCloseTo(10, 0);
  expect(inFlight).toBe(0);

  clock.advance(11_000);
  expect(measure.summary('orders')).toEqual({
    requestsPerSecond: 0,
    errorRate: 0,
    retriesPerSecond: 0,
    p50: undefined,
    p95: undefined,
    p99: undefined,
    inFlight: 0,
  });
});

test('what is under way is counted per instance, in whatever order it ends', async () => {
  const measure = new Measure(clock);
  const [one, other] = [instanceOf('one'), instanceOf('other')];
  const exchanges: Exchange[] = [];
  for (const instance of [one, other, one, other, one]) exchanges.push(await begin(measure, instance));
  const counts = () => [one, other].map((instance) => measure.inHand(instance).unanswered);

  const seen = [counts()];
  for (const at of [1, 4, 0, 2, 3]) {
    exchanges[at]?.finish({ kind: 'answered', status: 200 });
    seen.push(counts());
  }

  expect(seen).toEqual([
    [3, 2],
    [3, 1],
    [2, 1],
    [1, 1],
    [0, 1],
    [0, 0],
  ]);
});

test('how long a tunnel was open, or a client waited before it left, is no latency', async () => {
  const measure = new Measure(clock);
  await after(measure, 3_600_000, { kind: 'answered', status: 101 }, true);
  await after(measure, 60_000, { kind: 'abandoned' });

  expect(measure.summary('orders')).toMatchObject({ p50: undefined, p99: undefined, errorRate: 0 });
});

test('an instance is drained when it has answered; a request is waited for longer than a stream or a tunnel', async () => {
  const measure = new Measure(clock);
  const instance = instanceOf('a');
  const other = await begin(measure, instanceOf('b'));
  const pending = await begin(measure, instance);
  const stream = await begin(measure, instance);
  stream.response = answer;
  const tunnel = await begin(measure, instance);
  tunnel.isTunnel = true;
  let isDrained = false;
  const draining = drained(measure, clock, instance).then(() => {
    isDrained = true;
  });

  await clock.elapse(4_900);
  expect(isDrained).toBe(false);
  pending.finish({ kind: 'answered', status: 200 });
  await clock.elapse(20);
  await draining;

  await clock.elapse(0);
  const began = clock.monotonic();
  const again = drained(measure, clock, instance);
  await clock.elapse(1_100);
  await again;
  expect(clock.monotonic() - began).toBeLessThanOrEqual(1_100);
  expect(other.outcome).toBeUndefined();
});
