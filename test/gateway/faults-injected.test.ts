import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { FaultConfig, FaultEffect, FaultMatch } from '../../src/config/shaping-configs.js';
import { call, open, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const everything: FaultMatch = {
  path: undefined,
  method: undefined,
  headers: {},
  caller: undefined,
  version: undefined,
  instance: undefined,
};

function fault(effect: FaultEffect, changes: Partial<FaultConfig> = {}): FaultConfig {
  return { effect, percentage: 1, match: everything, ...changes };
}

const abort = (status = 503): FaultEffect => ({ kind: 'abort', status });
const delay = (time: number): FaultEffect => ({ kind: 'delay', time, jitter: 0, distribution: 'uniform' });
const get = (lines: string[] = []) => ['GET / HTTP/1.1', 'Host: orders.localhost', ...lines, '', ''].join('\r\n');

/** Node's client, and how it fails. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
}

test('a delayed request waits, and then is served', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults: [fault(delay(200))] } }, { clock });
  const reply = mesh.call('orders/');
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);

  await clock.elapse(199);
  expect(orders.seen).toHaveLength(0);
  await clock.elapse(1);
  expect(await reply).toMatchObject({ status: 200, body: 'ok' });
});

test('an aborted request never reaches the service, and is answered with the status', async () => {
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults: [fault(abort(418))] } });
  expect(await mesh.call('orders/')).toMatchObject({ status: 418, body: '418 by a fault of the mesh\n' });
  expect(await mesh.call('orders/', { method: 'HEAD' })).toMatchObject({ status: 418, body: '' });
  expect(orders.seen).toHaveLength(0);
});

test('a gRPC client reads the status where it looks for it', async () => {
  await using orders = await Upstream.start('ok');
  const faults = [fault({ kind: 'grpc-abort', grpcStatus: 14 })];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } });
  const { status, fields } = await mesh.call('orders/', { method: 'POST', body: 'x' });
  expect([status, fields.get('content-type'), fields.get('grpc-status')]).toEqual([200, 'application/grpc', '14']);
});

test('a client sees a reset before the head as ECONNRESET', async () => {
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({
    orders: { at: [orders], faults: [fault({ kind: 'reset', after: undefined })] },
  });
  expect(await failure(mesh.call('orders/'))).toBe('ECONNRESET');
  using raw = await RawClient.connect(mesh.address);
  raw.send(get());
  expect([await raw.closed, raw.received]).toEqual(['reset', '']);
  expect((await mesh.outcome()).kind).toBe('cut');
});

test.each([
  ['sized', 'x'.repeat(5_000)],
  ['in chunks', undefined],
])('a reset behind so many bytes comes behind exactly these (%s)', async (_, sized) => {
  await using orders = await Upstream.start((_request, response) => {
    if (sized !== undefined) response.setHeader('Content-Length', sized.length);
    response.write('x'.repeat(3_000));
    setImmediate(() => response.end('x'.repeat(2_000)));
  });
  await using mesh = await TestGateway.start({
    orders: { at: [orders], faults: [fault({ kind: 'reset', after: 4_000 })] },
  });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  let bytes = 0;
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const [error] = await once(message, 'error');
  expect([error.code, bytes]).toEqual(['ECONNRESET', 4_000]);
  await expect.poll(() => orders.open.size).toBe(0); // the service is not left with an answer that nobody takes
});

test('a truncated answer ends in order behind so many bytes, and no client takes it for whole', async () => {
  await using orders = await Upstream.start('x'.repeat(5_000));
  await using mesh = await TestGateway.start({
    orders: { at: [orders], faults: [fault({ kind: 'truncate', after: 100 })] },
  });
  using raw = await RawClient.connect(mesh.address);
  raw.send(get());
  const received = await raw.untilEnd();
  expect(received.split('\r\n\r\n')[1]).toBe('x'.repeat(100));
  raw.socket.end();
  expect(await raw.closed).toBe('end');
  expect(await failure(mesh.call('orders/'))).toBe('ECONNRESET'); // Node's word for an answer that is too short
  await expect(
    fetch(`http://127.0.0.1:${mesh.address.port}/`, { headers: { 'x-mesh-service': 'orders' } }).then((reply) =>
      reply.text(),
    ),
  ).rejects.toThrow();
});

test('an answer that is shorter than what is let through is not harmed', async () => {
  await using orders = await Upstream.start('short');
  await using mesh = await TestGateway.start({
    orders: { at: [orders], faults: [fault({ kind: 'truncate', after: 5 }), fault({ kind: 'reset', after: 5 })] },
  });
  expect((await mesh.call('orders/')).body).toBe('short');
});

test('a corrupt answer has its length, and at least one other byte', async () => {
  await using orders = await Upstream.start((request, response) =>
    response.end('x'.repeat(Number(request.url?.slice(1)))),
  );
  await using mesh = await TestGateway.start({
    orders: { at: [orders], faults: [fault({ kind: 'corrupt', share: 0.01 })] },
  });
  for (const length of [1, 50, 20_000]) {
    const message = await open(mesh.address, `/${length}`, { headers: { Host: 'orders.localhost' } });
    message.setEncoding('latin1');
    const body = await text(message);
    const harmed = [...body].filter((character) => character !== 'x').length;
    expect(body).toHaveLength(length);
    expect(harmed).toBeGreaterThanOrEqual(1);
    expect(harmed).toBeLessThanOrEqual(Math.ceil(length * 0.015));
  }
});

test('a throttled answer comes at its rate', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(30_000));
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'throttle', rate: 10_000 })] } },
    { clock },
  );
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  let bytes = 0;
  message.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  const ended = once(message, 'end');
  await clock.elapse(1_999);
  expect(bytes).toBe(20_000);
  await clock.elapse(1_000);
  await ended;
});

test.each(['in chunks', 'sized'])(
  'an answer that closes slowly has all but its last byte long before its end (%s)',
  async (kind) => {
    const clock = new ManualClock();
    await using orders = await Upstream.start((_request, response) => {
      if (kind === 'sized') response.setHeader('Content-Length', 9);
      response.write('all ');
      response.end('of it');
    });
    await using mesh = await TestGateway.start(
      { orders: { at: [orders], faults: [fault({ kind: 'slow-close', time: 5_000 })] } },
      { clock },
    );
    const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
    let body = '';
    let hasEnded = false;
    message.on('data', (chunk) => {
      body += chunk;
    });
    message.on('end', () => {
      hasEnded = true;
    });
    await expect.poll(() => body).toBe('all of i');
    await clock.elapse(4_999);
    expect(hasEnded).toBe(false);
    await clock.elapse(1);
    await expect.poll(() => hasEnded).toBe(true);
    expect(body).toBe('all of it');
  },
);

test('into a blackhole a request goes until its time is up', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'blackhole' })], timeouts: { request: 2_000 } } },
    { clock },
  );
  const reply = mesh.call('orders/');
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);
  await clock.elapse(2_000);
  expect(await reply).toMatchObject({ status: 504 });
  expect(orders.seen).toHaveLength(0);
});

test('a mock answers with what it is told to, and with a file as it is at that moment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-mock-'));
  const file = join(folder, 'answer.json');
  const mock = (answer: Partial<Extract<FaultEffect, { kind: 'mock' }>['answer']>): FaultEffect => ({
    kind: 'mock',
    answer: { status: 201, headers: {}, body: { kind: 'text', text: '' }, ...answer },
  });
  const faults = [
    fault(mock({ headers: { 'X-Kind': 'mock', 'content-length': '7' }, body: { kind: 'text', text: '{"a":1}\n' } }), {
      match: { ...everything, path: '/text' },
    }),
    fault(mock({ body: { kind: 'file', file } }), { match: { ...everything, path: '/file' } }),
  ];
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } });

  const reply = await mesh.call('orders/text');
  expect(reply).toMatchObject({ status: 201, body: '{"a":1}\n' });
  expect([reply.fields.get('x-kind'), reply.fields.get('content-type'), reply.fields.all('content-length')]).toEqual([
    'mock',
    'application/json',
    ['8'],
  ]);
  await writeFile(file, 'one');
  expect((await mesh.call('orders/file')).body).toBe('one');
  await writeFile(file, 'two');
  expect((await mesh.call('orders/file')).body).toBe('two');
  expect((await mesh.call('orders/other')).body).toBe('ok');
  await rm(folder, { recursive: true });
});

test('a mock whose file is not there says which one', async () => {
  await using orders = await Upstream.start('ok');
  const body = { kind: 'file', file: '/nowhere/at/all.json' } as const;
  const faults = [fault({ kind: 'mock', answer: { status: 200, headers: {}, body } })];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } });
  const reply = await mesh.call('orders/');
  expect(reply.status).toBe(500);
  expect(reply.body).toContain('/nowhere/at/all.json');
});

test.each<[string, Partial<FaultMatch>, string, string[], boolean]>([
  ['path', { path: '/a' }, '/a/b', [], true],
  ['path', { path: '/a' }, '/ab', [], false],
  ['method', { method: 'POST' }, '/', [], false],
  ['header', { headers: { 'x-user': 'anna' } }, '/', ['X-User: anna'], true],
  ['header', { headers: { 'x-user': 'anna' } }, '/', ['X-User: bert'], false],
  ['caller', { caller: 'anonymous' }, '/', [], true],
  ['caller', { caller: 'web' }, '/', [], false],
  ['version', { version: 'v2' }, '/', [], true],
  ['version', { version: 'v1' }, '/', [], false],
])('a fault strikes what matches its %s %j: %s %j %s', async (_, match, path, lines, strikes) => {
  await using orders = await Upstream.start('ok');
  const faults = [fault(abort(), { match: { ...everything, ...match } })];
  await using mesh = await TestGateway.start({
    orders: { at: [{ address: orders.address, version: 'v2' }], faults },
  });
  const bytes = get(['Connection: close', ...lines]).replace('GET / ', `GET ${path} `);
  expect((await exchangeBytes(mesh.address, bytes)).startsWith(strikes ? 'HTTP/1.1 503' : 'HTTP/1.1 200')).toBe(true);
});

test('an instance is matched by its address', async () => {
  await using one = await Upstream.start('one');
  await using two = await Upstream.start('two');
  const match = { ...everything, instance: `127.0.0.1:${two.port}` };
  await using mesh = await TestGateway.start({ orders: { at: [one, two], faults: [fault(abort(), { match })] } });
  const replies = [];
  for (let n = 0; n < 4; n++) replies.push((await mesh.call('orders/')).status);
  expect(replies.sort()).toEqual([200, 200, 503, 503]);
});

/** The statuses of so many requests, one after the other. */
async function sequence(seed: number, count = 60): Promise<string> {
  await using orders = await Upstream.start('ok');
  const faults = [fault(abort(), { percentage: 0.3 })];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } }, { seed });
  let statuses = '';
  for (let n = 0; n < count; n++) statuses += (await mesh.call('orders/')).status === 503 ? 'x' : '.';
  return statuses;
}

