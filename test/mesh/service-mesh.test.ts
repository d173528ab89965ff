import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { MeshOptions, SeriesRow } from '../../src/index.js';
import { ConfigError, MeshError, ServiceMesh } from '../../src/index.js';
import { freePort } from '../support/free-port.js';

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
    for (const host of [
      '127.0.0.1',
      'LOCALHOST',
      '127.1.2.3',
      '[::ffff:127.0.0.1]',
      '[::0001]',
      'a.localhost',
      hostname(),
    ]) {
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

test('an edit while the mesh starts is taken up, too', async () => {
  await using folder = await meshFolder('{ orders: {} }');
  await using mesh = await ServiceMesh.fromFile(folder.path);

  await folder.write('{ orders: {}, payments: {} }');
  await mesh.start();

  await vi.waitFor(() => expect(mesh.services.map(({ name }) => name)).toEqual(['orders', 'payments']), 5_000);
});

test('one folder has one mesh, in one process too, and a second one leaves the first alone', async () => {
  await using folder = await meshFolder(`{ web: { command: "sleep 600", expose: false } }`);
  await using mesh = await ServiceMesh.fromFile(folder.path);
  await mesh.start();
  await mesh.ready();
  const [before] = mesh.control.service('web').processes;

  const second = await ServiceMesh.fromFile(folder.path);

  await expect(second.start()).rejects.toMatchObject({ code: 'already_running' });
  expect(mesh.control.service('web').processes).toEqual([before]);
  expect(JSON.parse(await readFile(join(folder.directory, '.mesh', 'run.json'), 'utf8'))).toMatchObject({
    adminUrl: mesh.adminUrl,
  });
});

test('of ten that start at once in one folder, one runs', async () => {
  await using folder = await meshFolder('{ orders: {} }');
  const meshes = await Promise.all(Array.from({ length: 10 }, () => ServiceMesh.fromFile(folder.path)));

  const starts = await Promise.allSettled(meshes.map((mesh) => mesh.start()));

  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await Promise.all(meshes.map((mesh) => mesh.stop()));
});

test('of ten processes that find the lock of a mesh that was killed, one takes it over', {
  timeout: 60_000,
}, async () => {
  await using folder = await meshFolder('{}');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const program = `
    const { claim } = await import(${JSON.stringify(new URL('../../dist/mesh/claim.js', import.meta.url).href)});
    process.stdin.resume().once('end', () => process.exit());
    process.stdout.write('ready');
    process.stdin.once('data', () => claim(${JSON.stringify(folder.directory)}).then(() => process.stdout.write(' won'), (error) => process.stdout.write(' ' + error.code)));
  `;
  for (let round = 0; round < 5; round++) {
    await mkdir(join(folder.directory, '.mesh'), { recursive: true });
    await writeFile(
      join(folder.directory, '.mesh', 'lock'),
      JSON.stringify({ pid: dead, identity: 'of another time' }),
    );
    const claimers = Array.from({ length: 10 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
      });
      return { child, said: () => said };
    });
    await vi.waitFor(() => expect(claimers.every(({ said }) => said() === 'ready')).toBe(true), 10_000);

    for (const { child } of claimers) child.stdin.write('go');
    await vi.waitFor(() => expect(claimers.every(({ said }) => said() !== 'ready')).toBe(true), 10_000);

    expect(claimers.map(({ said }) => said()).sort()).toEqual([
      ...Array.from({ length: 9 }, () => 'ready already_running'),
      'ready won',
    ]);
    for (const { child } of claimers) child.stdin.end();
    await Promise.all(claimers.map(({ child }) => once(child, 'exit')));
  }
});

test.each([0, 1, 2, 5, 10])('a stop %d ms after the start leaves nothing open', async (milliseconds) => {
  await using folder = await meshFolder(`{ web: { command: "sleep 600", expose: false } }`);
  const mesh = await ServiceMesh.fromFile(folder.path);

  const started = mesh.start().catch((error: unknown) => error);
  if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds)); // a moment within the start
  await mesh.stop();

  const outcome = await started;
  if (outcome !== undefined) expect(outcome).toMatchObject({ code: 'shutting_down' });
  expect(await readdir(join(folder.directory, '.mesh'))).toEqual(['.gitignore']);
  await expect(mesh.ready()).resolves.toMatchObject({ ready: false });
});

test('a listener that throws is its owner’s trouble, and ends nothing of the mesh', async () => {
  await using mesh = new ServiceMesh({ ...anyPorts, services: {} });
  await mesh.start();
  const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {}); // thrown there, it would end this process
  mesh.on('event', () => {
    throw new Error('a bug of mine');
  });

  const instance = await mesh.register('orders', '127.0.0.1:4001');

  expect(instance.port).toBe(4001);
  expect(later.mock.calls[0]?.[0]).toThrow('a bug of mine');
  later.mockRestore();
});

