import { expect, test } from 'vitest';
import { AdminClient } from '../../src/admin/client.js';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import { startAdmin } from '../support/admin.js';
import { get } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';

test('one answer has each service with its numbers, its trend, its instances, its callers, and who shapes it', async () => {
  await using upstream = await Upstream.start((_request, response) => response.end('ok'));
  await using mesh = new ServiceMesh({
    name: 'shop',
    gateway: { port: 0 },
    admin: { port: 0 },
    registry: { store: 'memory' },
    services: { web: { instances: [] }, orders: { instances: [`127.0.0.1:${upstream.port}`] } },
    scenarios: {
      rush: [
        { at: '0s', service: 'orders', concurrency: 5 },
        { at: '1h', clear: 'orders' },
      ],
    },
  });
  await mesh.start();
  const client = new AdminClient(mesh.adminUrl, mesh.token);
  const port = Number(new URL(mesh.gatewayUrl).port);
  await client.startScenario('rush');
  for (let count = 0; count < 3; count++) await get(port, 'orders');

  await expect
    .poll(async () => (await client.overview(60)).services[1]?.trend.requests.reduce((sum, one) => sum + one, 0))
    .toBe(3); // each second is told when it is over
  const { services, scenario, rejected, ...head } = await client.overview(60);

  expect(head).toMatchObject({ schemaVersion: 1, mesh: 'shop', startedAt: expect.any(Number), at: expect.any(Number) });
  expect({ scenario, rejected }).toMatchObject({ scenario: { name: 'rush', done: 1, steps: 2 }, rejected: false });
  expect(services.map(({ name }) => name)).toEqual(['web', 'orders']);
  const [web, orders] = services;
  expect(web).toMatchObject({ callers: [], instances: [], metrics: { requestsPerSecond: 0, p99: null, queued: 0 } });
  expect(orders?.trend.p99.some((milliseconds) => milliseconds !== null)).toBe(true);
  expect(orders).toMatchObject({
    metrics: { retriesPerSecond: 0, queued: 0, inFlight: 0 },
    instances: [{ metrics: { errorRate: 0, p99: expect.any(Number) }, served: 3 }],
    callers: [{ caller: null, service: 'orders', errorRate: 0 }],
    traffic: { shaping: { active: { words: ['at most 5 at once'], by: 'scenario rush' } } },
  });
});

test.each(['0', '301', '1e2', '-1', ''])('a trend of %s seconds is refused', async (seconds) => {
  await using admin = await startAdmin();
  const answer = await admin.request({ path: `/v1/overview?seconds=${seconds}` });
  expect(answer).toMatchObject({ status: 400, code: 'invalid_request' });
});

test('a trend reaches as far as it is asked to, and a minute unless it is asked', async () => {
  await using admin = await startAdmin();
  await admin.request({ path: '/v1/overview?seconds=300' });
  await admin.request({ path: '/v1/overview' });
  expect(admin.asked).toEqual(['overview 300', 'overview 60']);
});
