import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

const shop = (extra = '') => `
name: shop
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:
    command: ${answering('orders').replace(/.*/s, (command) => JSON.stringify(command))}
    replicas: 2
${extra}`;

test('from one file to answers: up, call, register, ls, top, edit, down', async () => {
  await using journey = await Journey.begin(shop());
  const up = await journey.up();

  // It is called by its host name, and both replicas answer.
  const bodies = await Promise.all(Array.from({ length: 4 }, () => get(up.gatewayPort, 'orders')));
  expect(bodies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(new Set(bodies.map(({ body }) => body)).size).toBe(2);

  // A server started by hand joins at run time.
  await using byHand = await listening('by hand');
  const registered = await journey.run('register', 'billing', `127.0.0.1:${byHand.port}`, '--version', 'v2');
  expect(registered).toMatchObject({ code: 0 });
  expect((await get(up.gatewayPort, 'billing')).body).toBe('by hand');

  const listed = JSON.parse((await journey.run('ls', '--json')).stdout);
  expect(listed).toMatchObject({
    schemaVersion: 1,
    mesh: 'shop',
    services: [
      {
        name: 'orders',
        url: `http://orders.localhost:${up.gatewayPort}`,
        instances: [
          {
            id: 'orders-1',
            source: 'process',
            health: 'healthy',
            weight: 1,
            lease: null,
          },
          {
            id: 'orders-2',
            source: 'process',
            health: 'healthy',
            weight: 1,
            lease: null,
          },
        ],
        metrics: { errorRate: 0, inFlight: 0 },
      },
      {
        name: 'billing',
        instances: [
          {
            source: 'registered',
            version: 'v2',
            address: `127.0.0.1:${byHand.port}`,
          },
        ],
      },
    ],
  });
  expect(listed.services[0].metrics.requestsPerSecond).toBeGreaterThan(0);
  expect((await journey.run('ls')).stdout).toMatch(/orders .*2\/2[\s\S]*billing .*1\/1/);

  const frame = JSON.parse((await journey.run('top', '--once', '--json')).stdout);
  expect(frame.services.map(({ name }: { name: string }) => name)).toEqual(['orders', 'billing']);

  // Editing the file adds a service, and leaves the processes of the others alone.
  const pids = new Set(bodies.map(({ body }) => body));
  await journey.write('mesh.yaml', shop(`  extra: { command: ${JSON.stringify(answering('extra'))} }\n`));
  await up.says(/reloaded: .*\+extra/);
  await vi.waitFor(async () => expect((await get(up.gatewayPort, 'extra')).status).toBe(200), { timeout: 10_000 });
  expect(pids).toContain((await get(up.gatewayPort, 'orders')).body);

  // A mistake is shown, and nothing is lost.
  await journey.write('mesh.yaml', shop('  extra: { comand: x }\n'));
  await up.says(/unknown key `comand`/);
  expect((await get(up.gatewayPort, 'extra')).status).toBe(200);

  expect(await journey.run('deregister', 'billing')).toMatchObject({ code: 0 });
  expect((await get(up.gatewayPort, 'billing')).status).toBe(404);

  expect(await journey.run('down')).toMatchObject({ code: 0 });
  expect(await up.ended()).toMatchObject({ code: 0 });
  expect(await journey.run('ls')).toMatchObject({ code: 3 });
});

test('a request for a service that is not there is answered by the mesh, which says so and names those that are', async () => {
  await using journey = await Journey.begin(shop());
  const up = await journey.up();

  const response = await fetch(`http://127.0.0.1:${up.gatewayPort}/nowhere`, {
    headers: { accept: 'application/json' },
  });

  expect(response.status).toBe(404);
  expect(response.headers.get('x-mesh-error')).toBe('no_route');
  expect(await response.text()).toContain('orders');
});

test('Ctrl-C ends the services, and the command with 0', async () => {
  await using journey = await Journey.begin(shop());
  const up = await journey.up();
  const pid = Number((await get(up.gatewayPort, 'orders')).body.split(' ')[1]);

  up.interrupt();

  expect(await up.ended()).toMatchObject({ code: 0 });
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

async function listening(answer: string) {
  const server = http.createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