test('a port passes from a program to the gateway, and the answer says where the gateway is', async () => {
  const port = await freePort();
  const command = `${process.execPath} -e "require('http').createServer((q, r) => r.end()).listen(process.env.PORT)"`;
  await using folder = await meshFolder(`{ web: { command: "${command.replaceAll('"', '\\"')}", port: ${port} } }`);
  await using mesh = await ServiceMesh.fromFile(folder.path);
  await mesh.start();
  await mesh.ready();

  await folder.write('{ web: {} }', `gateway: { port: ${port} }`);
  const { outcome, message } = await mesh.reload();

  expect({ outcome, message }).toMatchObject({ outcome: 'applied', message: expect.stringContaining('gateway is at') });
  expect(mesh.gatewayUrl).toBe(`http://127.0.0.1:${port}`);
  const run = JSON.parse(await readFile(join(folder.directory, '.mesh', 'run.json'), 'utf8'));
  expect(run.gatewayUrl).toBe(mesh.gatewayUrl);
});

test('each mesh file that is taken up is another revision; one that is refused, or says the same, is none', async () => {
  await using folder = await meshFolder('{}');
  await using mesh = await ServiceMesh.fromFile(folder.path);
  await mesh.start();
  const revision = () => mesh.control.status().revision;
  const first = revision();
  await mesh.reload();
  expect(revision()).toEqual({ number: 1, since: first.since });

  await folder.write('{ web: {} }');
  await mesh.reload();
  expect(revision().number).toBe(2);
  expect(revision().since).toBeGreaterThanOrEqual(first.since);
  await folder.write('{ web: { nonsense: 1 } }');
  await mesh.reload();

  expect(revision().number).toBe(2);
});

test('what is read at the start alone is told so, and a reload opens no mesh to the network', async () => {
  await using folder = await meshFolder('{}');
  await using mesh = await ServiceMesh.fromFile(folder.path);
  await mesh.start();
  const told: string[] = [];
  mesh.on('event', ({ message }) => told.push(message));

  await folder.write('{}', 'gateway: { host: 0.0.0.0, port: 0 }');
  await mesh.reload();

  expect(told).toEqual([expect.stringContaining('gateway.host: with the next `mesh up`')]);
  expect(mesh.gatewayUrl).toContain('127.0.0.1');
  expect(mesh.control.status().gateway).toBe(mesh.gatewayUrl);
});

test('a registration that has become the mesh’s own address is dropped at the start, with a notice', async () => {
  const port = await freePort();
  await using folder = await meshFolder('{ orders: {} }');
  {
    await using mesh = await ServiceMesh.fromFile(folder.path);
    await mesh.start();
    await mesh.register('orders', `127.0.0.1:${port}`);
    await mesh.register('orders', '127.0.0.1:9');
  }
  await folder.write('{ orders: {} }', `gateway: { port: ${port} }`);

  await using mesh = await ServiceMesh.fromFile(folder.path);
  await mesh.start();

  expect(mesh.getService('orders').instances).toMatchObject([{ port: 9 }]);
  expect(mesh.notices).toEqual([expect.stringContaining("is the mesh's own now")]);
});

test('what the mesh tells of an instance, and a host with the port of its service, can be registered', async () => {
  await using mesh = new ServiceMesh({
    ...anyPorts,
    services: { orders: { port: 4001, instances: ['[::1]'] }, copy: {} },
  });
  await mesh.start();
  const [instance] = mesh.getService('orders').instances;

  expect(await mesh.register('copy', instance ?? expect.fail('no instance'))).toMatchObject({
    host: '::1',
    port: 4001,
  });
  expect(await mesh.register('orders', 'second')).toMatchObject({ host: 'second', port: 4001 });
});

test('an unknown service is an error that can be told by its code', () => {
  const mesh = new ServiceMesh({ services: {} });

  expect(() => mesh.getService('orders')).toThrow(MeshError);
  expect(() => mesh.getService('orders')).toThrow(expect.objectContaining({ code: 'unknown_service' }));
});

/** A folder of its own with a mesh file of these services. */
async function meshFolder(services: string) {
  const directory = await mkdtemp(join(tmpdir(), 'mesh-'));
  const path = join(directory, 'mesh.yaml');
  const write = (wish: string, gateway = 'gateway: { port: 0 }') =>
    writeFile(path, `${gateway}\nadmin: { port: 0 }\nservices: ${wish}\n`);
  await write(services);
  return { directory, path, write, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

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

test('a program gets what came to a service, second by second', async () => {
  await using upstream = await answering('hello');
  await using mesh = new ServiceMesh({
    ...anyPorts,
    registry: { store: 'memory' },
    services: { orders: { instances: [`127.0.0.1:${upstream.port}`] } },
  });
  await mesh.start();
  await call(mesh, 'orders');
  await vi.waitFor(() => {
    const rows: readonly SeriesRow[] = mesh.series('orders');
    expect(rows.reduce((sum, { byClass }) => sum + byClass['2xx'], 0)).toBe(1);
  }, 5_000);
  expect(() => mesh.series('nobody')).toThrow(expect.objectContaining({ code: 'unknown_service' }));
});
