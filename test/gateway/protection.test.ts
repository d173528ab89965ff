import { expect, test } from 'vitest';
import type { CircuitBreakerConfig, OutlierDetectionConfig } from '../../src/config/policy-configs.js';
import { call, snapshotOf, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const breaker: CircuitBreakerConfig = {
  per: 'service',
  failureRate: undefined,
  minimumRequests: 20,
  consecutiveFailures: 3,
  window: 10_000,
  openFor: 5_000,
  probes: 1,
};

const outliers: OutlierDetectionConfig = {
  consecutive5xx: 3,
  consecutiveGatewayFailure: 0,
  interval: 10_000,
  baseEjectionTime: 30_000,
  maxEjectionTime: 300_000,
  maxEjectionPercent: 0.5,
  successRateMinimumHosts: 5,
  successRateRequestVolume: 100,
  successRateStdevFactor: 1.9,
};

test('a circuit opens after failures in a row, refuses at once, and closes when a probe succeeds', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start(500);
  await using mesh = await TestGateway.start({ orders: { at: [orders], circuitBreaker: breaker } }, { clock });

  for (let count = 0; count < 3; count++) expect((await mesh.call('orders/')).status).toBe(500);
  const refused = await mesh.call('orders/');
  expect(refused.status).toBe(503);
  expect(refused.fields.get('x-mesh-error')).toBe('circuit_open');
  expect(refused.fields.get('retry-after')).toBe('5');
  expect(orders.seen).toHaveLength(3);

  orders.answer = 'ok';
  await clock.elapse(5_000);
  expect((await mesh.call('orders/')).status).toBe(200);
  expect((await mesh.call('orders/')).status).toBe(200);
  expect(mesh.circuitChanges).toEqual([
    'closed → open: 3 failures in a row',
    'open → half-open: it is time to look again',
    'half-open → closed: a probe succeeded',
  ]);
});

test('with a breaker for each instance, the others take over while one is left alone', async () => {
  const clock = new ManualClock();
  await using broken = await Upstream.start(500);
  await using well = await Upstream.start('well');
  await using mesh = await TestGateway.start(
    { orders: { at: [broken, well], circuitBreaker: { ...breaker, per: 'instance' } } },
    { clock },
  );

  for (let count = 0; count < 6; count++) await mesh.call('orders/');
  expect(broken.seen).toHaveLength(3);
  for (let count = 0; count < 6; count++) expect((await mesh.call('orders/')).body).toBe('well');
  expect(broken.seen).toHaveLength(3);
});

test('what the client or the mesh itself does is no failure of the service', async () => {
  await using orders = await Upstream.start((request, response) => {
    if (request.url === '/missing') response.writeHead(404).end();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], circuitBreaker: breaker } });

  for (let count = 0; count < 4; count++) await mesh.call('orders/missing');
  for (let count = 0; count < 4; count++) {
    const leaves = new AbortController();
    const reply = mesh.call('orders/slow', { signal: leaves.signal, method: 'POST', body: 'x' });
    await orders.until(5 + count);
    leaves.abort();
    await expect(reply).rejects.toThrow();
  }
  await expect.poll(() => mesh.exchanges.every(({ outcome }) => outcome !== undefined)).toBe(true);

  expect(mesh.circuitChanges).toEqual([]);
});

