import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

/** An HTTP server that takes WebSockets too, and echoes what they say. */
async function echo(): Promise<Upstream> {
  const upstream = await Upstream.start();
  const sockets = new WebSocketServer({ noServer: true });
  upstream.server.on('upgrade', (message, socket, head) => {
    sockets.handleUpgrade(message, socket, head, (connection) =>
      connection.on('message', (data, isBinary) => connection.send(data, { binary: isBinary })),
    );
  });
  return upstream;
}

function dial(mesh: TestGateway, service: string, headers: Record<string, string> = {}): WebSocket {
  const { port } = mesh.address;
  return new WebSocket(`ws://127.0.0.1:${port}/chat?room=1`, ['a', 'b'], {
    headers: { Host: `${service}.localhost:${port}`, ...headers },
  });
}

const handshake = (more: string[] = []) =>
  [
    'GET /raw HTTP/1.1',
    'Host: orders.localhost',
    'Connection: keep-alive, Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...more,
    '',
    '',
  ].join('\r\n');

const accepted =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Kept: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n';

test('a WebSocket goes through, both ways, and ends as answered', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = dial(mesh, 'orders');
  await once(socket, 'open');

  for (const text of ['one', 'x'.repeat(1_000_000)]) {
    socket.send(text);
    const [data] = await once(socket, 'message');
    expect(String(data)).toBe(text);
  }
  expect(socket.protocol).toBe('a');
  expect(mesh.exchanges[0]?.outcome).toBeUndefined();
  socket.close();
  await once(socket, 'close');

  expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
  expect(mesh.exchanges[0]?.attempts).toMatchObject([{ result: { kind: 'answered', status: 101 } }]);
  await expect.poll(() => orders.open.size).toBe(0);
});

test('the service sees the handshake with where it came from, and one Upgrade', async () => {
  await using orders = await RawUpstream.answering(accepted);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(handshake(['X-Name: 1', 'X-NAME: 2', '__proto__: x', 'Keep-Alive: 5', 'x-forwarded-for: 6.6.6.6']));
  const reply = await client.until(/\r\n\r\n/);

  const lines = orders.received.toLowerCase().split('\r\n');
  expect(lines[0]).toBe('get /raw http/1.1');
  for (const line of [
    'host: orders.localhost',
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-key: dghlihnhbxbszsbub25jzq==',
    'x-name: 1',
    'x-name: 2',
    '__proto__: x',
    'x-forwarded-for: 6.6.6.6, 127.0.0.1',
    'via: 1.1 mesh-shop',
  ])
    expect(lines.filter((seen) => seen === line)).toEqual([line]);
  expect(lines.filter((line) => line.startsWith('keep-alive'))).toEqual([]);
  expect(reply.split('\r\n')).toEqual(
    expect.arrayContaining([
      'X-Kept: 1',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'Via: 1.1 mesh-shop',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ]),
  );
});

test('bytes beyond ASCII in the fields of a handshake are kept, both ways', async () => {
  await using orders = await RawUpstream.answering(accepted.replace('X-Kept: 1', 'X-Kept: caf\xe9'));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake(['X-Name: caf\xe9']));
  expect(await client.until(/\r\n\r\n/)).toContain('\r\nX-Kept: caf\xe9\r\n');
  expect(orders.received).toContain('\r\nX-Name: caf\xe9\r\n');
});

test('bytes that are glued to the handshake are kept, on both sides', async () => {
  await using orders = await RawUpstream.start((socket, text) => {
    if (text.includes('\r\n\r\n')) socket.write(`${accepted}hello`);
    else socket.write(`<${text}>`);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(`${handshake()}early`);

  await client.until(/\r\n\r\nhello/);
  client.send('later');
  await expect.poll(() => orders.received).toMatch(/\r\n\r\nearlylater$/);
});

test('other protocols than WebSocket go through, with other methods', async () => {
  await using orders = await RawUpstream.start((socket, text) => {
    socket.write(
      text.includes('\r\n\r\n')
        ? 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n'
        : `<${text}>`,
    );
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(
    'POST /attach HTTP/1.1\r\nHost: orders.localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n',
  );
  await client.until(/Upgrade: tcp/);
  client.send('data');

  await client.until(/<data>/);
  expect(orders.received).toMatch(/^POST \/attach HTTP\/1\.1\r\n/);
});

test('of several protocols, h2c is not passed on', async () => {
  await using orders = await RawUpstream.answering(accepted);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake().replace('Upgrade: websocket', 'Upgrade: h2c, websocket'));
  await client.until(/101 Switching/);
  expect(orders.received).toMatch(/\r\nupgrade: websocket\r\n/i);
});

test('`localhost` is found by a WebSocket too, when only ::1 listens', async () => {
  const orders = await Upstream.start('ok', '::1').catch(() => undefined);
  if (orders === undefined) return; // this machine has no IPv6
  orders.server.on('upgrade', (_message, socket) => socket.end(accepted));
  await using mesh = await TestGateway.start({
    orders: { at: [{ address: { host: 'localhost', port: orders.port } }] },
  });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake());
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 /);
  client.socket.destroy();
  await orders.close();
});

test('a refused upgrade is delivered with its whole body, and later bytes are not tunnelled', async () => {
  await using orders = await RawUpstream.answering(
    `HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnever\r\n4\r\nmind\r\n0\r\n\r\n`,
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(`${handshake()}GET /smuggled HTTP/1.1\r\n\r\n`);

  const reply = await client.untilEnd();
  expect(reply).toMatch(/^HTTP\/1\.1 403 Forbidden\r\nX-Why: no\r\n/);
  expect(reply).toMatch(/9\r\nnevermind\r\n0\r\n\r\n$/);
  expect(orders.received).not.toContain('smuggled');
  expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 403 });
});