test('the same seed gives the same sequence twice, and another seed another one', async () => {
  const first = await sequence(7);
  expect(await sequence(7)).toBe(first);
  expect(await sequence(8)).not.toBe(first);
});

const retries = {
  attempts: 1,
  on: ['5xx', 'reset'] as const,
  methods: ['GET'],
  backoff: 0.001,
  budget: { percentage: 1, minConcurrency: 1_000 },
};

test('half of the attempts aborted, with one retry, are a quarter of the requests', async () => {
  await using orders = await Upstream.start('ok');
  const faults = [fault(abort(), { percentage: 0.5 })];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults, retries } }, { seed: 1 });
  let failed = 0;
  for (let n = 0; n < 400; n++) if ((await mesh.call('orders/')).status === 503) failed++;
  expect(failed).toBeGreaterThan(75);
  expect(failed).toBeLessThan(125);
});

test('a reset is tried again like the real one, at the other instance', async () => {
  await using one = await Upstream.start('one');
  await using two = await Upstream.start('two');
  const match = { ...everything, instance: `127.0.0.1:${one.port}` };
  const faults = [fault({ kind: 'reset', after: undefined }, { match })];
  await using mesh = await TestGateway.start({ orders: { at: [one, two], faults, retries } });
  for (let n = 0; n < 6; n++) expect((await mesh.call('orders/')).body).toBe('two');
});

