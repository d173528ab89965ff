import { once } from 'node:events';
import { Agent } from 'node:http';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { RouteConfig } from '../../src/config/snapshot.js';
import { Intake } from '../../src/gateway/intake.js';
import { Listener } from '../../src/gateway/listener.js';
import { freePort } from '../support/free-port.js';
import { call, snapshotOf, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { routeToAll } from '../support/policies.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

const route = (more: Partial<RouteConfig>): RouteConfig => ({ ...routeToAll, ...more });

async function hold(port: number): Promise<{ port: number; server: Server; close: () => Promise<void> }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  const close = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port: address.port, server, close };
}

const gone = { code: 'ECONNREFUSED' };

test('a service is reached by its host, its header, a proxy request, its own port and a door', async () => {
  const listen = await freePort();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders], listen }, web: {} });
  const { gateway, address } = mesh;
  const own = gateway.listenAddress('orders');
  const door = await gateway.door('web', 'orders');

  await call(address, '/host', { headers: { Host: 'orders.localhost' } });
  await call(address, '/header', { headers: { 'X-Mesh-Service': 'orders' } });
  await call(address, 'http://orders/proxy', { headers: { Host: 'ignored' } });
  await call({ host: '127.0.0.1', port: listen }, '/port', { headers: { 'X-Mesh-Service': 'web' } });
  await call(door, '/door', { headers: { 'X-Mesh-Service': 'web', Host: 'web.localhost' } });

  expect(orders.targets).toEqual(['GET /host', 'GET /header', 'GET /proxy', 'GET /port', 'GET /door']);
  expect(own).toEqual({ host: '127.0.0.1', port: listen });
  expect(orders.seen.some(({ fields }) => fields.has('x-mesh-service'))).toBe(false);
  expect(mesh.exchanges.map(({ caller }) => caller)).toEqual([undefined, undefined, undefined, undefined, 'web']);
});

test('what is asked for outside is a 404, by proxy request too', async () => {
  await using mesh = await TestGateway.start({ orders: {} });
  const reply = await call(mesh.address, 'http://example.com/', {});
  expect(reply.status).toBe(404);
  expect(reply.fields.get('x-mesh-error')).toBe('no_route');
});

test('a route rewrites its prefix, and the canonical path is what the service sees', async () => {
  await using api = await Upstream.start();
  await using mesh = await TestGateway.start({ api: { at: [api], routes: [route({ path: '/api', rewrite: '/v2' })] } });
  await exchangeBytes(
    mesh.address,
    'GET /x/../api/./a/%2e%2e/b?q=/../ HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n',
  );
  expect(api.targets).toEqual(['GET /v2/b?q=/../']);
});

test('a service that is registered at run time is reached by its name', async () => {
  await using cart = await Upstream.start();
  await using mesh = await TestGateway.start({});
  expect((await mesh.call('cart/')).status).toBe(404);
  mesh.add('cart', cart);
  expect((await mesh.call('cart/')).status).toBe(200);
  expect(mesh.gateway.url('cart')).toBe(`http://cart.localhost:${mesh.address.port}`);
});

test('only what can be called has a URL', async () => {
  await using mesh = await TestGateway.start({ orders: {}, shoppers: { expose: false } }, { domain: 'mesh.test' });
  expect(mesh.gateway.url('orders')).toBe(`http://orders.mesh.test:${mesh.address.port}`);
  expect(mesh.gateway.url('shoppers')).toBeUndefined();
  expect(mesh.gateway.url('unknown')).toBeUndefined();
  expect(mesh.gateway.listenAddress('orders')).toBeUndefined();
});

test('a pair has one door, another pair another, and all are among its own addresses', async () => {
  await using mesh = await TestGateway.start({ web: {}, orders: {}, cart: {} });
  const { gateway } = mesh;
  const [first, again, other] = await Promise.all([
    gateway.door('web', 'orders'),
    gateway.door('web', 'orders'),
    gateway.door('cart', 'orders'),
  ]);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
  expect(gateway.ownAddresses()).toHaveLength(3);
  expect(gateway.ownAddresses()).toEqual(expect.arrayContaining([mesh.address, first, other]));
});

test('a default port that is taken moves to the next free one that the file does not name', async () => {
  const holder = await hold(0);
  const address = { port: holder.port, named: false };
  const listener = await Listener.open(
    '127.0.0.1',
    address,
    new Set([holder.port + 1]),
    { kind: 'front' },
    {
      clock: new ManualClock(),
      handle: async () => {},
      maxRequestBytes: () => Infinity,
      capacity: { used: 0, limit: () => Infinity },
      intake: new Intake(new ManualClock()),
      onTurnedAway: () => {},
    },
  );
  expect(listener.address.port).toBeGreaterThan(holder.port + 1);
  expect(listener.address.port).toBeLessThan(holder.port + 100);
  await listener.close();
  await holder.close();
});

test('a named port that is taken is an error that names the port and who holds it', async () => {
  const holder = await hold(0);
  await expect(TestGateway.start({}, { port: { port: holder.port, named: true } })).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringMatching(
      process.platform === 'linux'
        ? new RegExp(
            `^Port ${holder.port} \\(127\\.0\\.0\\.1:${holder.port}\\) is taken by pid ${process.pid} \\(.*node`,
          )
        : new RegExp(`^Port ${holder.port} `),
    ),
  });
  await holder.close();
});

test('an address that is not of this machine is an error that says so', async () => {
  await expect(TestGateway.start({}, { host: 'nowhere.invalid' })).rejects.toMatchObject({
    code: 'listen_failed',
    message: expect.stringContaining('The mesh cannot listen on nowhere.invalid:0: '),
  });
});