test('a refused upgrade with a megabyte of reasons is delivered whole', async () => {
  await using orders = await RawUpstream.answering(
    `HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1_000_000)}`,
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake());
  expect((await client.untilEnd()).split('\r\n\r\n')[1]).toHaveLength(1_000_000);
});

test.each([
  ['with control characters behind the status', 'HTTP/1.1 403 N\x01o\r\nContent-Length: 0\r\n\r\n'],
  ['in a coding that nobody knows', 'HTTP/1.1 403 No\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['with a status of 99', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n'],
  ['with a 101 that switches to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  [
    'with a 101 to a protocol that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n',
  ],
])('an upgrade that is answered %s is a 502', async (_name, answer) => {
  await using orders = await RawUpstream.answering(answer);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake());
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 502 .*x-mesh-error: upstream_invalid/s);
});

test('a refusal that breaks off does not look whole', async () => {
  await using orders = await RawUpstream.start((socket) => {
    socket.write('HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnever\r\n');
    setTimeout(() => socket.destroy(), 20);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake());
  expect(await client.untilEnd()).not.toMatch(/0\r\n\r\n$/);
  expect(await mesh.outcome()).toEqual({ kind: 'cut', status: 403 });
});

test.each([
  { service: 'dead', status: 502, code: 'connect_failed' },
  { service: 'rude', status: 502, code: 'upstream_reset' },
  { service: 'none', status: 503, code: 'no_healthy_instance' },
  { service: 'unknown', status: 404, code: 'no_route' },
])('a WebSocket to the $service service is answered with $status', async ({ service, status, code }) => {
  const dead = await Upstream.start();
  const { address } = dead;
  await dead.close();
  await using rude = await RawUpstream.start((socket) => socket.resetAndDestroy());
  await using mesh = await TestGateway.start({ dead: { at: [{ address }] }, rude: { at: [rude] }, none: {} });

  const socket = dial(mesh, service);
  const [, message] = await once(socket, 'unexpected-response');

  expect(message.statusCode).toBe(status);
  expect(message.headers['x-mesh-error']).toBe(code);
  message.destroy();
});

test('a WebSocket that is not answered in time is a 504', async () => {
  const clock = new ManualClock();
  await using slow = await RawUpstream.start(() => {});
  await using mesh = await TestGateway.start(
    { slow: { at: [slow], timeouts: { request: 1_000, connect: 0 } } },
    { clock },
  );
  const socket = dial(mesh, 'slow');
  const refused = once(socket, 'unexpected-response');
  await expect.poll(() => slow.received).toContain('\r\n\r\n');
  clock.advance(1_000);
  const [, message] = await refused;
  expect(message.statusCode).toBe(504);
  message.destroy();
});

test('a client that leaves while the service thinks frees the connection', async () => {
  await using orders = await RawUpstream.start(() => {});
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = await RawClient.connect(mesh.address);
  client.send(handshake());
  await expect.poll(() => orders.received).toContain('\r\n\r\n');

  client.socket.destroy();

  await expect.poll(() => orders.open.size).toBe(0);
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
});

test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
  'the death of the client (%s) ends the side of the service',
  async (way) => {
    await using orders = await RawUpstream.answering(accepted);
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    const client = await RawClient.connect(mesh.address);
    client.send(handshake());
    await client.until(/\r\n\r\n/);
    client.socket[way]();
    await expect.poll(() => orders.open.size).toBe(0);
    expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
  },
);

test.each(['end', 'destroy', 'resetAndDestroy'] as const)(
  'the death of the service (%s) ends the side of the client',
  async (way) => {
    await using orders = await RawUpstream.answering(accepted);
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    using client = await RawClient.connect(mesh.address);
    client.send(handshake());
    await client.until(/\r\n\r\n/);
    for (const socket of orders.open) socket[way]();
    await client.untilEnd(); // and says nothing itself
    expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
  },
);

test('a client that has gone frees the connection of a service that does not answer its end', async () => {
  const clock = new ManualClock();
  await using silent = await Upstream.start();
  silent.server.on('upgrade', (_message, socket) => socket.on('data', () => {}).write(accepted)); // Node leaves it half open
  await using mesh = await TestGateway.start({ silent: { at: [silent] } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send(handshake().replace('orders', 'silent'));
  await client.until(/\r\n\r\n/);

  client.socket.end();
  await expect
    .poll(async () => {
      await clock.elapse(5_000);
      return mesh.exchanges[0]?.outcome;
    })
    .toEqual({ kind: 'answered', status: 101 });
});

test('open tunnels end when the gateway closes, and are not waited for', async () => {
  const clock = new ManualClock();
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  const socket = dial(mesh, 'orders');
  await once(socket, 'open');
  const closed = once(socket, 'close');

  await mesh.gateway.close();

  await closed;
  expect(await mesh.outcome()).toEqual({ kind: 'answered', status: 101 });
  expect(clock.pending).toBe(0);
});
