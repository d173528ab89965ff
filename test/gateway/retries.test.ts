import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { RetriesConfig } from '../../src/config/policy-configs.js';
import { freePort } from '../support/free-port.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { plainPolicies } from '../support/policies.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const idempotent = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];

function retries(changes: Partial<RetriesConfig> = {}): RetriesConfig {
  const budget = { percentage: 0.2, minConcurrency: 100 };
  return {
    attempts: 2,
    on: ['gateway-error', 'reset', 'connect-failure'],
    methods: idempotent,
    backoff: 1,
    budget,
    ...changes,
  };
}

/** Answers with each status in turn, and with the last one for ever. */
function inTurn(...statuses: number[]): Promise<Upstream> {
  const rest = [...statuses];
  return Upstream.start((_request, response) => {
    const status = rest.length > 1 ? rest.shift() : rest[0];
    response.writeHead(status ?? 200).end(`answer ${status}`);
  });
}

test('what fails is tried again, and only the last answer reaches the client', async () => {
  await using orders = await inTurn(503, 503, 200);
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries() } });

  expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'answer 200' });
  expect(mesh.exchanges[0]?.attempts.map(({ result }) => result)).toEqual([
    { kind: 'answered', status: 503 },
    { kind: 'answered', status: 503 },
    { kind: 'answered', status: 200 },
  ]);
});

test('when nothing helps, the client gets what the last attempt brought', async () => {
  await using orders = await inTurn(503, 502, 504);
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries() } });

  expect(await mesh.call('orders/')).toMatchObject({ status: 504, body: 'answer 504' });
  expect(orders.seen).toHaveLength(3);
});

test.each([
  { on: ['5xx'], status: 500, tries: 2 },
  { on: ['5xx'], status: 599, tries: 2 },
  { on: ['gateway-error'], status: 500, tries: 1 },
  { on: ['gateway-error'], status: 502, tries: 2 },
  { on: ['retriable-4xx'], status: 409, tries: 2 },
  { on: ['retriable-4xx'], status: 429, tries: 1 },
  { on: [429], status: 429, tries: 2 },
  { on: [429], status: 503, tries: 1 },
  { on: ['reset', 'connect-failure', 'refused-stream'], status: 503, tries: 1 },
  { on: ['5xx'], status: 404, tries: 1 },
] satisfies ReadonlyArray<{ on: RetriesConfig['on']; status: number; tries: number }>)(
  '$status is tried $tries times on $on',
  async ({ on, status, tries }) => {
    await using orders = await Upstream.start(status);
    await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries({ on, attempts: 1 }) } });

    expect((await mesh.call('orders/')).status).toBe(status);
    expect(orders.seen).toHaveLength(tries);
  },
);

test('a connection that is reset before the answer is `reset`, and one that is refused `connect-failure`', async () => {
  let count = 0;
  await using orders = await RawUpstream.start((socket) => {
    if (++count === 1) return void socket.resetAndDestroy();
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  await using mesh = await TestGateway.start({
    orders: { at: [orders], retries: retries({ on: ['reset'] }) },
    nobody: {
      at: [{ address: { host: '127.0.0.1', port: await freePort() } }],
      retries: retries({ on: ['connect-failure'] }),
    },
  });

  expect((await mesh.call('orders/')).status).toBe(200);
  expect((await mesh.call('nobody/')).fields.get('x-mesh-error')).toBe('connect_failed');
  expect(mesh.exchanges[1]?.attempts).toHaveLength(3);
});

test('another instance is tried before the same one again', async () => {
  await using broken = await Upstream.start(503);
  await using well = await Upstream.start('well');
  await using mesh = await TestGateway.start({ orders: { at: [broken, well], retries: retries({ attempts: 1 }) } });

  for (let count = 0; count < 6; count++) expect((await mesh.call('orders/')).body).toBe('well');
});

test('a POST is tried again only where it is said, and then with its whole body', async () => {
  await using once = await inTurn(503, 200);
  await using again = await Upstream.start((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes));
    request.once('end', () => response.writeHead(again.seen.length === 1 ? 503 : 200).end(body));
  });
  await using mesh = await TestGateway.start({
    once: { at: [once], retries: retries() },
    again: { at: [again], retries: retries({ methods: ['POST'] }) },
  });

  expect((await mesh.call('once/', { method: 'POST', body: 'x' })).status).toBe(503);
  expect(await mesh.call('again/', { method: 'POST', body: 'x'.repeat(64 * 1024) })).toMatchObject({
    status: 200,
    body: 'x'.repeat(64 * 1024),
  });
});