test('a delay is cut by the timeout of its attempt, and the next one may be spared', async () => {
  const clock = new ManualClock();
  await using one = await Upstream.start('one');
  await using two = await Upstream.start('two');
  const faults = [fault(delay(60_000), { match: { ...everything, instance: `127.0.0.1:${one.port}` } })];
  await using mesh = await TestGateway.start(
    { orders: { at: [one, two], faults, retries, timeouts: { perTry: 100 } } },
    { clock },
  );
  const reply = mesh.call('orders/');
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);
  await clock.elapse(200);
  expect((await reply).body).toBe('two');
});

test('a breaker opens at faults as at real failures', async () => {
  await using orders = await Upstream.start('ok');
  const circuitBreaker = {
    per: 'service',
    failureRate: undefined,
    minimumRequests: 1,
    consecutiveFailures: 3,
    window: 10_000,
    openFor: 10_000,
    probes: 1,
  } as const;
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults: [fault(abort())], circuitBreaker } });
  for (let n = 0; n < 4; n++) await mesh.call('orders/');
  expect(mesh.circuitChanges).toEqual(['closed → open: 3 failures in a row']);
});

test('who asks is told which faults the request has met, also with an answer of the gateway', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  const faults = [
    fault({ kind: 'delay', time: 20, jitter: 5, distribution: 'normal' }),
    fault({ kind: 'blackhole' }, { match: { ...everything, path: '/hole/é' } }),
  ];
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults, timeouts: { request: 1_000 } } },
    { clock },
  );
  const ask = (path: string, headers = {}) =>
    call(mesh.address, path, { headers: { Host: 'orders.localhost', ...headers } });
  const told = ask('/', { 'x-mesh-fault': '1' });
  const untold = ask('/');
  await expect.poll(() => mesh.exchanges.filter((exchange) => exchange.faults !== undefined).length).toBe(2);
  await clock.elapse(100);
  expect((await told).fields.all('x-mesh-fault')).toEqual(['delay 20ms +- 5ms (normal)']);
  expect((await untold).fields.has('x-mesh-fault')).toBe(false);
});

