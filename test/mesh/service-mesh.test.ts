import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { MeshOptions } from '../../src/index.js';
import { ConfigError, MeshError, ServiceMesh } from '../../src/index.js';

const anyPorts = { gateway: { port: 0 }, admin: { port: 0 } };

test('a service and its instances are known before the mesh is started, and after', async () => {
  await using mesh = new ServiceMesh({
    ...anyPorts,
    services: {
      myservice: {
        port: 8080,
        instances: [{ host: 'my-service-instance', port: 8080 }],
      },
    },
  });
  const expected = [
    {
      host: 'my-service-instance',
      port: 8080,
      source: 'file',
      health: 'unknown',
      weight: 1,
    },
  ];

  expect(mesh.getService('myservice').instances).toMatchObject(expected);
  await mesh.start();
  expect(mesh.getService('myservice').instances).toMatchObject(expected);
});

test.each<[string, NonNullable<MeshOptions['services']>[string]]>([
  ['"host:port"', { instances: ['127.0.0.1:4001'] }],
  ['a host, with the port of the service', { port: 4001, instances: ['127.0.0.1'] }],
  ['{ address }', { instances: [{ address: '127.0.0.1:4001' }] }],
  ['{ host, port }', { instances: [{ host: '127.0.0.1', port: 4001 }] }],
  ['{ host }, with the port of the service', { port: 4001, instances: [{ host: '127.0.0.1' }] }],
])('an instance may be written as %s', (_form, service) => {
  const mesh = new ServiceMesh({ services: { orders: service } });

  expect(mesh.getService('orders').instances).toMatchObject([{ host: '127.0.0.1', port: 4001 }]);
});

test('what is registered is called at once, and what is deregistered no more', async () => {
  await using upstream = await answering('hello');
  await using mesh = new ServiceMesh({ ...anyPorts, services: {} });
  await mesh.start();

  const instance = await mesh.register('orders', {
    host: '127.0.0.1',
    port: upstream.port,
    version: 'v2',
  });
  expect(instance).toMatchObject({
    port: upstream.port,
    version: 'v2',
    source: 'registered',
  });
  expect(await call(mesh, 'orders')).toEqual({ status: 200, body: 'hello' });

  await mesh.deregister('orders', instance.id);
  expect((await call(mesh, 'orders')).status).toBe(404);
});

test('everything that happens is told as an event with a line for people', async () => {
  await using mesh = new ServiceMesh({ ...anyPorts, services: {} });
  await mesh.start();
  const told: string[] = [];
  const end = mesh.on('event', ({ type, message }) => told.push(`${type}: ${message}`));

  await mesh.register('orders', '127.0.0.1:4001');
  end();
  await mesh.deregister('orders', '127.0.0.1:4001');

  expect(told).toEqual([
    'service-added: orders is a service now',
    'instance-added: 127.0.0.1-4001 of orders joined at 127.0.0.1:4001',
  ]);
});

test('two meshes in one process know nothing of each other', async () => {
  await using left = await answering('left');
  await using right = await answering('right');
  const options = (port: number): MeshOptions => ({
    ...anyPorts,
    services: { orders: { instances: [`127.0.0.1:${port}`] } },
  });
  await using first = new ServiceMesh(options(left.port));
  await using second = new ServiceMesh(options(right.port));
  await Promise.all([first.start(), second.start()]);

  expect(await call(first, 'orders')).toEqual({ status: 200, body: 'left' });
  expect(await call(second, 'orders')).toEqual({ status: 200, body: 'right' });
  await first.stop();
  expect(await call(second, 'orders')).toEqual({ status: 200, body: 'right' });
});

test('the addresses of the mesh itself are refused as targets, by whatever name of this machine', async () => {
  await using mesh = new ServiceMesh({ ...anyPorts, services: { orders: {} } });
  await mesh.start();

  for (const url of [mesh.gatewayUrl, mesh.adminUrl]) {
    for (const host of ['127.0.0.1', 'localhost', '127.1.2.3']) {
      const registering = mesh.register('orders', `${host}:${new URL(url).port}`);
      await expect(registering).rejects.toMatchObject({
        code: 'forbidden_target',
      });
    }
  }
});

