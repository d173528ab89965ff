import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { ConcurrencyConfig, RateLimitConfig } from '../../src/config/shaping-configs.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { routeToAll } from '../support/policies.js';
import { RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

function rateLimit(changes: Partial<RateLimitConfig> = {}): RateLimitConfig {
  return { rate: 10, burst: 1, by: { kind: 'service' }, excess: 'delay', maxDelay: 60_000, ...changes };
}

function concurrency(changes: Partial<ConcurrencyConfig> = {}): ConcurrencyConfig {
  return { limit: 1, queue: 10, maxWait: 60_000, priorityHeader: undefined, ...changes };
}

/** A service that answers when it is told to, in the order in which it was asked. */
async function holding() {
  const held: Array<() => void> = [];
  const upstream = await Upstream.start((request, response) => {
    held.push(() => response.end(request.url));
  });
  return { upstream, answer: () => held.shift()?.() };
}

test('what comes too fast leaves at the rate, in the order in which it came', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], rateLimit: rateLimit() } }, { clock });
  const replies = [1, 2, 3].map((number) => mesh.call(`orders/${number}`));

  await orders.until(1);
  await expect.poll(() => mesh.gateway.memoryOf('orders').shaping.rateLimiter?.waiting).toBe(2);
  await clock.elapse(99);
  expect(orders.seen).toHaveLength(1);
  await clock.elapse(1);
  await orders.until(2);
  await clock.elapse(100);
  await Promise.all(replies);
  expect(orders.targets).toHaveLength(3);
});

test('one that would have to wait for too long is told so at once, and when to come again', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], rateLimit: rateLimit({ rate: 0.1, maxDelay: 2_000 }) } },
    { clock },
  );
  await mesh.call('orders/');
  const reply = await mesh.call('orders/');
  expect(reply.status).toBe(429);
  expect(reply.fields.get('x-mesh-error')).toBe('rate_limited');
  for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy', 'x-ratelimit-limit', 'x-ratelimit-remaining'])
    expect(reply.fields.has(name), name).toBe(true);
  expect(orders.seen).toHaveLength(1);
});

test('who has waited longer than the timeout of the request is not kept in line', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], rateLimit: rateLimit({ rate: 1 }), timeouts: { request: 1_500 } } },
    { clock },
  );
  const replies = [1, 2, 3].map((number) => mesh.call(`orders/${number}`));
  await expect.poll(() => mesh.exchanges.length).toBe(3);
  await clock.elapse(2_500);
  expect((await Promise.all(replies)).map(({ status }) => status).sort()).toEqual([200, 200, 429]);
});

test('a client that leaves the line is not sent to the service, and those behind it move up', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], rateLimit: rateLimit() } }, { clock });
  await mesh.call('orders/first');
  using leaver = await RawClient.connect(mesh.address);
  leaver.send('GET /leaver HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  await expect.poll(() => mesh.exchanges.length).toBe(2);
  const last = mesh.call('orders/last');
  await expect.poll(() => mesh.gateway.memoryOf('orders').shaping.rateLimiter?.waiting).toBe(2);
  leaver.socket.resetAndDestroy();
  await expect.poll(() => mesh.gateway.memoryOf('orders').shaping.rateLimiter?.waiting).toBe(1);
  await clock.elapse(100);
  await last;
  expect(orders.targets).toEqual(['GET /first', 'GET /last']);
});

test('a service is given no more at once than its limit says, and the others wait', async () => {
  const { upstream, answer } = await holding();
  await using orders = upstream;
  await using mesh = await TestGateway.start({ orders: { at: [orders], concurrency: concurrency({ limit: 2 }) } });
  const replies = [1, 2, 3].map((number) => mesh.call(`orders/${number}`));
  await orders.until(2);
  const limiter = () => mesh.gateway.memoryOf('orders').shaping.concurrency;
  await expect.poll(() => limiter()?.waiting).toBe(1);
  answer();
  await orders.until(3);
  answer();
  answer();
  await Promise.all(replies);
  await expect.poll(() => limiter()?.underWay).toBe(0);
});

test('where the line is full, one too many is refused with 503 at once', async () => {
  const { upstream, answer } = await holding();
  await using orders = upstream;
  await using mesh = await TestGateway.start({ orders: { at: [orders], concurrency: concurrency({ queue: 0 }) } });
  const first = mesh.call('orders/');
  await orders.until(1);
  const second = await mesh.call('orders/');
  expect([second.status, second.fields.get('x-mesh-error'), second.fields.get('retry-after')]).toEqual([
    503,
    'overloaded',
    '1',
  ]);
  answer();
  await first;
});

test('of those who wait, one of a high priority goes first: by its header, or by its route', async () => {
  const { upstream, answer } = await holding();
  await using orders = upstream;
  await using mesh = await TestGateway.start({
    orders: {
      at: [orders],
      concurrency: concurrency({ priorityHeader: 'x-priority' }),
      routes: [{ ...routeToAll, path: '/pay', priority: 'high' }],
    },
  });
  const limiter = () => mesh.gateway.memoryOf('orders').shaping.concurrency;
  const replies = [mesh.call('orders/first')];
  await orders.until(1);
  const wishes: Array<[path: string, priority: string]> = [
    ['low', 'low'],
    ['normal', 'whatever'],
    ['pay', 'low'],
    ['high', 'HIGH'],
  ];
  for (const [index, [path, priority]] of wishes.entries()) {
    replies.push(mesh.call(`orders/${path}`, { headers: { 'X-Priority': priority } }));
    await expect.poll(() => limiter()?.waiting).toBe(index + 1);
  }
  for (let served = 1; served <= 5; served++) {
    await orders.until(served);
    answer();
  }
  await Promise.all(replies);
  expect(orders.targets).toEqual(['GET /first', 'GET /pay', 'GET /high', 'GET /normal', 'GET /low']);
});

test('a WebSocket holds its place while it is open; under a limit that adapts it does not', async () => {
  for (const [limit, underWay] of [
    [2, 1],
    ['adaptive', 0],
  ] as const) {
    await using orders = await Upstream.start();
    const server = new WebSocketServer({ server: orders.server });
    await using mesh = await TestGateway.start({ orders: { at: [orders], concurrency: concurrency({ limit }) } });
    const client = new WebSocket(`ws://127.0.0.1:${mesh.address.port}/`, { headers: { Host: 'orders.localhost' } });
    await once(client, 'open');
    const limiter = mesh.gateway.memoryOf('orders').shaping.concurrency;
    expect(limiter?.underWay).toBe(underWay);
    client.close();
    await once(client, 'close');
    await expect.poll(() => limiter?.underWay).toBe(0);
    server.close();
  }
});

test('a limit that is lifted lets all go that wait for it', async () => {
  const { upstream, answer } = await holding();
  await using orders = upstream;
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  mesh.gateway.shapeBy('orders', { concurrency: concurrency(), rateLimit: rateLimit({ rate: 0.1, burst: 2 }) });
  const replies = [1, 2, 3].map((number) => mesh.call(`orders/${number}`));
  await orders.until(1);
  const { shaping } = mesh.gateway.memoryOf('orders');
  await expect.poll(() => [shaping.concurrency?.waiting, shaping.rateLimiter?.waiting]).toEqual([1, 1]);
  mesh.gateway.shapeBy('orders', undefined);
  await orders.until(3);
  for (let n = 0; n < 3; n++) answer();
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200, 200]);
});