test('a fault on the way in strikes an upgrade, too', async () => {
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults: [fault(abort())] } });
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  expect(await exchangeBytes(mesh.address, get(upgrade))).toMatch(/^HTTP\/1\.1 503 /);
});

test('a client that leaves while it is held up frees all that it held', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'blackhole' })], timeouts: { request: 0 } } },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);
  client.send(get());
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);
  client.socket.resetAndDestroy();
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
});

test('a client that leaves while a mock is read is not waited for, and a late mock is no answer', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-mock-'));
  const file = join(folder, 'fifo'); // nobody writes to it: to open it takes for ever
  execFileSync('mkfifo', [file]);
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  const answer = { status: 200, headers: {}, body: { kind: 'file', file } } as const;
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'mock', answer })], timeouts: { request: 1_000 } } },
    { clock },
  );
  const reply = mesh.call('orders/');
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);
  await clock.elapse(1_000);
  expect((await reply).status).toBe(504);
  await writeFile(file, ''); // lets go of the thread that waits for it
  await rm(folder, { recursive: true });
});

test('whatever text a fault is described by, the client is told in ASCII', async () => {
  await using orders = await Upstream.start('ok');
  const headers = { 'x-user': '\ud800 ü' };
  const faults = [
    fault(abort(), { match: { ...everything, method: 'GET\ud800é' } }),
    fault(delay(0), { match: { ...everything } }),
  ];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } });
  expect((await mesh.call('orders/', { headers: { 'X-Mesh-Fault': '1' } })).status).toBe(200);
  const lone = [fault({ kind: 'mock', answer: { status: 200, headers, body: { kind: 'file', file: '/\ud800ü' } } })];
  await using other = await TestGateway.start({ orders: { at: [orders], faults: lone } });
  const reply = await other.call('orders/', { headers: { 'X-Mesh-Fault': '1' } });
  expect(reply.status).toBe(500);
  expect(reply.fields.get('x-mesh-fault')).toMatch(/^[\x20-\x7e]+$/);
});

