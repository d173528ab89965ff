import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { megabyte, noise } from '../support/bodies.js';
import { open, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { RawClient } from '../support/raw-client.js';
import { eachRequest } from '../support/raw-request.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

/** Clients that are connected, and gone when the test is over. */
class Crowd implements Disposable {
  readonly clients: readonly RawClient[];

  private constructor(clients: RawClient[]) {
    this.clients = clients;
  }

  static async gather(mesh: TestGateway, count: number): Promise<Crowd> {
    return new Crowd(await Promise.all(Array.from({ length: count }, () => RawClient.connect(mesh.address))));
  }

  send(text: string): void {
    for (const client of this.clients) if (client.socket.writable) client.send(text);
  }

  /** Every other by an orderly end, the rest by a reset. */
  leave(): void {
    for (const [at, { socket }] of this.clients.entries()) at % 2 === 0 ? socket.destroy() : socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.clients) socket.destroy();
  }
}

/** The connections of this process: those of the gateway, of its clients and of its services. */
const connections = () => process.getActiveResourcesInfo().filter((resource) => resource === 'TCPSocketWrap').length;

test('150 clients that never finish their heads are gone when the time for that is up, and others are served', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  using slow = await Crowd.gather(mesh, 150);
  slow.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\nX-Slow: ');
  const gone = () => slow.clients.filter(({ socket }) => socket.readableEnded || socket.destroyed).length;
  const drip = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      slow.send('x');
      expect(await mesh.call('orders/')).toMatchObject({ status: 200 });
      await clock.elapse(1_000);
    }
  };

  await drip(5);
  expect(gone()).toBe(0);
  await drip(7); // the head has ten

  await expect.poll(gone, { timeout: 5_000 }).toBe(150);
  for (const { received } of slow.clients) expect(received).toMatch(/^HTTP\/1\.1 408 /);
  expect(orders.targets).toEqual(Array.from({ length: 12 }, () => 'GET /'));
});

test('80 bodies that drip in harm nobody, and arrive', { timeout: 30_000 }, async () => {
  await using orders = await Upstream.start((request, response) => {
    request.pipe(response);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using slow = await Crowd.gather(mesh, 80);
  slow.send('POST / HTTP/1.1\r\nHost: orders.localhost\r\nContent-Length: 20\r\nConnection: close\r\n\r\n');
  await orders.until(80);

  for (let count = 0; count < 20; count++) {
    slow.send('x');
    expect(await mesh.call('orders/', { method: 'POST', body: 'fast' })).toMatchObject({ status: 200, body: 'fast' });
  }

  for (const client of slow.clients) {
    const reply = await client.untilEnd();
    expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(reply.split('\r\n\r\n').slice(1).join('').match(/x/g)).toHaveLength(20);
  }
});

test('600 clients that say nothing harm nobody, and leave nothing behind', { timeout: 30_000 }, async () => {
  const before = connections();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using idle = await Crowd.gather(mesh, 600);
  const some = idle.clients.slice(0, 100);
  for (const client of some) client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  await Promise.all(some.map((client) => client.until(/ok$/)));

  for (let count = 0; count < 20; count++) expect(await mesh.call('orders/')).toMatchObject({ status: 200 });
  expect(connections()).toBeGreaterThanOrEqual(1_200);
  idle.leave();

  // What is kept to the service has two ends in this process.
  await expect.poll(() => connections() - 2 * orders.open.size, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  expect(orders.open.size).toBeLessThanOrEqual(100);
});

test('a client that does not read 256 MB stops the service, others are served, and when it reads it gets all', {
  timeout: 30_000,
}, async () => {
  let written = 0;
  const chunk = noise(megabyte);
  await using orders = await Upstream.start((request, response) => {
    if (request.url !== '/large') return void response.end('small');
    const more = () => {
      while (written < 256 * megabyte) {
        written += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const message = await open(mesh.address, '/large', { headers: { Host: 'orders.localhost' } });
  for (let before = -1; written !== before; ) {
    before = written;
    for (let count = 0; count < 20; count++) expect((await mesh.call('orders/')).body).toBe('small');
    await pause(100); // long enough for more to move, if more could
  }
  expect(written).toBeLessThan(32 * megabyte);

  let read = 0;
  let isSame = true;
  for await (const part of message) {
    const begin = read % megabyte;
    const now = Buffer.from(part);
    for (let at = 0; at < now.length; ) {
      const from = (begin + at) % megabyte;
      const length = Math.min(now.length - at, megabyte - from);
      isSame &&= now.subarray(at, at + length).equals(chunk.subarray(from, from + length));
      at += length;
    }
    read += now.length;
  }
  expect([read, isSame]).toEqual([256 * megabyte, true]);
});

test('100 clients that leave at any point of two requests leave nothing behind', { timeout: 30_000 }, async () => {
  const before = connections();
  await using orders = await RawUpstream.start(
    eachRequest((socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const head = 'HTTP/1.1\r\nHost: orders.localhost\r\n';
  const asked = `POST / ${head}Content-Length: 4\r\n\r\nbodyGET / ${head}\r\n`;
  using crowd = await Crowd.gather(mesh, 100);
  for (const [at, client] of crowd.clients.entries()) client.send(asked.slice(0, at * 2));
  await expect.poll(() => orders.open.size).toBeGreaterThan(20);

  crowd.leave();

  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
  await expect.poll(connections, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  await expect.poll(() => mesh.exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
});