test('a reload under load loses no request', { timeout: 30_000 }, async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const agent = new Agent({ keepAlive: true });
  const statuses = new Map<number, number>();
  let running = true;
  const worker = async (keepAlive: boolean) => {
    while (running) {
      const { status } = await mesh.call('orders/', keepAlive ? { agent } : {});
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const workers = [true, true, true, true, false, false].map(worker);

  for (let reload = 1; reload <= 20; reload++) {
    const routes = [route({ path: `/${reload}` })];
    await mesh.gateway.apply(snapshotOf({ orders: { routes }, [`extra-${reload}`]: {} }));
    await orders.until(reload * 50);
  }
  running = false;
  await Promise.all(workers);

  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThanOrEqual(1_000);
  agent.destroy();
});

test('a request under way keeps the snapshot that it came in by, and the next has the new one', async () => {
  let answer: () => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    answer = () => response.end('old');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const underWay = mesh.call('orders/');
  await orders.until(1);

  await mesh.gateway.apply(snapshotOf({ orders: { expose: false } }));

  expect((await mesh.call('orders/')).status).toBe(404);
  answer();
  expect(await underWay).toMatchObject({ status: 200, body: 'old' });
});

test('the round of a service goes on over a reload, and so do its connections', async () => {
  await using first = await Upstream.start('1');
  await using second = await Upstream.start('2');
  const services = { orders: { at: [first, second] } };
  await using mesh = await TestGateway.start(services);

  let picked = (await mesh.call('orders/')).body;
  await mesh.gateway.apply(snapshotOf(services));
  for (let count = 0; count < 3; count++) picked += (await mesh.call('orders/')).body;

  expect(picked).toBe('1212');
  expect(first.accepted + second.accepted).toBe(2);
});

test('a reload opens and closes ports, and lets two services swap theirs', async () => {
  const [a, b, c] = [await freePort(), await freePort(), await freePort()];
  const at = (port: number) => ({ host: '127.0.0.1', port });
  await using orders = await Upstream.start('orders');
  await using cart = await Upstream.start('cart');
  await using mesh = await TestGateway.start({ orders: { at: [orders], listen: a }, cart: { at: [cart], listen: b } });
  const agent = new Agent({ keepAlive: true });
  expect((await call(at(a), '/', { agent })).body).toBe('orders');

  await mesh.gateway.apply(snapshotOf({ orders: { listen: b }, cart: { listen: a } }));
  expect((await call(at(a), '/', { agent })).body).toBe('cart');
  expect((await call(at(b), '/')).body).toBe('orders');

  await mesh.gateway.apply(snapshotOf({ orders: { listen: c }, cart: {} }));
  expect((await call(at(c), '/')).body).toBe('orders');
  await expect(call(at(a), '/')).rejects.toMatchObject(gone);
  await expect(call(at(b), '/')).rejects.toMatchObject(gone);
  agent.destroy();
});

test('the front door moves: the new port is open before the old one closes', async () => {
  const port = await freePort();
  let answer: () => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    answer = () => response.end('late');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const old = mesh.address;
  const underWay = mesh.call('orders/');
  await orders.until(1);

  await mesh.gateway.apply(snapshotOf({ orders: {} }, { port: { port, named: true } }));

  expect(mesh.address.port).toBe(port);
  await expect(call(old, '/')).rejects.toMatchObject(gone);
  answer();
  expect(await underWay).toMatchObject({ status: 200, body: 'late' });
  await mesh.gateway.apply(snapshotOf({ orders: {} }, { port: { port, named: false } }));
  expect(mesh.address.port).toBe(port);
});

test('a reload whose port cannot be had changes nothing', async () => {
  const holder = await hold(0);
  const free = await freePort();
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reload = mesh.gateway.apply(snapshotOf({ fresh: { listen: free }, other: { listen: holder.port } }));

  await expect(reload).rejects.toMatchObject({ code: 'port_taken' });
  expect((await mesh.call('orders/')).status).toBe(200);
  expect((await mesh.call('fresh/')).status).toBe(404);
  await expect(call({ host: '127.0.0.1', port: free }, '/')).rejects.toMatchObject(gone);
  await holder.close();
});

test('when it closes, requests under way are answered, idle connections end, and new ones are refused', async () => {
  let answer: () => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    answer = () => response.end('last');
  });
  const mesh = await TestGateway.start({ orders: { at: [orders] } });
  const { address } = mesh;
  using idle = await RawClient.connect(address);
  using silent = await RawClient.connect(address);
  idle.send('GET / HTTP/1.1\r\nHost: unknown\r\n\r\n');
  await idle.until(/404/);
  const underWay = mesh.call('orders/', { agent: new Agent({ keepAlive: true }) });
  await orders.until(1);

  const closed = mesh.gateway.close();

  await Promise.all([idle.untilEnd(), silent.untilEnd()]);
  await expect(call(address, '/')).rejects.toMatchObject(gone);
  answer();
  const reply = await underWay;
  expect(reply).toMatchObject({ status: 200, body: 'last' });
  expect(reply.fields.get('connection')).toBe('close');
  await closed;
  await expect(mesh.gateway.door('web', 'orders')).rejects.toMatchObject({ code: 'shutting_down' });
});

test('who does not finish within 10 seconds is cut', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((_request, response) => {
    response.write('for ever ');
  });
  const mesh = await TestGateway.start({ orders: { at: [orders] } }, { clock });
  using client = await RawClient.connect(mesh.address);
  client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  await client.until(/for ever/);

  let isClosed = false;
  const closed = mesh.gateway.close().then(() => {
    isClosed = true;
  });
  await clock.elapse(9_999);
  expect(isClosed).toBe(false);
  clock.advance(1);

  await closed;
  expect(mesh.exchanges[0]?.outcome).toEqual({ kind: 'cut', status: 200 });
  await expect.poll(() => orders.open.size).toBe(0);
});