test('a service has no more connections than it may have; others wait in line, and more are refused at once', async () => {
  const answers: Array<() => void> = [];
  await using orders = await Upstream.start((request, response) => answers.push(() => response.end(request.url)));
  await using mesh = await TestGateway.start({
    orders: { at: [orders], connectionPool: { maxConnections: 2, maxPendingRequests: 1 } },
  });
  const busy = [mesh.call('orders/1'), mesh.call('orders/2')];
  await orders.until(2);
  const waiting = mesh.call('orders/3');
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(1);

  const refused = await mesh.call('orders/4');
  expect(refused.status).toBe(503);
  expect(refused.fields.get('x-mesh-error')).toBe('pool_overflow');
  expect(orders.seen).toHaveLength(2);

  answers[0]?.();
  await orders.until(3);
  for (const answer of answers.slice(1)) answer();
  expect((await Promise.all([...busy, waiting])).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(mesh.gateway.memoryOf('orders').slots?.used).toBe(0);
});

test('whoever leaves the line, or whose time is up there, gives its place away', async () => {
  const clock = new ManualClock();
  const answers: Array<() => void> = [];
  await using orders = await Upstream.start((_request, response) => answers.push(() => response.end('ok')));
  await using mesh = await TestGateway.start(
    {
      orders: {
        at: [orders],
        timeouts: { request: 1_000 },
        connectionPool: { maxConnections: 1, maxPendingRequests: 5 },
      },
    },
    { clock },
  );
  const first = mesh.call('orders/');
  await orders.until(1);
  await clock.elapse(500);
  const second = mesh.call('orders/');
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(1);
  await clock.elapse(500);
  expect((await first).status).toBe(504);
  await orders.until(2);

  const third = mesh.call('orders/');
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(1);
  await clock.elapse(500);
  expect((await second).status).toBe(504);
  await orders.until(3);
  answers[2]?.();
  expect((await third).status).toBe(200);
  expect(mesh.gateway.memoryOf('orders').slots).toMatchObject({ used: 0, waiting: 0 });
});

test('one of three instances that answers 500 is ejected, says why and until when, and comes back', async () => {
  const clock = new ManualClock();
  await using broken = await Upstream.start(500);
  await using one = await Upstream.start('one');
  await using other = await Upstream.start('other');
  await using mesh = await TestGateway.start(
    { orders: { at: [broken, one, other], outlierDetection: outliers } },
    { clock },
  );
  const ejected = () => mesh.registry.service('orders')?.instances[0];

  for (let count = 0; count < 9; count++) await mesh.call('orders/');
  expect(ejected()).toMatchObject({
    health: 'ejected',
    ejection: { until: clock.now() + 30_000, reason: '3 answers of 5xx in a row' },
  });
  for (let count = 0; count < 9; count++) expect((await mesh.call('orders/')).status).toBe(200);
  expect(broken.seen).toHaveLength(3);

  broken.answer = 'ok';
  await clock.elapse(30_000);
  expect(ejected()).toMatchObject({ health: 'unknown', ejection: undefined });
  for (let count = 0; count < 6; count++) await mesh.call('orders/');
  expect(broken.seen.length).toBeGreaterThan(3);
});

test('a reload that wants no outlier detection any more brings back who is out', async () => {
  await using broken = await Upstream.start(500);
  await using one = await Upstream.start('one');
  await using other = await Upstream.start('other');
  const orders = { at: [broken, one, other] };
  await using mesh = await TestGateway.start({ orders: { ...orders, outlierDetection: outliers } });
  for (let count = 0; count < 9; count++) await mesh.call('orders/');
  expect(mesh.registry.service('orders')?.routable).toHaveLength(2);

  await mesh.gateway.apply(snapshotOf({ orders }));

  expect(mesh.registry.service('orders')?.routable).toHaveLength(3);
});

test('a service lets in only whom it names, by the door they come through and not by what they say', async () => {
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({
    orders: { at: [orders], allow: ['web'] },
    open: { at: [orders], allow: ['anonymous'] },
    web: {},
    billing: {},
  });
  const through = async (caller: string, service: string) => call(await mesh.gateway.door(caller, service), '/');

  expect((await through('web', 'orders')).status).toBe(200);
  const refused = await through('billing', 'orders');
  expect(refused.status).toBe(403);
  expect(refused.fields.get('x-mesh-error')).toBe('not_allowed');
  expect(refused.body).toContain('`billing` may not call `orders`, by the rule `services.orders.allow: [web]`');
  expect((await mesh.call('orders/', { headers: { 'x-mesh-caller': 'web' } })).status).toBe(403);
  expect((await mesh.call('open/')).status).toBe(200);
  expect((await through('web', 'open')).status).toBe(403);
});

test('a stream in which nothing moves is cut', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((_request, response) => {
    response.write('begin');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], timeouts: { idle: 1_000 } } }, { clock });

  const cut = expect(mesh.call('orders/')).rejects.toThrow();
  await expect.poll(() => mesh.exchanges[0]?.response?.body.received).toBe(5);
  await clock.elapse(1_000);
  await clock.elapse(1_000);

  await cut;
  expect(await mesh.outcome()).toEqual({ kind: 'cut', status: 200 });
});

