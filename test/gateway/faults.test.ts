import { expect, test } from 'vitest';
import type { CallOptions } from '../support/gateway.js';
import { TestGateway } from '../support/gateway.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { eachRequest } from '../support/raw-request.js';
import { RawUpstream } from '../support/upstream.js';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const withLength = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
const inChunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

/** The status of a whole answer, or that it was cut. */
function endOf(mesh: TestGateway, options?: CallOptions): Promise<number | 'cut'> {
  return mesh.call('orders/', options).then(
    ({ status }) => status,
    () => 'cut',
  );
}

test.each([
  ['before it answers', ''],
  ['in its status line', 'HTTP/1.1 20'],
  ['in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
  ['behind an early hint', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
])('a service that closes its side %s is a 502, and what is sent to it is sent once', async (_name, bytes) => {
  await using orders = await RawUpstream.start(eachRequest((socket) => socket.end(bytes)));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  expect(await endOf(mesh)).toBe(502);
  expect(await endOf(mesh, { method: 'POST', body: 'with a length' })).toBe(502);
  expect(await endOf(mesh, { method: 'POST', body: 'in', headers: { 'Transfer-Encoding': 'chunked' } })).toBe(502);

  expect(orders.received.match(/POST /g)).toHaveLength(2);
  await expect.poll(() => orders.open.size).toBe(0);
});

test.each([
  ['behind a head with a length', withLength],
  ['one byte before its length', `${withLength}hell`],
  ['behind a head that announces chunks', inChunks],
  ['in the size of a chunk', `${inChunks}5`],
  ['in a chunk', `${inChunks}5\r\nhel`],
  ['behind a chunk', `${inChunks}5\r\nhello\r\n`],
  ['in the last chunk', `${inChunks}5\r\nhello\r\n0\r\n`],
  ['in its trailers', `${inChunks}5\r\nhello\r\n0\r\nX-Sum: 1\r\n`],
])('a service that ends or resets its connection %s never seems to have answered', async (_name, bytes) => {
  let way: 'end' | 'resetAndDestroy' = 'end';
  await using orders = await RawUpstream.start(eachRequest((socket) => socket.write(bytes, () => socket[way]())));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  expect(await endOf(mesh)).toBeOneOf(['cut', 502]);
  way = 'resetAndDestroy';
  expect(await endOf(mesh)).toBeOneOf(['cut', 502]);
  await expect.poll(() => orders.open.size).toBe(0);
});

test.each(['', 'hello'])('a service that closes its side behind a head without a length has said %j', async (body) => {
  await using orders = await RawUpstream.start((socket) => socket.end(`HTTP/1.1 200 OK\r\nX: 1\r\n\r\n${body}`));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  expect(await mesh.call('orders/')).toMatchObject({ status: 200, body });
  await expect.poll(() => orders.open.size).toBe(0);
});

test.each([
  'xyz\r\n',
  '0x5\r\nhello\r\n',
  '-1\r\n',
  '+5\r\nhello\r\n',
  '10000000000000005\r\nhello\r\n',
  '5\r\nhello5\r\nagain\r\n',
])('a service that goes on with %j where a chunk should be is cut off', async (nonsense) => {
  await using orders = await RawUpstream.answering(`${inChunks}5\r\nbegin\r\n${nonsense}0\r\n\r\n`);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  expect(await endOf(mesh)).toBeOneOf(['cut', 502]);
  await expect.poll(() => orders.open.size).toBe(0);
});

const poison = 'HTTP/1.1 200 OK\r\nX-Poison: 1\r\nContent-Length: 6\r\n\r\npoison';

test.each([
  ['GET', 'a length', (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`],
  ['POST', 'a length', (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`],
  ['GET', 'chunks', (text: string) => `${inChunks}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`],
  ['GET', 'a 204', () => 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['GET', 'a 304', () => 'HTTP/1.1 304 Not Modified\r\nContent-Length: 60\r\n\r\n'],
  ['HEAD', 'the length of what is not sent', () => withLength],
])('a second answer behind that to %s with %s is nobody’s', async (method, _name, answer) => {
  await using orders = await RawUpstream.start(
    eachRequest((socket, { target }) => socket.write(`${answer(`<${target}>`)}${poison}`)),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  for (let count = 0; count < 50; count++) {
    const { status, fields, body } = await mesh.call(`orders/${count}`, { method });
    const own = answer(`</${count}>`);
    expect([status, fields.has('x-poison')]).toEqual([Number(own.slice(9, 12)), false]);
    expect(body).toBe(own.includes('<') ? `</${count}>` : '');
  }
});

test.each([
  ['whole', poison],
  ['its first byte', 'H'],
])('an answer that nobody asked for (%s) ends the idle connection by which it comes', async (_name, surplus) => {
  await using orders = await RawUpstream.start(
    eachRequest((socket, { target }) =>
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<${target.slice(1)}>`),
    ),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  for (const target of ['1', '2', '3']) {
    expect((await mesh.call(`orders/${target}`)).body).toBe(`<${target}>`);
    for (const socket of orders.open) socket.write(surplus);
    await expect.poll(() => orders.open.size).toBe(0);
  }
});

test('what began to be answered on a kept connection is not asked once more', async () => {
  await using orders = await RawUpstream.start(
    eachRequest((socket, { target }) => {
      if (target === '/first') socket.write(ok);
      else socket.write(`${withLength}he`, () => socket.resetAndDestroy());
    }),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await mesh.call('orders/first');
  await expect(mesh.call('orders/second')).rejects.toThrow('aborted');
  expect(orders.received.match(/GET \/second/g)).toHaveLength(1);
});

test.each([
  ['PUT', 100_000],
  ['PUT', 5],
  ['PATCH', 5],
  ['POST', 0],
])('%s with %i bytes is never sent twice, though kept connections die under it', async (method, size) => {
  const used = new WeakSet();
  await using orders = await RawUpstream.start(
    eachRequest((socket) => {
      if (used.has(socket)) return void socket.resetAndDestroy();
      used.add(socket);
      socket.write(ok);
    }),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  for (let count = 0; count < 5; count++) {
    await mesh.call('orders/get');
    expect(await endOf(mesh, { method, body: 'x'.repeat(size) })).toBeOneOf([200, 502]);
  }
  expect(orders.received.match(new RegExp(`${method} / `, 'g'))).toHaveLength(5);
});

test('two hundred 100s that nobody waits for do no harm, and HTTP/1.0 does not see them', async () => {
  await using orders = await RawUpstream.answering(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(200)}${ok}`);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'ok' });
  const old = await exchangeBytes(mesh.address, 'GET / HTTP/1.0\r\nHost: orders.localhost\r\n\r\n');
  expect(old).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok$/s);
});

test('an event stream that dies before its first event is cut', async () => {
  await using orders = await RawUpstream.answering(
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  await client.until(/text\/event-stream/);
  for (const socket of orders.open) socket.resetAndDestroy();
  expect(await client.untilEnd()).not.toMatch(/\r\n0\r\n\r\n$/);
  expect(await mesh.outcome()).toEqual({ kind: 'cut', status: 200 });
});