test('a program that the mesh runs finds its peer by the URL in its environment', async () => {
  await using upstream = await answering('paid');
  await using mesh = new ServiceMesh({
    ...anyPorts,
    name: 'shop',
    services: {
      'card-payments': { instances: [`127.0.0.1:${upstream.port}`] },
      orders: { command: `${process.execPath} -e "${callsPeer}"` },
    },
  });
  await mesh.start();
  expect(await mesh.ready(10_000)).toEqual({ ready: true, waiting: [], stuck: [] });

  expect(await call(mesh, 'orders')).toEqual({
    status: 200,
    body: 'orders/orders-1: paid',
  });
  expect(upstream.seen).toMatchObject([{ via: '1.1 mesh-shop' }]);
});

const callsPeer = `
  const { PORT, MESH_SERVICE, MESH_INSTANCE, CARD_PAYMENTS_URL, CARD_PAYMENTS_SERVICE_HOST: host, CARD_PAYMENTS_SERVICE_PORT: port } = process.env;
  if (CARD_PAYMENTS_URL !== 'http://' + host + ':' + port) process.exit(1);
  require('http').createServer(async (request, response) => {
    const answer = await fetch(CARD_PAYMENTS_URL);
    response.end(MESH_SERVICE + '/' + MESH_INSTANCE + ': ' + await answer.text());
  }).listen(PORT, '127.0.0.1');
`.replaceAll('\n', ' ');

test('a mesh that cannot have a port that was named closes what it had opened, and says which port', async () => {
  await using holder = await answering('mine');
  const mesh = new ServiceMesh({
    gateway: { port: 0 },
    admin: { port: holder.port },
    services: {},
  });

  await expect(mesh.start()).rejects.toMatchObject({
    code: 'port_taken',
    message: expect.stringContaining(`${holder.port}`),
  });
  await mesh.stopped;
});

test('options that make no sense are refused at once, all of them, by their path', () => {
  const broken = () =>
    new ServiceMesh({
      services: {
        orders: { replicas: 0, dependsOn: ['payment'] },
        payments: {},
      },
    });

  expect(broken).toThrow(ConfigError);
  expect(broken).toThrow(/services\.orders\.replicas[\s\S]*payment/);
});

test('a mesh from a file takes up what the file says now, and keeps the last good one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mesh-'));
  const path = join(directory, 'mesh.yaml');
  const write = (services: string) =>
    writeFile(path, `gateway: { port: 0 }\nadmin: { port: 0 }\nservices: ${services}\n`);
  await write('{ orders: {} }');
  {
    await using mesh = await ServiceMesh.fromFile(path);
    await mesh.start();

    await write('{ orders: {}, payments: { instances: ["127.0.0.1:9"] } }');
    await vi.waitFor(() => expect(mesh.services.map(({ name }) => name)).toEqual(['orders', 'payments']), 5_000);

    await write('{ orders: { instances: [nonsense:port] } }');
    await vi.waitFor(() => expect(mesh.control.status().rejected).toHaveLength(1), 5_000);
    expect(mesh.services.map(({ name }) => name)).toEqual(['orders', 'payments']);

    await write('{ payments: {} }');
    await vi.waitFor(() => expect(mesh.services.map(({ name }) => name)).toEqual(['payments']), 5_000);
    expect(mesh.control.status().rejected).toEqual([]);
  }
  await rm(directory, { recursive: true });
});

test('an unknown service is an error that can be told by its code', () => {
  const mesh = new ServiceMesh({ services: {} });

  expect(() => mesh.getService('orders')).toThrow(MeshError);
  expect(() => mesh.getService('orders')).toThrow(expect.objectContaining({ code: 'unknown_service' }));
});

async function call(mesh: ServiceMesh, service: string): Promise<{ status: number; body: string }> {
  const response = await fetch(mesh.gatewayUrl, {
    headers: { 'x-mesh-service': service },
  });
  return { status: response.status, body: await response.text() };
}

async function answering(text: string) {
  const seen: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    seen.push(request.headers);
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