test('a body of more than 64 KiB is not kept: what the first attempt brought is the answer', async () => {
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.writeHead(503).end('no'));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries() } });

  const reply = await mesh.call('orders/', { method: 'PUT', body: Buffer.alloc(64 * 1024 + 1) });

  expect(reply).toMatchObject({ status: 503, body: 'no' });
  expect(orders.seen).toHaveLength(1);
});

test('an answer that has begun is never retried, though its connection breaks', async () => {
  await using orders = await RawUpstream.start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', () => socket.resetAndDestroy());
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries({ on: ['5xx', 'reset'] }) } });

  await expect(mesh.call('orders/')).rejects.toThrow();
  expect(orders.accepted).toBe(1);
});

test('an instance that hangs is given up after `perTry`, and its client gets the answer of another', async () => {
  const clock = new ManualClock();
  await using deaf = await Upstream.start(() => {});
  await using well = await Upstream.start('well');
  await using mesh = await TestGateway.start(
    { orders: { at: [deaf, well], timeouts: { perTry: 500 }, retries: retries({ on: ['reset'], backoff: 0 }) } },
    { clock },
  );

  const reply = mesh.call('orders/');
  await deaf.until(1);
  await clock.elapse(499);
  expect(well.seen).toHaveLength(0);
  await clock.elapse(1);

  expect(await reply).toMatchObject({ status: 200, body: 'well' });
  await expect.poll(() => deaf.open.size).toBe(0);
});

test('a 504 says which of the timeouts it was', async () => {
  const clock = new ManualClock();
  await using deaf = await Upstream.start(() => {});
  await using mesh = await TestGateway.start(
    {
      tries: { at: [deaf], timeouts: { request: 2_000, perTry: 500 } },
      request: { at: [deaf], timeouts: { request: 300, perTry: 500 } },
    },
    { clock },
  );

  const replies = [mesh.call('tries/'), mesh.call('request/')];
  await deaf.until(2);
  await clock.elapse(500);

  const [perTry, request] = await Promise.all(replies);
  expect(perTry?.body).toContain('did not answer an attempt within 500ms');
  expect(request?.body).toContain('did not answer within 300ms');
  expect([perTry?.status, request?.status]).toEqual([504, 504]);
});

test('`Retry-After` is waited for, unless the request has no time left for it', async () => {
  const clock = new ManualClock();
  const answer = (seconds: string) =>
    Upstream.start((request, response) => {
      const isFirst = request.url === '/' && response.socket !== null && !seen.has(seconds);
      seen.add(seconds);
      response.writeHead(isFirst ? 503 : 200, { 'retry-after': seconds }).end();
    });
  const seen = new Set<string>();
  await using soon = await answer('2');
  await using late = await answer('20');
  await using mesh = await TestGateway.start(
    {
      soon: { at: [soon], timeouts: { request: 10_000 }, retries: retries() },
      late: { at: [late], timeouts: { request: 10_000 }, retries: retries() },
    },
    { clock },
  );

  const reply = mesh.call('soon/');
  await soon.until(1);
  await expect.poll(() => mesh.exchanges[0]?.response).toBeUndefined();
  await clock.elapse(1_999);
  expect(soon.seen).toHaveLength(1);
  await clock.elapse(1);
  expect((await reply).status).toBe(200);

  expect((await mesh.call('late/')).status).toBe(503);
  expect(late.seen).toHaveLength(1);
});

