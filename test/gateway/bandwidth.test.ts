import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { BandwidthConfig } from '../../src/config/shaping-configs.js';
import { open, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const down = (rate: number, per: BandwidthConfig['per'] = 'exchange') => ({ up: undefined, down: rate, per });

/** What has come of an answer by now. */
function counting(message: NodeJS.ReadableStream): { bytes: number } {
  const counted = { bytes: 0 };
  message.on('data', (chunk: Buffer) => {
    counted.bytes += chunk.length;
  });
  return counted;
}

test('an answer comes at its rate, to the byte, and whole', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(50_000));
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth: down(10_000) } }, { clock });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  const got = counting(message);
  const ended = once(message, 'end');

  await clock.elapse(999);
  for (let second = 1; second < 5; second++) {
    expect(got.bytes).toBe(10_000 * second);
    await clock.elapse(1_000);
  }
  await ended;
  expect(got.bytes).toBe(50_000);
});

test('an upload goes to the service at its rate, and its timeout does not take the pace for the service', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((request, response) => {
    request.resume().on('end', () => response.end('got it'));
  });
  const bandwidth: BandwidthConfig = { up: 1_000, down: undefined, per: 'exchange' };
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], bandwidth, timeouts: { request: 2_000 } } },
    { clock },
  );
  const reply = mesh.call('orders/', { method: 'POST', body: 'x'.repeat(20_000) });
  await orders.until(1);
  const got = counting(orders.last.message);

  await clock.elapse(10_000);
  expect(got.bytes).toBe(10_000);
  await clock.elapse(10_100);
  expect(await reply).toMatchObject({ status: 200, body: 'got it' });
});

test('exchanges share the rate of their service', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(50_000));
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], bandwidth: down(10_000, 'service') } },
    { clock },
  );
  const headers = { Host: 'orders.localhost' };
  const messages = [await open(mesh.address, '/', { headers }), await open(mesh.address, '/', { headers })];
  const counts = messages.map(counting);

  await clock.elapse(4_000);
  expect(counts.map(({ bytes }) => Math.round(bytes / 1_000))).toEqual([20, 20]);
  for (const { socket } of messages) socket.resetAndDestroy();
});

test('the bytes of a WebSocket go at its rate in both directions, and its close comes behind them', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  const server = new WebSocketServer({ server: orders.server });
  server.on('connection', (socket) => {
    socket.on('message', (message) => socket.send(message));
  });
  const bandwidth: BandwidthConfig = { up: 5_000, down: 1_000, per: 'exchange' };
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth } }, { clock });
  const client = new WebSocket(`ws://127.0.0.1:${mesh.address.port}/`, { headers: { Host: 'orders.localhost' } });
  await once(client, 'open');
  const messages: string[] = [];
  client.on('message', (message) => messages.push(String(message)));

  client.send('x'.repeat(5_000));
  await clock.elapse(5_000); // one second up, and five down
  expect(messages).toEqual([]);
  const echoed = once(client, 'message');
  await clock.elapse(1_500);
  await echoed;
  expect(messages).toEqual(['x'.repeat(5_000)]);
  client.close();
  const closed = once(client, 'close');
  await clock.elapse(500);
  await closed;
  expect(mesh.exchanges[0]?.outcome).toEqual({ kind: 'answered', status: 101 });
  server.close();
});

test('a client that leaves in the middle of a slow answer leaves nothing behind', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(500_000));
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth: down(1_000) } }, { clock });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  await clock.elapse(100);
  message.socket.resetAndDestroy();
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
  await expect.poll(() => orders.open.size).toBe(0);
});

test('of a paced answer that breaks off behind so many bytes, the client gets all of these', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(8_000));
  const match = {
    path: undefined,
    method: undefined,
    headers: {},
    caller: undefined,
    version: undefined,
    instance: undefined,
  };
  const faults = [{ effect: { kind: 'truncate', after: 4_000 }, percentage: 1, match }] as const;
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth: down(1_000), faults } }, { clock });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  const got = counting(message);
  const cut = once(message, 'error');
  await clock.elapse(4_100);
  await cut;
  expect(got.bytes).toBe(4_000);
});

test('a service keeps its rate, whatever else of its shape changes', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(50_000));
  const bandwidth = down(10_000, 'service');
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth } }, { clock });
  const headers = { Host: 'orders.localhost' };
  const before = await open(mesh.address, '/', { headers });
  mesh.gateway.shapeBy('orders', { faults: [] });
  const behind = await open(mesh.address, '/', { headers });
  const counts = [counting(before), counting(behind)];
  await clock.elapse(3_999);
  expect(counts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(40_000);
  for (const { socket } of [before, behind]) socket.resetAndDestroy();
});

test('a new rate holds for the bytes that are under way, and none for what has lost its limit', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(50_000));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  mesh.gateway.shapeBy('orders', { bandwidth: down(100) });
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  const got = counting(message);
  const ended = once(message, 'end');
  await clock.elapse(1_000);
  expect(got.bytes).toBeLessThan(200);
  mesh.gateway.shapeBy('orders', { bandwidth: down(10_000) });
  await clock.elapse(1_000);
  expect(got.bytes).toBeGreaterThan(9_000);
  mesh.gateway.shapeBy('orders', undefined);
  await clock.elapse(200);
  await ended;
});

test('a stream that is held up by its pace is not taken for silent', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start('x'.repeat(2_000));
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], bandwidth: down(100), timeouts: { idle: 2_000 } } },
    { clock },
  );
  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  const got = counting(message);
  const ended = once(message, 'end');
  await clock.elapse(21_000);
  await ended;
  expect(got.bytes).toBe(2_000);
});

test('what a client has sent before it ends its side arrives, however slow the pace', async () => {
  const clock = new ManualClock();
  let received = 0;
  await using orders = await Upstream.start();
  orders.server.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('data', (bytes) => {
      received += bytes.length;
    });
    socket.on('end', () => socket.end());
  });
  const bandwidth: BandwidthConfig = { up: 1_000, down: undefined, per: 'exchange' };
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  await client.until(/101/);
  client.send('x'.repeat(20_000));
  client.halfClose();
  await clock.elapse(10_000);
  await clock.elapse(10_500);
  await expect.poll(() => received).toBe(20_000);
});

test('when the client of a paced tunnel dies, the connection to the service is closed at once', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  orders.server.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.resume().on('end', () => socket.end());
  });
  const bandwidth: BandwidthConfig = { up: 10, down: undefined, per: 'exchange' };
  await using mesh = await TestGateway.start({ orders: { at: [orders], bandwidth } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
  await client.until(/101/);
  client.send('x'.repeat(2_000)); // more would stop the reading, and with it the noticing
  await clock.elapse(100);
  client.socket.resetAndDestroy();
  await expect.poll(() => orders.open.size).toBe(0);
});