test('time spent in the line is held against nobody', async () => {
  const clock = new ManualClock();
  await using busy = await Upstream.start(() => {});
  await using idle = await Upstream.start('idle');
  await using mesh = await TestGateway.start(
    {
      orders: {
        at: [busy, idle],
        timeouts: { request: 1_000, perTry: 900 },
        connectionPool: { maxConnections: 1, maxPendingRequests: 5 },
        outlierDetection: { ...outliers, consecutive5xx: 1 },
        circuitBreaker: { ...breaker, consecutiveFailures: 2 },
      },
    },
    { clock },
  );
  const first = mesh.call('orders/');
  await busy.until(1);
  const others = [mesh.call('orders/'), mesh.call('orders/')];
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(2);

  await clock.elapse(900);
  expect((await first).status).toBe(504);
  expect((await Promise.all(others)).map(({ body }) => body)).toEqual(['idle', 'idle']);

  expect(mesh.registry.service('orders')?.instances.map(({ health }) => health)).toEqual(['ejected', 'unknown']);
  expect(mesh.circuitChanges).toEqual([]);
});

test('whose time is up in the line is told so, and not that the service did not answer', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((_request, response) => void response.write('an answer without an end'));
  await using mesh = await TestGateway.start(
    {
      orders: {
        at: [orders],
        timeouts: { request: 1_000 },
        connectionPool: { maxConnections: 1, maxPendingRequests: 5 },
      },
    },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);
  client.send('GET / HTTP/1.1\r\nHost: orders\r\n\r\n');
  await client.until(/without an end/);
  const late = mesh.call('orders/');
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(1);

  await clock.elapse(1_000);

  expect(await late).toMatchObject({
    status: 504,
    body: expect.stringContaining('`orders` had none of its 1 connections free in time'),
  });
  expect(mesh.gateway.memoryOf('orders').slots?.waiting).toBe(0);
  client.socket.resetAndDestroy(); // the gateway waits for what it is still answering, by the clock that stands still
});

test('a reload that takes the limit away lets in who waits', async () => {
  const answers: Array<() => void> = [];
  await using orders = await Upstream.start((_request, response) => answers.push(() => response.end('ok')));
  const connectionPool = { maxConnections: 1, maxPendingRequests: 5 };
  await using mesh = await TestGateway.start({ orders: { at: [orders], connectionPool } });
  const replies = [mesh.call('orders/'), mesh.call('orders/')];
  await expect.poll(() => mesh.gateway.memoryOf('orders').slots?.waiting).toBe(1);

  await mesh.gateway.apply(snapshotOf({ orders: { at: [orders] } }));

  await orders.until(2);
  for (const answer of answers) answer();
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200]);
});

test('the only instance of a version is not ejected, whoever else there is', async () => {
  await using v1 = await Upstream.start('v1');
  await using v2 = await Upstream.start(500);
  const at = [
    { address: v1.address, version: 'v1' },
    { address: v2.address, version: 'v2' },
  ];
  await using mesh = await TestGateway.start({ orders: { at, outlierDetection: outliers } });

  for (let count = 0; count < 10; count++) await mesh.call('orders/');

  expect(mesh.registry.service('orders')?.routable).toHaveLength(2);
});

test('what a circuit refused was not served', async () => {
  await using broken = await Upstream.start(500);
  await using well = await Upstream.start('well');
  await using mesh = await TestGateway.start({
    orders: { at: [broken, well], circuitBreaker: { ...breaker, per: 'instance', consecutiveFailures: 1 } },
  });

  for (let count = 0; count < 10; count++) await mesh.call('orders/');

  const instances = mesh.registry.service('orders')?.instances ?? [];
  const { loads } = mesh.gateway.memoryOf('orders');
  expect(instances.map((instance) => loads.of(instance).served)).toEqual([1, 9]);
});