test('a client that leaves while it is waited ends the trying', async () => {
  await using orders = await Upstream.start(503);
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries({ backoff: 10_000 }) } });
  const leaves = new AbortController();

  const reply = mesh.call('orders/', { signal: leaves.signal });
  await orders.until(1);
  await expect.poll(() => mesh.exchanges[0]?.attempts[0]?.result.kind).toBe('answered');
  leaves.abort();

  await expect(reply).rejects.toThrow();
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
  expect(orders.seen).toHaveLength(1);
});

test('a retry storm is held by the budget: a dead service gets a fifth more than it would without retries', async () => {
  let accepted = 0;
  const dead = createServer((socket) => {
    accepted++;
    socket.on('error', () => {}).resetAndDestroy();
  });
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  const address = dead.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const budget = { percentage: 0.2, minConcurrency: 3 };
  const storm = retries({ attempts: 3, on: ['reset', 'connect-failure'], budget });
  await using mesh = await TestGateway.start({
    orders: { at: [{ address: { host: '127.0.0.1', port: address.port } }], retries: storm },
  });

  const offered = 500;
  for (let wave = 0; wave < 10; wave++) {
    await Promise.all(Array.from({ length: offered / 10 }, () => mesh.call('orders/')));
  }
  dead.close();

  expect(accepted).toBeGreaterThan(offered * 1.1);
  expect(accepted).toBeLessThanOrEqual(offered * 1.2);
});

test('without a timeout of the request, a service that wants to be left alone for an hour is not waited for', async () => {
  await using orders = await Upstream.start((_request, response) => {
    response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  await using mesh = await TestGateway.start({
    orders: { at: [orders], timeouts: { request: 0 }, retries: retries() },
  });

  expect((await mesh.call('orders/')).status).toBe(503);
  expect(orders.seen).toHaveLength(1);
});

test('a client is asked for its body once, however often it is sent', async () => {
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.writeHead(orders.seen.length === 1 ? 503 : 200).end());
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries() } });

  const text = await exchangeBytes(
    mesh.address,
    'PUT / HTTP/1.1\r\nHost: orders\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
  );

  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200']);
  expect(orders.seen).toHaveLength(2);
});

test('a client that sends slowly behind its 100 is not the service', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.end('ok'));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders], timeouts: { perTry: 100 } } }, { clock });
  using client = await RawClient.connect(mesh.address);

  client.send('PUT / HTTP/1.1\r\nHost: orders\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  await client.until(/HTTP\/1\.1 100 Continue\r\n\r\n/);
  client.send('o');
  await expect.poll(() => mesh.exchanges[0]?.request.body.taken).toBe(1);
  for (let count = 0; count < 5; count++) await clock.elapse(100);
  client.send('k');

  expect(await client.until(/HTTP\/1\.1 200 OK/)).toBeTruthy();
});

test('a retry that cannot be made takes nothing from the budget of others', async () => {
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.writeHead(503).end());
  });
  const budget = { percentage: 0, minConcurrency: 1 };
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries: retries({ attempts: 1, budget }) } });

  for (let count = 0; count < 12; count++) {
    await mesh.call('orders/', { method: 'PUT', body: Buffer.alloc(70 * 1024) });
  }
  expect(orders.seen).toHaveLength(12);
  await mesh.call('orders/');
  expect(orders.seen).toHaveLength(14);
});

test('when all were tried, at least the last one is not tried again at once', async () => {
  await using one = await Upstream.start(503);
  await using other = await Upstream.start(503);
  const policy = { kind: 'random' } as const;
  await using mesh = await TestGateway.start({
    orders: {
      at: [one, other],
      loadBalancer: { ...plainPolicies.loadBalancer, policy },
      retries: retries({ attempts: 5 }),
    },
  });

  for (let count = 0; count < 5; count++) await mesh.call('orders/');

  for (const { attempts } of mesh.exchanges) {
    const ids = attempts.map(({ instance }) => instance.id);
    for (const [at, id] of ids.entries()) expect(id).not.toBe(ids[at - 1]);
  }
});
