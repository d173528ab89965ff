import { expect, test } from 'vitest';
import type { Address } from '../../../src/foundation/address.js';
import type { MeshOptions } from '../../../src/index.js';
import { ServiceMesh } from '../../../src/index.js';
import type { AccessEntry } from '../../../src/telemetry/access-log/entry.js';
import { exchangeBytes, RawClient } from '../../support/raw-client.js';
import { Upstream } from '../../support/upstream.js';

/** A mesh with an access log, and all that it has told. */
async function start(options: MeshOptions): Promise<{ mesh: ServiceMesh; entries: AccessEntry[] }> {
  const base = { gateway: { port: 0 }, admin: { port: 0 }, telemetry: { accessLog: 'text' as const } };
  const mesh = new ServiceMesh({ ...base, ...options });
  const entries: AccessEntry[] = [];
  mesh.on('access', (batch) => void entries.push(...batch.entries));
  await mesh.start();
  return { mesh, entries };
}

/** One connection that sends this, and the status lines that came back before it was closed. */
async function send(mesh: ServiceMesh, text: string): Promise<string[]> {
  const received = await exchangeBytes(frontDoorOf(mesh), text);
  return received.match(/HTTP\/1\.1 \d+/g) ?? [];
}

test('every request leaves one entry: answered, refused, with what it sent and got', async () => {
  await using upstream = await Upstream.start('hello');
  const { mesh, entries } = await start({
    services: { orders: { instances: [{ address: `127.0.0.1:${upstream.port}`, id: 'one' }] } },
  });
  await using _ = mesh;
  const head = 'Host: orders.localhost\r\nUser-Agent: test\r\nConnection: close\r\n';
  await send(mesh, `POST /a?b=c HTTP/1.1\r\n${head}Content-Length: 3\r\n\r\nabc`);
  await send(mesh, 'GET / HTTP/1.1\r\nHost: nobody\r\nConnection: close\r\n\r\n');
  await send(mesh, `CONNECT orders:80 HTTP/1.1\r\n${head}\r\n`);

  await expect.poll(() => entries).toHaveLength(3);
  expect(entries).toMatchObject([
    {
      service: 'orders',
      status: 200,
      errorType: undefined,
      attempts: [{ instance: { id: 'one' } }],
      request: {
        method: 'POST',
        target: '/a?b=c',
        authority: 'orders.localhost',
        userAgent: 'test',
        bytesReceived: 3,
        bytesSent: 5,
      },
    },
    { service: undefined, status: 404, errorType: 'no_route', attempts: [] },
    { outcome: { kind: 'refused' } },
  ]);
});

test('what is no HTTP is in the log', async () => {
  const { mesh, entries } = await start({ services: {} });
  await using _ = mesh;
  expect(await send(mesh, 'garbage\r\n\r\n')).toEqual(['HTTP/1.1 400']);

  await expect.poll(() => entries).toMatchObject([{ request: undefined, status: 400, errorType: 'bad_request' }]);
});

test('one connection too many is in the log', async () => {
  const { mesh, entries } = await start({ gateway: { port: 0, maxConnections: 1 }, services: {} });
  await using _ = mesh;
  using _first = await connect(mesh);
  expect(await send(mesh, '')).toEqual(['HTTP/1.1 503']);

  await expect.poll(() => entries).toMatchObject([{ request: undefined, errorType: 'too_many_connections' }]);
});

test('a client that leaves is in the log, and so is what was under way at the end', async () => {
  await using upstream = await Upstream.start(() => {}); // never answers
  const { mesh, entries } = await start({
    services: { orders: { instances: [`127.0.0.1:${upstream.port}`] } },
  });
  const client = await connect(mesh);
  client.send('GET / HTTP/1.1\r\nHost: orders.localhost\r\n\r\n');
  await expect.poll(() => upstream.seen.length).toBe(1);
  client[Symbol.dispose]();
  await expect.poll(() => upstream.open.size).toBe(0);
  await mesh.stop();

  expect(entries).toMatchObject([{ outcome: { kind: 'abandoned' }, errorType: 'client_gone', status: undefined }]);
});

function connect(mesh: ServiceMesh): Promise<RawClient> {
  return RawClient.connect(frontDoorOf(mesh));
}

function frontDoorOf({ gatewayUrl }: ServiceMesh): Address {
  const { hostname: host, port } = new URL(gatewayUrl);
  return { host, port: Number(port) };
}
