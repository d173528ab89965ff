import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const head = (lines: string[], requestLine = 'POST / HTTP/1.1') =>
  [requestLine, 'Host: orders.localhost', ...lines, '', ''].join('\r\n');

test.each([
  ['with a length', head(['Content-Length: 11']), ''],
  ['in chunks', head(['Transfer-Encoding: chunked']), '6\r\n123456\r\n5\r\n78901\r\n0\r\n\r\n'],
  ['that waits to be asked for', head(['Content-Length: 11', 'Expect: 100-continue']), ''],
])('a body %s that is larger than the gateway takes is a 413, and never a request', async (_name, text, body) => {
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => response.end());
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { maxRequestBytes: 10 });

  const reply = await exchangeBytes(mesh.address, text + body);

  expect(reply).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n.*x-mesh-error: request_too_large.*10 bytes/s);
  expect(orders.seen.every(({ message }) => !message.complete)).toBe(true);
});

test('a body of just the size that is taken passes', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { maxRequestBytes: 10 });
  expect((await mesh.call('orders/', { method: 'POST', body: '1234567890' })).status).toBe(200);
});

test('one connection more than there may be is told so, and a place that is free is given away', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { maxConnections: 2 });
  using first = await RawClient.connect(mesh.address);
  using second = await RawClient.connect(mesh.address);
  for (const client of [first, second]) {
    client.send(head([], 'GET / HTTP/1.1'));
    await client.until(/ok$/);
  }

  using third = await RawClient.connect(mesh.address);
  expect(await third.untilEnd()).toMatch(/^HTTP\/1\.1 503 .*x-mesh-error: too_many_connections/s);
  third.socket.destroy();
  first.socket.destroy();

  await expect
    .poll(() => exchangeBytes(mesh.address, head(['Connection: close'], 'GET / HTTP/1.1')))
    .toMatch(/^HTTP\/1\.1 200 /);
});

test('the place of a connection counts on all ports together', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} }, { maxConnections: 1 });
  const door = await mesh.gateway.door('web', 'orders');
  using first = await RawClient.connect(mesh.address);
  first.send(head([], 'GET / HTTP/1.1'));
  await first.until(/ok$/);
  expect(await exchangeBytes(door, head([], 'GET / HTTP/1.1'))).toMatch(/^HTTP\/1\.1 503 /);
});

test('a head that does not arrive in time is answered with 408, however it drips', async () => {
  const clock = new ManualClock();
  await using mesh = await TestGateway.start({}, { clock });
  using client = await RawClient.connect(mesh.address);
  for (const piece of ['GET / HT', 'TP/1.1\r\nHo', 'st: orders']) {
    client.send(piece);
    await clock.elapse(3_000);
  }
  expect(client.received).toBe('');
  await clock.elapse(3_000);
  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 408 .*x-mesh-error: head_timeout/s);
});

test('a body that stands still for a minute is answered with 408, and one that drips is not', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((request) => request.resume());
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  using still = await RawClient.connect(mesh.address);
  using dripping = await RawClient.connect(mesh.address);
  for (const client of [still, dripping]) client.send(`${head(['Content-Length: 1000'])}x`);
  await orders.until(2);

  for (let minute = 0; minute < 3; minute++) {
    await clock.elapse(30_000);
    dripping.send('x');
    await expect.poll(() => mesh.exchanges.some(({ request }) => request.body.received === 2 + minute)).toBe(true);
  }

  expect(await still.untilEnd()).toMatch(/^HTTP\/1\.1 408 .*x-mesh-error: body_timeout/s);
  expect(dripping.received).toBe('');
});

test('a client that waits to be told to send its body is not blamed for the wait', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  orders.server.on('checkContinue', () => {});
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], timeouts: { request: 0, connect: 0 } } },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);
  client.send(head(['Content-Length: 4', 'Expect: 100-continue']));
  await expect.poll(() => orders.accepted).toBe(1);

  await clock.elapse(120_000);

  expect(client.received).toBe('');
  expect(mesh.exchanges[0]?.outcome).toBeUndefined();
  client.socket.resetAndDestroy();
});

test('an idle connection is closed after a good minute without a word, and one in use is not', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start(() => {});
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], timeouts: { request: 0, connect: 0 } } },
    { clock },
  );
  using idle = await RawClient.connect(mesh.address);
  using busy = await RawClient.connect(mesh.address);
  busy.send(head([], 'GET / HTTP/1.1'));
  await orders.until(1);

  await clock.elapse(63_000);

  expect(await idle.untilEnd()).toBe('');
  expect(busy.socket.readableEnded).toBe(false);
  busy.socket.resetAndDestroy(); // a mere end would be looked after by the clock
});

test('a client that takes its answer and leaves its side open is let go', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send(head(['Connection: close'], 'GET / HTTP/1.1'));
  expect(await client.untilEnd()).toMatch(/ok$/);
  await clock.elapse(6_000);
  client.send('anything');
  client.send('more');
  expect(await client.closed).toBe('reset'); // nobody is there any more
});
