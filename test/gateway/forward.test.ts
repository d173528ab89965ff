import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Address } from '../../src/foundation/address.js';
import { seededRandom } from '../../src/foundation/random.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

test('a request goes to the service that its host names, and the answer comes back', async () => {
  await using orders = await Upstream.start('from orders');
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await mesh.call('orders/list?page=2');

  expect(reply).toMatchObject({ status: 200, body: 'from orders' });
  expect(orders.targets).toEqual(['GET /list?page=2']);
  expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 200 });
  const [exchange] = mesh.exchanges;
  expect(exchange?.service).toBe('orders');
  expect(exchange?.attempts).toMatchObject([
    { instance: { service: 'orders' }, result: { kind: 'answered', status: 200 } },
  ]);
});

test('traffic is spread by weight, without bursts', async () => {
  await using large = await Upstream.start('L');
  await using small = await Upstream.start('s');
  await using mesh = await TestGateway.start({ orders: { at: [{ address: large.address, weight: 3 }, small] } });

  let picked = '';
  for (let count = 0; count < 8; count++) picked += (await mesh.call('orders/')).body;

  expect(picked).toBe('LLsLLLsL');
});

test('connections to an instance are used again, and closed when it leaves', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: {} });
  const id = mesh.add('orders', orders);

  for (let count = 0; count < 5; count++) await mesh.call('orders/');
  expect(orders.accepted).toBe(1);

  mesh.registry.remove('orders', id, 'file');
  await expect.poll(() => orders.open.size).toBe(0);
});

test('an answer under way finishes when its instance leaves, and its connection closes then', async () => {
  let finish: () => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    response.write('begin ');
    finish = () => response.end('end');
  });
  await using mesh = await TestGateway.start({ orders: {} });
  const id = mesh.add('orders', orders);
  const reply = mesh.call('orders/');
  await orders.until(1);

  mesh.registry.remove('orders', id, 'file');
  finish();

  expect(await reply).toMatchObject({ status: 200, body: 'begin end' });
  await expect.poll(() => orders.open.size).toBe(0);
});

/** A service that closes each kept connection as soon as a second request comes in by it. */
function fickle(): Promise<RawUpstream> {
  const used = new WeakSet();
  return RawUpstream.start((socket, text) => {
    if (!text.includes('\r\n\r\n')) return;
    if (used.has(socket)) return void socket.resetAndDestroy();
    used.add(socket);
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
}

test('a kept connection that turns out to be closed costs a GET nothing', async () => {
  await using orders = await fickle();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  for (let count = 0; count < 6; count++) expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'ok' });

  expect(mesh.exchanges[1]?.attempts.map(({ result }) => result)).toMatchObject([
    { kind: 'failed', error: { code: 'upstream_reset' } },
    { kind: 'answered', status: 200 },
  ]);
});

test('a POST is sent exactly once, on a connection of its own', async () => {
  await using orders = await fickle();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  await mesh.call('orders/');
  for (let count = 0; count < 5; count++)
    expect(await mesh.call('orders/', { method: 'POST', body: 'x' })).toMatchObject({ status: 200 });

  expect(orders.received.match(/POST /g)).toHaveLength(5);
  expect(orders.accepted).toBe(6);
});

test('a POST goes on a kept connection once the service has been seen to keep them, and no longer than half that time', async () => {
  const clock = new ManualClock();
  await using orders = await RawUpstream.start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  const post = () => mesh.call('orders/', { method: 'POST' });

  await post();
  await post();
  expect(orders.accepted).toBe(2); // nothing is known of the service
  await clock.elapse(4_000);
  await mesh.call('orders/'); // makes the age of one connection 0
  await clock.elapse(1_500);
  await post();
  expect(orders.accepted).toBe(2);
  await clock.elapse(10_000);
  await clock.elapse(6_000);
  await post();
  expect(orders.accepted).toBe(3); // 16 s idle, and seen to be kept for 20: too near

  for (const socket of orders.open) socket.destroy();
  await expect.poll(() => orders.open.size).toBe(0);
  await mesh.call('orders/');
  await post();
  expect(orders.accepted).toBe(5); // it may have been restarted: nothing is known again
});

