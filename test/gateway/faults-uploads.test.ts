import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { megabyte, noise } from '../support/bodies.js';
import { TestGateway } from '../support/gateway.js';
import { RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const framings = [
  { framing: 'with a length', headers: {} },
  { framing: 'in chunks', headers: { 'Transfer-Encoding': 'chunked' } },
];

const tooMuch = 'HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo much';

test.each(
  framings.flatMap((each) => [
    { ...each, when: 'at once', unheard: 0 },
    { ...each, when: 'after the first of it', unheard: 100_000 },
  ]),
)(
  '20 clients that upload 5 MB $framing to a service that refuses it $when and resets the connection hear why',
  { timeout: 30_000 },
  async ({ headers, unheard }) => {
    const heard = new WeakMap<Socket, number>();
    await using orders = await RawUpstream.start((socket, text) => {
      const bytes = (heard.get(socket) ?? 0) + text.length;
      heard.set(socket, bytes);
      if (bytes < unheard) return;
      socket.pause(); // what it does not read makes a reset of the end of its connection
      socket.write(tooMuch, () => socket.destroy());
    });
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    const body = noise(5 * megabyte);

    const ends = new Set<string>();
    for (let count = 0; count < 20; count++)
      ends.add(
        await mesh.call('orders/', { method: 'POST', body, headers }).then(
          (reply) => `${reply.status} ${reply.body}`,
          (error) => String(error),
        ),
      );

    expect([...ends]).toEqual(['413 too much']);
    expect(orders.accepted).toBe(20);
  },
);

test.each(framings)('a service that refuses an upload $framing and then reads on is heard', async ({ headers }) => {
  await using orders = await RawUpstream.start((socket, text) => {
    if (text.startsWith('POST ')) socket.end(tooMuch);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const body = noise(5 * megabyte);
  expect(await mesh.call('orders/', { method: 'POST', body, headers })).toMatchObject({
    status: 413,
    body: 'too much',
  });
  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
});

test.each(framings)(
  'while an upload $framing that was answered early goes on, others are served',
  async ({ headers }) => {
    await using orders = await Upstream.start((request, response) => {
      if (request.method === 'POST') response.writeHead(413).end('too much');
      else response.end(`<${request.url}>`);
    });
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    using client = await RawClient.connect(mesh.address);
    const framing = Object.keys(headers).length > 0 ? 'Transfer-Encoding: chunked' : 'Content-Length: 100';
    client.send(`POST / HTTP/1.1\r\nHost: orders.localhost\r\n${framing}\r\n\r\n2\r\nab\r\n`);
    await client.until(/too much/);

    for (const target of ['1', '2', '3']) expect((await mesh.call(`orders/${target}`)).body).toBe(`</${target}>`);

    client.send('GET /smuggled HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
    expect((await mesh.call('orders/4')).body).toBe('</4>');
    expect(orders.targets).toEqual(['POST /', 'GET /1', 'GET /2', 'GET /3', 'GET /4']);
  },
);

test.each(
  framings.flatMap((each) => [
    { ...each, way: 'end' as const },
    { ...each, way: 'resetAndDestroy' as const },
  ]),
)('a service that leaves ($way) in an upload $framing is a 502, and is sent it once', async ({ headers, way }) => {
  let read = 0;
  await using orders = await RawUpstream.start((socket, text) => {
    read += text.length;
    if (read > megabyte) socket[way]();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const body = noise(20 * megabyte);
  expect(await mesh.call('orders/', { method: 'POST', body, headers })).toMatchObject({ status: 502 });
  expect(orders.accepted).toBe(1);
  await expect.poll(() => orders.open.size).toBe(0);
});

const begun = [
  ['with a length', 'Content-Length: 100\r\n\r\nhalf'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ['in a chunk', 'Transfer-Encoding: chunked\r\n\r\n64\r\nhalf'],
  ['in the last chunk', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n'],
] as const;

test.each(begun)('a client that leaves in an upload (%s) never seems to have sent all', async (_name, bytes) => {
  for (const way of ['end', 'destroy', 'resetAndDestroy'] as const) {
    await using orders = await Upstream.start((request) => request.resume());
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    using client = await RawClient.connect(mesh.address);
    client.send(`POST / HTTP/1.1\r\nHost: orders.localhost\r\n${bytes}`);
    await orders.until(1);

    client.socket[way]();

    await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
    expect(orders.last.message.complete).toBe(false);
  }
});

test.each([
  'xyz\r\n',
  '0x4\r\nmore\r\n',
  '-4\r\nmore\r\n',
  '10000000000000004\r\nmore\r\n',
  '4\r\nmore4\r\nmore\r\n',
  '\r\n',
])(
  'a client that goes on with %j where a chunk should be has sent no whole request, and nothing behind it is one',
  async (nonsense) => {
    await using orders = await Upstream.start((request) => request.resume());
    await using mesh = await TestGateway.start({ orders: { at: [orders] } });
    using client = await RawClient.connect(mesh.address);
    client.send('POST / HTTP/1.1\r\nHost: orders.localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    await orders.until(1);

    client.send(`${nonsense}0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: orders.localhost\r\n\r\n`);

    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 400 /);
    await expect.poll(() => orders.open.size).toBe(0);
    expect(orders.last.message.complete).toBe(false);
    expect(orders.targets).toEqual(['POST /']);
  },
);

test.each([
  ['with a length', 'Content-Length: 4\r\n\r\nbody'],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'],
])('a client that closes its side behind an upload %s is answered', async (_name, bytes) => {
  await using orders = await Upstream.start((request, response) => {
    request.pipe(response);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(`POST / HTTP/1.1\r\nHost: orders.localhost\r\n${bytes}`);
  client.halfClose();
  expect(await client.untilEnd()).toMatch(/HTTP\/1\.1 200 OK\r\n.*body/s);
  expect(await client.closed).toBe('end');
});
