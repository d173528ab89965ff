import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

const file = `
gateway: { port: 0 }
admin: { port: 0 }
services:
  orders: { command: ${JSON.stringify(answering('orders'))} }
`;

test('after kill -9 no service is left, and the next `mesh up` still knows what was registered', async () => {
  await using journey = await Journey.begin(file);
  const up = await journey.up();
  const service = Number((await get(up.gatewayPort, 'orders')).body.split(' ')[1]);
  expect(await journey.run('register', 'billing', '127.0.0.1:9', '--meta', 'zone=b')).toMatchObject({ code: 0 });

  up.signal('SIGKILL');
  await up.ended();

  await vi.waitFor(() => expect(() => process.kill(service, 0)).toThrow('ESRCH'), { timeout: 5_000 });
  await journey.up();
  const { services } = JSON.parse((await journey.run('ls', '--json')).stdout);
  expect(services).toMatchObject([
    { name: 'orders', instances: [{ health: 'healthy' }] },
    {
      name: 'billing',
      instances: [
        {
          address: '127.0.0.1:9',
          source: 'registered',
          metadata: { zone: 'b' },
        },
      ],
    },
  ]);
});

test('what the mesh keeps on disk is for its owner alone', async () => {
  await using journey = await Journey.begin(file);
  await journey.up();
  await journey.run('register', 'billing', '127.0.0.1:9');

  for (const name of ['run.json', 'registry.json', 'processes.json']) {
    expect((await stat(join(journey.directory, '.mesh', name))).mode & 0o777, name).toBe(0o600);
  }
});

test('a mesh that was stopped (Ctrl-Z) is said to be there, and how to wake it', async () => {
  await using journey = await Journey.begin(file);
  const up = await journey.up();
  up.signal('SIGSTOP');

  const { code, stderr } = await journey.run('ls');
  up.signal('SIGCONT');

  expect(code).toBe(3);
  expect(stderr).toMatch(new RegExp(`\\(pid ${up.pid}\\) is there and does not answer.*kill -CONT ${up.pid}`, 's'));
  expect(await journey.run('ls')).toMatchObject({ code: 0 });
});

test('a second mesh from the same file is refused, and the first goes on', async () => {
  await using journey = await Journey.begin(file);
  const up = await journey.up();

  const second = await journey.run('up');

  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`pid ${up.pid}`),
  });
  expect((await get(up.gatewayPort, 'orders')).status).toBe(200);
});

test('a registry file that cannot be understood is set aside, and the mesh says so', async () => {
  await using journey = await Journey.begin(file);
  await (await journey.up()).signal('SIGINT');
  await journey.write('.mesh/registry.json', '{"version": 1, "instances": [');

  const up = await journey.up();

  await up.says(/registry\.json could not be understood and was set aside as/);
});