test('a client that has closed its side gets an answer that closes slowly', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((_request, response) => {
    response.write('all ');
    response.end('of it');
  });
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'slow-close', time: 10_000 })] } },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);
  client.send(get());
  client.halfClose();
  await client.until(/of i/);
  await clock.elapse(10_000);
  await client.until(/\r\n0\r\n\r\n$/);
  await clock.elapse(6_000);
});

test('a fault of the body does not count where there is no body, in a tunnel', async () => {
  await using orders = await Upstream.start('ok');
  const faults = [fault({ kind: 'truncate', after: 0 }), fault(abort(429))];
  await using mesh = await TestGateway.start({ orders: { at: [orders], faults } });
  const upgrade = ['Connection: Upgrade', 'Upgrade: echo', 'Connection: close'];
  await exchangeBytes(mesh.address, get(upgrade));
  expect(mesh.exchanges[0]?.faults?.map(({ effect }) => effect.kind)).toEqual(['abort']);
});

test('a reset that a retry has mended does not strike the answer of the next attempt', async () => {
  await using one = await Upstream.start('one');
  await using two = await Upstream.start((request, response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('half');
    setImmediate(() => request.socket.destroy());
  });
  const match = { ...everything, instance: `127.0.0.1:${one.port}` };
  const faults = [fault({ kind: 'reset', after: undefined }, { match })];
  await using mesh = await TestGateway.start({ orders: { at: [one, two], faults, retries } });
  for (let n = 0; n < 3; n++) await failure(mesh.call('orders/'));
  expect(mesh.exchanges.map(({ breaksOff }) => breaksOff)).toEqual([undefined, undefined, undefined]);
});

test('when the faults are lifted, whoever is held up goes on, and what is throttled flows', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(50_000));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  const at = (path: string) => ({ match: { ...everything, path } });
  mesh.gateway.shapeBy('orders', {
    faults: [
      fault({ kind: 'blackhole' }, at('/hole')),
      fault(delay(9_000), at('/delay')),
      fault({ kind: 'throttle', rate: 10 }, at('/throttle')),
    ],
  });
  const replies = ['hole', 'delay', 'throttle'].map((path) => mesh.call(`orders/${path}`));
  await expect.poll(() => mesh.exchanges.filter(({ faults }) => faults !== undefined).length).toBe(3);
  await orders.until(1);
  mesh.gateway.shapeBy('orders', undefined);
  await clock.elapse(100);
  expect((await Promise.all(replies)).map(({ status, body }) => [status, body.length])).toEqual([
    [200, 50_000],
    [200, 50_000],
    [200, 50_000],
  ]);
});

test('a gateway that closes is not kept by what it holds up', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('ok');
  const mesh = await TestGateway.start(
    { orders: { at: [orders], faults: [fault({ kind: 'blackhole' })], timeouts: { request: 0 } } },
    { clock },
  );
  const reply = mesh.call('orders/');
  await expect.poll(() => mesh.exchanges[0]?.faults?.length).toBe(1);
  await mesh.gateway.close();
  expect((await reply).status).toBe(200);
});

test('an instance that a fault has held up for too long is not tried again while there is another', async () => {
  const clock = new ManualClock();
  await using one = await Upstream.start('one');
  await using two = await Upstream.start('two');
  const faults = [fault({ kind: 'blackhole' }, { match: { ...everything, instance: `127.0.0.1:${one.port}` } })];
  await using mesh = await TestGateway.start(
    { orders: { at: [one, two], faults, retries, timeouts: { perTry: 100 } } },
    { clock },
  );
  for (let n = 0; n < 4; n++) {
    const reply = mesh.call('orders/');
    await expect.poll(() => mesh.exchanges.length).toBe(n + 1);
    await clock.elapse(200);
    expect((await reply).body).toBe('two');
  }
});