test('a full pool keeps its newest connections and its oldest: a stream of POSTs does not open one for each', async () => {
  const many = 1_030;
  const clock = new ManualClock();
  const held: Socket[] = [];
  const answer = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  await using orders = await RawUpstream.start((socket) => {
    if (held.length >= many) answer(socket);
    else if (held.push(socket) === many) for (const each of held) answer(each);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  const post = () => mesh.call('orders/', { method: 'POST' });

  await Promise.all(Array.from({ length: many }, post));
  await clock.elapse(600);
  for (let count = 0; count < 600; count++) await post(); // nothing is known yet of the service
  expect(orders.accepted).toBe(many + 600);
  await clock.elapse(600); // now the first ones have been seen to be kept for a second
  for (let count = 0; count < 50; count++) await post();

  expect(orders.accepted).toBe(many + 601);
});

test('a service that closes idle connections right after each answer costs nothing', async () => {
  const random = seededRandom(3);
  await using orders = await RawUpstream.start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    setTimeout(() => socket.end(), random() * 3);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  for (let count = 0; count < 200; count++) {
    const method = count % 2 === 0 ? 'GET' : 'POST';
    expect((await mesh.call('orders/', { method })).status).toBe(200);
  }
});

test.each([
  { name: 'a reset', bytes: undefined, code: 'upstream_reset' },
  { name: 'bytes that are no HTTP', bytes: 'SSH-2.0-OpenSSH_9.2\r\n\r\n', code: 'upstream_invalid' },
  {
    name: 'two lengths',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    code: 'upstream_invalid',
  },
  { name: 'a status of 9999', bytes: 'HTTP/1.1 9999 Odd\r\n\r\n', code: 'upstream_invalid' },
  {
    name: 'a coding we do not know',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    code: 'upstream_invalid',
  },
  {
    name: 'an unasked 101',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    code: 'upstream_invalid',
  },
  { name: 'a bare 101', bytes: 'HTTP/1.1 101 Switching Protocols\r\n\r\n', code: 'upstream_invalid' },
  { name: 'a head without end', bytes: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`, code: 'upstream_invalid' },
])('$name instead of an answer is a 502', async ({ bytes, code }) => {
  await using orders = await RawUpstream.start((socket) => {
    if (bytes === undefined) socket.resetAndDestroy();
    else socket.write(bytes);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await mesh.call('orders/', { headers: { Accept: 'application/json' } });

  expect(reply.status).toBe(502);
  expect(reply.fields.get('x-mesh-error')).toBe(code);
  expect(JSON.parse(reply.body).error.message).toContain(`\`orders\` at 127.0.0.1:${orders.address.port} `);
  await expect.poll(() => orders.open.size).toBe(0);
});

test('an instance that does not listen is a 502 at once, and is called again when it does', async () => {
  const orders = await Upstream.start();
  const { port } = orders;
  await orders.close();
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: '127.0.0.1', port } }] } });

  const refused = await mesh.call('orders/');
  expect(refused.status).toBe(502);
  expect(refused.body).toContain(`502 connect_failed: \`orders\` at 127.0.0.1:${port} refuses connections\n`);

  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  await listening(server, port);
  expect((await mesh.call('orders/')).status).toBe(200);
  server.close();
});

test('an instance whose host does not exist is a 502 that says so', async () => {
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: 'nowhere.invalid', port: 80 } }] } });
  const reply = await mesh.call('orders/');
  expect(reply.fields.get('x-mesh-error')).toBe('connect_failed');
  expect(reply.body).toMatch(/cannot be connected to \(E\w+\)/);
});

test('an instance that does not accept in time is a 504', async () => {
  const clock = new ManualClock();
  await using deaf = await startDeaf();
  await using mesh = await TestGateway.start(
    { far: { at: [deaf], timeouts: { request: 0, connect: 1_000 } } },
    { clock },
  );

  const reply = mesh.call('far/');
  await expect.poll(() => mesh.exchanges[0]?.attempts.length).toBe(1);
  clock.advance(999);
  expect(mesh.exchanges[0]?.attempts[0]?.result.kind).toBe('pending');
  clock.advance(1);

  const { status, body } = await reply;
  expect(status).toBe(504);
  expect(body).toContain(
    `504 connect_timeout: \`far\` at 127.0.0.1:${deaf.address.port} did not accept a connection within 1s\n`,
  );
});

/** A program that listens and is stopped, with a queue that is full: the system accepts nothing more in its name. */
async function startDeaf(): Promise<{ address: Address } & AsyncDisposable> {
  const program =
    "require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const address = { host: '127.0.0.1', port: Number(line) };
  child.kill('SIGSTOP');
  const waiting: Socket[] = [];
  for (let accepted = true; accepted; ) {
    const socket = connect(address).on('error', () => {});
    waiting.push(socket);
    accepted = await Promise.race([once(socket, 'connect').then(() => true), pause(150).then(() => false)]);
  }
  return {
    address,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test.each(['127.0.0.1', '::1'])('`localhost` is found when only %s listens', async (host) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const port = await listening(server, 0, host).catch(() => undefined);
  if (port === undefined) return; // this machine has no IPv6
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: 'localhost', port } }] } });

  expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'ok' });
  server.close();
});

test('an instance that does not accept costs nothing while another does, and no request is sent twice', async () => {
  const dead = await Upstream.start();
  const { address } = dead;
  await dead.close();
  await using alive = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [{ address }, alive] } });

  for (const body of ['one', 'two', 'three', 'four'])
    expect(await mesh.call('orders/', { method: 'POST', body })).toMatchObject({ status: 200 });

  expect(alive.seen.map(({ body }) => body)).toEqual(['one', 'two', 'three', 'four']);
  expect(mesh.exchanges[0]?.attempts).toMatchObject([
    { result: { kind: 'failed', error: { code: 'connect_failed' } } },
    { result: { kind: 'answered', status: 200 } },
  ]);
});

test('killing one of two instances under load loses nothing but what it had in hand', { timeout: 30_000 }, async () => {
  await using survivor = await Upstream.start('survivor');
  const victim = await Upstream.start('victim');
  await using mesh = await TestGateway.start({ orders: { at: [survivor, victim] } });
  let running = true;
  const lost: unknown[] = [];
  const worker = async () => {
    while (running) {
      const { status, fields } = await mesh.call('orders/', { method: 'POST', body: 'x' });
      if (status !== 200) lost.push(fields.get('x-mesh-error'));
    }
  };
  const workers = Array.from({ length: 10 }, worker);
  await victim.until(100);

  await victim.close();
  await survivor.until(survivor.seen.length + 200);
  running = false;
  await Promise.all(workers);

  expect(lost.length).toBeLessThanOrEqual(10);
  expect(lost.filter((code) => code !== 'upstream_reset')).toEqual([]);
});

test('a pool closes with all its connections', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await mesh.call('orders/');
  expect(orders.open.size).toBe(1);
  await mesh.gateway.close();
  await expect.poll(() => orders.open.size).toBe(0);
});

async function listening(server: Server, port: number, host = '127.0.0.1'): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
