import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { ServicesView } from '../../src/index.js';
import { get, Journey } from '../support/mesh-cli.js';

const run = promisify(execFile);
const hasPython = spawnSync('python3', ['--version']).status === 0;
const hasJava = spawnSync('java', ['--version']).status === 0;

test('the example runs as it stands: all services come up, shoppers shop, and orders v2 registers itself', async () => {
  await using journey = await Journey.begin();
  await journey.copy('examples');
  await journey.copy('mesh.example.yaml');
  const up = await journey.up('-f', 'mesh.example.yaml');

  await vi.waitFor(
    async () => {
      const { stdout } = await journey.run('ls', '-f', 'mesh.example.yaml', '--json');
      const { services }: ServicesView = JSON.parse(stdout);
      const ready = services.filter((service) => service.ready).map(({ name }) => name);
      expect(ready.sort()).toEqual(['orders', 'orders-v2', 'payments', 'shoppers', 'web']);
      const orders = services.find(({ name }) => name === 'orders');
      expect(orders?.instances.map(({ version }) => version).sort()).toEqual(['v1', 'v2']);
      expect(orders?.metrics.requestsPerSecond).toBeGreaterThan(1);
    },
    { timeout: 20_000, interval: 500 },
  );

  expect((await get(up.gatewayPort, 'shop')).body).toContain('<h1>Orders</h1>');
  const checkout = await get(up.gatewayPort, 'anything', '/shop/api/orders');
  expect(JSON.parse(checkout.body).orders).toHaveLength(4);

  const asked = await fetch(`http://127.0.0.1:${up.gatewayPort}/shop/api/orders`);
  await asked.text();
  const id = asked.headers.get('x-request-id') ?? '';
  await vi.waitFor(async () => {
    const { stdout } = await journey.run('explain', id, '-f', 'mesh.example.yaml');
    expect(stdout).toMatch(/→ web GET .*\n +→ orders GET .*\n +read the book of orders .* orders/);
  }, 10_000);
});

test.skipIf(!hasPython)('a program in Python registers itself, and is called through the gateway', async () => {
  await using journey = await Journey.begin('{ gateway: { port: 0 }, admin: { port: 0 }, services: {} }');
  await journey.up();

  const { stdout } = await run('python3', [await caller(journey, 'caller.py')], { env: await environment(journey) });

  expect(stdout).toMatch(/^instances: 127\.0\.0\.1:\d+\nthrough the gateway: hello from python\n$/);
});

test.skipIf(!hasJava)('a program in Java registers itself, and is called through the gateway', async () => {
  await using journey = await Journey.begin('{ gateway: { port: 0 }, admin: { port: 0 }, services: {} }');
  await journey.up();

  const { stdout } = await run('java', [await caller(journey, 'Caller.java')], { env: await environment(journey) });

  expect(stdout).toBe('through the gateway: hello from java\n');
});

async function caller(journey: Journey, name: string): Promise<string> {
  await journey.copy('examples');
  return join(journey.directory, 'examples', 'callers', name);
}

async function environment(journey: Journey) {
  const { adminUrl, token } = JSON.parse(await readFile(join(journey.directory, '.mesh', 'run.json'), 'utf8'));
  return { ...process.env, MESH_ADMIN_URL: adminUrl, MESH_TOKEN: token };
}
