import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startLoad } from '../support/load.js';
import { get, Journey } from '../support/mesh-cli.js';

/** Answers its instance; with 500 while a file `broken-<instance>` is there, and not at all while `deaf-<instance>` is. */
const program = `
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
const me = process.env.MESH_INSTANCE;
const server = createServer((request, response) => {
  if (existsSync('deaf-' + me)) return;
  response.writeHead(existsSync('broken-' + me) ? 500 : 200).end(me + ' ' + process.pid);
});
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

async function begin(keys: string): Promise<Journey> {
  const journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:
    command: ${process.execPath} orders.mjs
    replicas: 3
${keys}`);
  await journey.write('orders.mjs', program);
  return journey;
}

test('one of three instances that answers 500 is ejected, is shown so, and comes back', async () => {
  await using journey = await begin('    outlierDetection: { consecutive5xx: 3, baseEjectionTime: 2s }\n');
  const up = await journey.up();
  const load = startLoad(up.gatewayPort, 'orders', 3);

  await journey.write('broken-orders-2', '');
  await up.says(/orders-2 of orders is ejected \(3 answers of 5xx in a row\)/);
  await rm(join(journey.directory, 'broken-orders-2'));
  expect((await journey.run('inspect', 'orders')).stdout).toMatch(
    /orders-2 {2}ejected: 3 answers of 5xx in a row; back in [12]s/,
  );
  await up.says(/orders-2 of orders is back/);
  await vi.waitFor(async () => expect((await get(up.gatewayPort, 'orders')).body).toMatch(/^orders-2 /), {
    timeout: 10_000,
  });

  const failures = await load.stop();
  expect(failures.length).toBeGreaterThanOrEqual(3);
  expect(failures.length).toBeLessThanOrEqual(6); // those that broke the camel's back, and what was in hand beside them
});

test('one that hangs costs its callers a moment and no answer, with perTry and retries', async () => {
  await using journey = await begin('    timeouts: { perTry: 200ms }\n    retries: { on: [reset], budget: 100% }\n');
  const up = await journey.up();
  const load = startLoad(up.gatewayPort, 'orders', 8);

  await vi.waitFor(() => expect(load.answered).toBeGreaterThan(50), { timeout: 10_000 });
  await journey.write('deaf-orders-1', '');
  const answered = load.answered;
  await vi.waitFor(() => expect(load.answered).toBeGreaterThan(answered + 100), { timeout: 20_000 });

  expect(await load.stop()).toEqual([]);
});

test('a breaker opens, is told of, and closes again', async () => {
  await using journey = await begin('    circuitBreaker: { consecutiveFailures: 5, openFor: 1s }\n');
  const up = await journey.up();
  for (const replica of [1, 2, 3]) await journey.write(`broken-orders-${replica}`, '');

  for (let count = 0; count < 5; count++) expect((await get(up.gatewayPort, 'orders')).status).toBe(500);
  await up.says(/the circuit of orders is open, was closed \(5 failures in a row\)/);
  const refused = await get(up.gatewayPort, 'orders');
  expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('circuit_open') });
  expect((await journey.run('inspect', 'orders')).stdout).toMatch(/circuit {2}open \(5 failures in a row/);

  for (const replica of [1, 2, 3]) await rm(join(journey.directory, `broken-orders-${replica}`));
  await vi.waitFor(async () => expect((await get(up.gatewayPort, 'orders')).status).toBe(200), { timeout: 10_000 });
  await up.says(/the circuit of orders is closed, was half-open \(a probe succeeded\)/);
});

test('a rolling restart of three instances under load loses no request', async () => {
  await using journey = await begin('    watch: [orders.mjs]\n');
  const up = await journey.up();
  const pids = new Set<string>();
  const see = async () => pids.add((await get(up.gatewayPort, 'orders')).body);
  await vi.waitFor(async () => expect((await see()).size).toBe(3), { timeout: 10_000 });
  const load = startLoad(up.gatewayPort, 'orders', 8);

  await journey.write('orders.mjs', `${program}\n// changed`);
  await vi.waitFor(async () => expect((await see()).size).toBe(6), { timeout: 20_000 });

  expect(await load.stop()).toEqual([]);
});

test('`mesh split` deals requests out exactly, until it is cleared', async () => {
  await using journey = await begin('    version: v1\n    split: { v1: 1 }\n');
  const up = await journey.up();
  const inspect = async () => JSON.parse((await journey.run('inspect', 'orders', '--json')).stdout);
  const [{ address }] = (await inspect()).instances;
  await journey.run('register', 'orders', address, '--id', 'canary', '--version', 'v2');

  expect((await journey.run('split', 'orders', 'v1=75', 'v2=25')).stdout).toBe(
    'orders  v1 75 % · v2 25 % (at run time)\n',
  );
  for (let count = 0; count < 40; count++) await get(up.gatewayPort, 'orders');
  const { instances } = await inspect();
  const served = (id: string) => instances.find((instance: { id: string }) => instance.id === id).served;
  expect([served('canary'), served('orders-1') + served('orders-2') + served('orders-3')]).toEqual([10, 30]);

  const file = await readFile(join(journey.directory, 'mesh.yaml'), 'utf8');
  await journey.write('mesh.yaml', file.replace('split: { v1: 1 }', 'split: { v1: 9, v2: 1 }'));
  await up.says(
    /reloaded: ~orders \(split\) \(orders stays split as was said at run time, until `mesh split orders --clear`\)/,
  );
  expect((await journey.run('split', 'orders', '--clear')).stdout).toBe('orders  v1 90 % · v2 10 %\n');
});
