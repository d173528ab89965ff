import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const answer = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, 'Content-Length: 2', '', 'ok'].join('\r\n');
const get = (path: string, ...lines: string[]) =>
  [`GET ${path} HTTP/1.1`, 'Host: orders.localhost', ...lines, '', ''].join('\r\n');

test.each([
  ['Connection: close', answer('Connection: close')],
  ['Connection: x, CLOSE', answer('Connection: x, CLOSE')],
  ['Connection: close on its second line', answer('Connection: x', 'connection: close')],
  ['HTTP/1.0', answer().replace('1.1', '1.0')],
])('the connection of a service that says %s is not used again, and is closed', async (_name, bytes) => {
  await using orders = await RawUpstream.answering(bytes); // and it does not close it itself
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  for (let count = 1; count <= 3; count++) {
    expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'ok' });
    expect(orders.accepted).toBe(count);
    await expect.poll(() => orders.open.size).toBe(0);
  }
});

test('a service that closes does not close the connection of the client', async () => {
  await using orders = await RawUpstream.answering(answer('Connection: close'), true);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(get('/'));
  await client.until(/ok$/);
  client.send(get('/'));
  await client.until(/ok.*ok$/s);
  expect(client.received).not.toMatch(/connection: close/i);
  expect(orders.accepted).toBe(2);
});

test.each([
  ['Connection: close', get('/first', 'Connection: close')],
  ['Connection: x, CLOSE', get('/first', 'Connection: x, CLOSE')],
  ['HTTP/1.0', 'GET /first HTTP/1.0\r\nHost: orders.localhost\r\n\r\n'],
])('a client that says %s is answered so, and nothing behind that is carried', async (_name, request) => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, request + get('/second'));
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\nConnection: close\r\n.*ok$/is);
  expect(reply.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(orders.targets).toEqual(['GET /first']);
});

test('the connection of the service outlives that of the client', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  for (let count = 0; count < 5; count++) await exchangeBytes(mesh.address, get('/', 'Connection: close'));
  expect(orders.accepted).toBe(1);
});

test.each([
  [1, 1_500],
  [10, 10_500],
])('a connection that the service keeps for %i s is not used after that', async (seconds, later) => {
  const clock = new ManualClock();
  await using orders = await RawUpstream.answering(answer(`Keep-Alive: timeout=${seconds}, max=100`));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });

  await mesh.call('orders/');
  expect(orders.accepted).toBe(1);
  await clock.elapse(later);
  expect(await mesh.call('orders/')).toMatchObject({ status: 200, body: 'ok' });

  expect(orders.accepted).toBe(2);
  await expect.poll(() => orders.open.size).toBeLessThanOrEqual(1);
});

test('a connection that the service keeps for long is used until then', async () => {
  const clock = new ManualClock();
  await using orders = await RawUpstream.answering(answer('Keep-Alive: timeout=20'));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  for (let count = 0; count < 5; count++) {
    await mesh.call('orders/');
    await clock.elapse(5_000); // idle for 5 s each time, and never for 20
  }
  expect(orders.accepted).toBe(1);
});

test('a connection that nobody needs is not kept for ever', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  await mesh.call('orders/');
  expect(orders.open.size).toBe(1);
  await clock.elapse(300_000);
  await expect.poll(() => orders.open.size).toBe(0);
});

test('the connection of a client that asks nothing more is not kept for ever', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send(get('/'));
  await client.until(/ok$/);
  await expect.poll(() => mesh.exchanges[0]?.outcome).toBeDefined();
  await clock.elapse(300_000);
  await expect.poll(() => client.socket.readableEnded).toBe(true);
  client.halfClose();
  expect(await client.closed).toBe('end');
});
