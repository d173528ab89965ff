import { expect, test } from 'vitest';
import { answering, get, Journey } from '../support/mesh-cli.js';

test('`mesh up -d` returns when all is ready, and `mesh down` ends it', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  payments: { command: ${JSON.stringify(answering('payments'))} }
  orders: { command: ${JSON.stringify(answering('orders'))}, dependsOn: [payments] }
`);

  const up = await journey.run('up', '-d');

  expect(up).toMatchObject({ code: 0 });
  const port = Number(/Gateway:\s+http:\/\/\S*?:(\d+)/.exec(up.stdout + up.stderr)?.[1]);
  expect((await get(port, 'orders')).status).toBe(200);
  expect(await journey.run('down')).toMatchObject({ code: 0 });
  await expect(get(port, 'orders')).rejects.toThrow('ECONNREFUSED');
});

test('`mesh up -d` ends with 4 and shows the output of the service that does not come up', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  broken: { command: "echo no database here; exit 3", restart: never }
`);

  const up = await journey.run('up', '-d');

  expect(up).toMatchObject({ code: 4 });
  expect(up.stderr).toContain('no database here');
  expect(await journey.run('ls')).toMatchObject({ code: 3 });
});
