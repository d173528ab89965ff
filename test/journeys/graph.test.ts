import { expect, test } from 'vitest';
import { get, Journey } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';

/** Answers what `orders` answers, asked through its door. */
const web = `
import http from 'node:http';
http
  .createServer(async (_request, response) => {
    const answer = await fetch(process.env.ORDERS_URL);
    response.end(await answer.text());
  })
  .listen(process.env.PORT, '127.0.0.1');
`;

test('who calls whom is known from the doors through which services call, without a header', async () => {
  await using orders = await Upstream.start((_request, response) =>
    response.writeHead(orders.seen.length === 1 ? 500 : 200).end('an order'),
  );
  await using journey = await Journey.begin(`
name: shop
gateway: { port: 0 }
admin: { port: 0 }
registry: { store: memory }
services:
  web: { command: "${process.execPath} web.mjs" }
  orders: { instances: ["127.0.0.1:${orders.port}"] }
  billing: { instances: ["127.0.0.1:${orders.port}"] }
`);
  await journey.write('web.mjs', web);
  const up = await journey.up();
  for (let count = 0; count < 4; count++) {
    expect(await get(up.gatewayPort, 'web')).toEqual({ status: 200, body: 'an order' });
  }

  const table = await journey.run('graph');
  expect(table).toMatchObject({ code: 0, stderr: '' });
  expect(table.stdout).toMatch(/^CALLS .*\nclients → web .* 0% .*\nweb → orders .* 25% .*\nbilling\n$/);
  const { services, edges } = JSON.parse((await journey.run('graph', '--json')).stdout);
  expect(services).toEqual(['web', 'orders', 'billing']);
  expect(edges).toMatchObject([
    { caller: null, service: 'web', errorRate: 0 },
    { caller: 'web', service: 'orders', errorRate: 0.25 },
  ]);
  expect((await journey.run('graph', '--dot')).stdout).toContain('"web" -> "orders" [label="');
  expect((await journey.run('graph', '--mermaid')).stdout).toContain('["billing"]');
});

test('ls --watch tells a service that joins, and ends with Ctrl-C', async () => {
  await using journey = await Journey.begin(
    'gateway: { port: 0 }\nadmin: { port: 0 }\nregistry: { store: memory }\nservices: { web: {} }\n',
  );
  await journey.up();
  const watch = journey.start('ls', '--watch');
  await watch.says(/^web /m);

  await journey.run('register', 'orders', '127.0.0.1:4001');
  await watch.says(/^orders /m);
  watch.interrupt();

  expect(await watch.ended()).toMatchObject({ code: 130 });
});
