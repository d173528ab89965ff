import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

/** @param more keys of the file, below its services */
function begin(more = ''): Promise<Journey> {
  return Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders:  # ours
    command: ${JSON.stringify(answering('orders'))}

  web:
    command: ${JSON.stringify(answering('web'))}
${more}`);
}

/** Milliseconds that an answer takes, as a client sees it. */
async function timeOf(port: number, service: string): Promise<number> {
  const begun = performance.now();
  expect((await get(port, service)).status).toBe(200);
  return performance.now() - begun;
}

test('`mesh shape` makes answers late for a time, for everybody to see, and then they are not', async () => {
  await using journey = await begin();
  const up = await journey.up();

  const shaped = await journey.run('shape', 'orders', '--delay', '700ms', '--for', '10s');
  expect(shaped).toMatchObject({ code: 0, stderr: '' });
  expect(shaped.stdout).toMatch(/^orders {2}delay 700ms · by mesh shape, 0s ago; ends in (?:9|10)s\n/);
  await up.says(/orders is shaped by mesh shape: delay 700ms, for \d/);
  expect(await timeOf(up.gatewayPort, 'orders')).toBeGreaterThanOrEqual(690); // timers count whole milliseconds
  expect((await journey.run('shape')).stdout).toMatch(/\norders +delay 700ms +mesh shape +\ds ago +in \d+s\n$/);
  expect((await journey.run('ls')).stdout).toMatch(/\norders +ready, shaped /);
  expect((await journey.run('inspect', 'orders')).stdout).toMatch(/faults +delay 700ms · met once\n/);

  await up.says(/orders is shaped as the mesh file says again \(its time is up\)/);
  expect((await journey.run('shape')).stdout).toBe('Nothing is shaped at run time: the mesh file alone holds.\n');
  await vi.waitFor(async () => expect(await timeOf(up.gatewayPort, 'orders')).toBeLessThan(690), { timeout: 10_000 });
});

test('what `mesh shape` has set is cleared for one service, and for all', async () => {
  await using journey = await begin();
  const up = await journey.up();
  await journey.run('shape', 'orders', '--abort', '418');
  await journey.run('shape', 'web', '--mock', '203', '--body', 'mine', '--match', 'path=/x');

  expect((await get(up.gatewayPort, 'orders')).status).toBe(418);
  expect(await get(up.gatewayPort, 'web', '/x')).toEqual({ status: 203, body: 'mine' });
  expect((await get(up.gatewayPort, 'web', '/y')).status).toBe(200);

  expect((await journey.run('shape', 'orders', '--clear')).stdout).toBe('orders is not shaped\n');
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
  expect((await get(up.gatewayPort, 'web', '/x')).status).toBe(203);
  await journey.run('shape', '--clear');
  expect((await get(up.gatewayPort, 'web', '/x')).status).toBe(200);
});

test('`mesh shape --save` adds a line to the mesh file, and the mesh goes by it', async () => {
  await using journey = await begin();
  const up = await journey.up();
  const file = join(journey.directory, 'mesh.yaml');
  const before = await readFile(file, 'utf8');
  const statusIs = (status: number) =>
    vi.waitFor(async () => expect((await get(up.gatewayPort, 'orders')).status).toBe(status), { timeout: 10_000 });

  expect((await journey.run('shape', 'orders', '--abort', '418', '--save')).stdout).toBe(
    'orders  saved in mesh.yaml: faults\n',
  );
  await up.says(/reloaded: ~orders \(faults\)/);
  await statusIs(418);
  expect((await journey.run('shape')).stdout).toContain('Nothing is shaped at run time');
  expect((await readFile(file, 'utf8')).replace('\n    faults: [{ abort: 418 }]', '')).toBe(before);

  expect((await journey.run('shape', 'orders', '--clear', '--save')).stdout).toBe(
    'orders  taken out of mesh.yaml: faults\n',
  );
  await statusIs(200);
  expect(await readFile(file, 'utf8')).toBe(before);
});

const scenarios = `
scenarios:
  trouble:
    - { at: 0s, service: orders, fault: { abort: 418 } }
    - { at: 1s, clear: orders }
  long:
    - { at: 0s, service: orders, fault: { abort: 418 } }
    - { at: 1h, clear: orders }
`;

test('a scenario is told of step by step, and happens', async () => {
  await using journey = await begin(scenarios);
  const up = await journey.up();
  const play = journey.start('shape', '--scenario', 'trouble');

  await play.says(/✓ 0s {2}orders: abort 418\n/);
  expect(await play.ended()).toMatchObject({ code: 0 });
  expect(play.stdout).toBe(
    'trouble  2 steps in 1s\n  0s  orders: abort 418\n  1s  clear orders\n✓ 0s  orders: abort 418\n✓ 1s  clear orders\nthe scenario trouble has ended\n',
  );
  await up.says(/the scenario trouble, step 1 of 2: orders: abort 418/);
  await up.says(/orders is shaped as the mesh file says again/);
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
});

test('Ctrl-C stops a scenario and clears what it has set; a kill does not', async () => {
  await using journey = await begin(scenarios);
  const up = await journey.up();
  const first = journey.start('shape', '--scenario', 'long');
  await first.says(/✓ 0s/);
  expect((await get(up.gatewayPort, 'orders')).status).toBe(418);
  first.interrupt();
  expect(await first.ended()).toMatchObject({ code: 130 });
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);

  const second = journey.start('shape', '--scenario', 'long');
  await second.says(/✓ 0s/);
  second.signal('SIGKILL');
  await second.ended();
  expect((await get(up.gatewayPort, 'orders')).status).toBe(418);
  expect((await journey.run('shape', '--stop')).stdout).toMatch(/^the scenario long has been stopped/);
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
});
