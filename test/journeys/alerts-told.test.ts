import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';

/** Fails until it is asked for /mend. */
const program = `let isBroken = true;
require('http').createServer((request, response) => {
  if (request.url === '/mend') isBroken = false;
  if (isBroken) console.log('cannot reach the database');
  response.writeHead(isBroken ? 500 : 200).end();
}).listen(process.env.PORT, '127.0.0.1');
`;

test('a service fails: the alert fires, whoever is to be told is told, what was found can be read; and then it is over', async () => {
  const told: { status: string; alerts: { labels: Record<string, string>; endsAt: string }[] }[] = [];
  await using receiver = await Upstream.start(async (request, response) => {
    told.push(JSON.parse(await text(request)));
    response.end();
  });
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  orders:
    command: ${process.execPath} orders.cjs
    dependsOn: [payments]
  payments:
    command: echo the vault is open; sleep 60
    expose: false
alerts:
  - name: orders are failing
    service: orders
    when: error_rate > 20%
    labels: { severity: page }
    notify:
      - terminal
      - webhook: http://127.0.0.1:${receiver.port}/hook
      - command: 'cat > told.json; echo "$MESH_ALERT_NAME is $MESH_ALERT_STATE"'
`);
  await journey.write('orders.cjs', program);
  const up = await journey.up();
  expect((await journey.run('alerts')).stdout).toMatch(
    /orders are failing +orders +inactive +– +– +error_rate > 20%\n/,
  );

  for (let count = 0; count < 5; count++)
    expect(await get(up.gatewayPort, 'orders', '/pay')).toMatchObject({ status: 500 });
  await up.says(/the command of alert "orders are failing": orders are failing is firing/);
  await expect
    .poll(() => told)
    .toMatchObject([
      {
        version: '4',
        status: 'firing',
        alerts: [{ labels: { alertname: 'orders are failing', service: 'orders', severity: 'page' } }],
      },
    ]);
  expect(JSON.parse(await readFile(join(journey.directory, 'told.json'), 'utf8'))).toMatchObject({ status: 'firing' });
  expect((await journey.run('alerts')).stdout).toMatch(
    /orders are failing +orders +firing .* 100% +error_rate > 20%\n/,
  );
  const shown = await journey.run('alerts', 'show', 'orders', 'are', 'failing');
  expect(shown.stdout).toContain('Failed of late, newest first: 500 ×5');
  expect(shown.stdout).toMatch(/GET \/pay +[0-9a-f]{32}/);
  expect(shown.stdout).toMatch(/orders-1 +\| cannot reach the database/);
  expect(shown.stdout).toMatch(/payments-1 \| the vault is open/);
  const [, id = ''] = /GET \/pay +([0-9a-f]{32})/.exec(shown.stdout) ?? [];
  expect((await journey.run('explain', id)).stdout).toContain('500 from the service');
  const [file = ''] = await readdir(join(journey.directory, '.mesh', 'alerts'));
  expect(file).toMatch(/^\d{4}-.*-orders-are-failing-orders\.json$/);
  expect(shown.stdout).toContain(`Saved in .mesh/alerts/${file}`);
  const saved = JSON.parse(await readFile(join(journey.directory, '.mesh', 'alerts', file), 'utf8'));
  expect(saved).toMatchObject({
    schemaVersion: 1,
    revision: { number: 1 },
    failing: { length: 5 },
    service: { name: 'orders' },
  });

  await get(up.gatewayPort, 'orders', '/mend');
  for (let count = 0; count < 40; count++) await get(up.gatewayPort, 'orders', '/pay');
  await up.says(/the command of alert "orders are failing": orders are failing is resolved/);
  await expect.poll(() => told.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  expect(Date.parse(told[1]?.alerts[0]?.endsAt ?? '')).toBeGreaterThan(Date.UTC(2020, 0, 1));
  expect(JSON.parse((await journey.run('alerts', '--json')).stdout)).toMatchObject({
    alerts: [{ state: 'resolved' }],
    receivers: [
      { delivered: 2, lost: 0 },
      { delivered: 2, lost: 0 },
    ],
  });
  expect(await journey.run('alerts', 'show', 'nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`mesh alerts` lists them'),
  });
});

test('a mesh ends in time although one who is to be told hangs', async () => {
  await using hanging = await Upstream.start((request) => request.resume());
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  orders:
    instances: ["127.0.0.1:1"]
alerts:
  - { name: nobody calls, when: requests < 1/s, notify: [{ webhook: "http://127.0.0.1:${hanging.port}" }] }
`);
  const up = await journey.up();
  await hanging.until(1);

  up.interrupt();

  expect(await up.ended()).toMatchObject({ code: 0 });
  expect(up.stderr).toContain(`alerts are lost on their way to the webhook http://127.0.0.1:${hanging.port}/`);
});
