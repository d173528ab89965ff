import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MeshOptions } from '../../src/config/load.js';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import { freePort } from '../support/free-port.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { Folder } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

/** A mesh in this process, of those services. */
async function start(services: MeshOptions['services'], options: Partial<MeshOptions> = {}): Promise<ServiceMesh> {
  const mesh = new ServiceMesh({
    gateway: { port: 0 },
    admin: { port: 0 },
    registry: { store: 'memory' },
    ...options,
    services,
  });
  onTestFinished(() => mesh.stop());
  await mesh.start();
  return mesh;
}

async function call(mesh: ServiceMesh, service: string): Promise<number> {
  const answer = await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': service } });
  await answer.arrayBuffer();
  return answer.status;
}

/** The value of one sample; undefined when it is not there. */
function value(mesh: ServiceMesh, sample: string): number | undefined {
  const line = mesh.control
    .metrics()
    .split('\n')
    .find((line) => line.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length));
}

test('instances are told by whether they get requests, and an ejection is counted', async () => {
  await using good = await Upstream.start((_request, response) => response.end());
  await using bad = await Upstream.start((_request, response) => response.writeHead(500).end());
  const at = (upstream: Upstream, id: string) => ({ address: `127.0.0.1:${upstream.port}`, id, version: 'v1' });
  const mesh = await start({
    orders: { instances: [at(good, 'good'), at(bad, 'bad')], outlierDetection: { consecutive5xx: 1 } },
  });
  const labels = (id: string) => `{service="orders",instance="${id}",version="v1"}`;
  expect(value(mesh, `mesh_instance_up${labels('bad')}`)).toBe(1);
  expect(value(mesh, 'mesh_ejections_total{service="orders"}')).toBe(0);

  for (let count = 0; count < 2; count++) await call(mesh, 'orders');

  await vi.waitFor(() => expect(value(mesh, 'mesh_ejections_total{service="orders"}')).toBe(1));
  expect(value(mesh, `mesh_instance_up${labels('bad')}`)).toBe(0);
  expect(value(mesh, `mesh_instance_healthy${labels('bad')}`)).toBe(0);
  expect(value(mesh, `mesh_instance_up${labels('good')}`)).toBe(1);
});

test('a circuit is told by its state, of the service or of each instance', async () => {
  await using bad = await Upstream.start((_request, response) => response.writeHead(503).end());
  const instances = [{ address: `127.0.0.1:${bad.port}`, id: 'bad' }];
  const mesh = await start({
    orders: { instances, circuitBreaker: { consecutiveFailures: 1 } },
    payments: { instances, circuitBreaker: { consecutiveFailures: 1, per: 'instance' } },
    web: { instances },
  });
  expect(value(mesh, 'mesh_circuit_state{service="orders"}')).toBe(0);

  for (const service of ['orders', 'payments', 'web']) await call(mesh, service);
  await call(mesh, 'orders');

  expect(value(mesh, 'mesh_circuit_state{service="orders"}')).toBe(2);
  expect(value(mesh, 'mesh_circuit_state{service="payments",instance="bad"}')).toBe(2);
  expect(value(mesh, 'mesh_circuit_state{service="web"}')).toBeUndefined();
  expect(mesh.control.metrics()).toMatch(/mesh_requests_total\{.*service="orders",.*reason="circuit_open"\} 1/);
});

test('copies are told by what came of them', async () => {
  await using orders = await Upstream.start((_request, response) => response.end('same'));
  await using payments = await Upstream.start((_request, response) => response.end('other'));
  const mesh = await start({
    orders: { instances: [`127.0.0.1:${orders.port}`], mirror: { service: 'payments' } },
    payments: { instances: [`127.0.0.1:${payments.port}`] },
  });

  await call(mesh, 'orders');

  const mirrored = (result: string) =>
    value(mesh, `mesh_mirrored_total{service="orders",target="payments",result="${result}"}`);
  await vi.waitFor(() => expect(mirrored('different')).toBe(1));
  expect(mirrored('same')).toBe(0);
});

test('alerts are told by their state, and objectives by what is left of their budget', async () => {
  await using bad = await Upstream.start((_request, response) => response.writeHead(503).end());
  const instances = [`127.0.0.1:${bad.port}`];
  const mesh = await start(
    { orders: { instances, slo: '90%' }, web: { instances } },
    {
      alerts: [
        { name: 'is failing', when: 'error_rate > 5%' },
        { name: 'will fail', service: 'orders', when: 'error_rate > 5%', for: '1h' },
      ],
    },
  );
  const state = (name: string, service: string) =>
    value(mesh, `mesh_alert_state{alertname="${name}",service="${service}"}`);
  expect([state('is failing', 'orders'), value(mesh, 'mesh_slo_budget_remaining{service="orders"}')]).toEqual([0, 1]);

  await call(mesh, 'orders');

  await vi.waitFor(() => expect(state('is failing', 'orders')).toBe(2), { timeout: 5_000 });
  expect(state('will fail', 'orders')).toBe(1);
  expect(state('is failing', 'web')).toBe(0);
  expect(state('will fail', 'web')).toBeUndefined();
  expect(value(mesh, 'mesh_slo_budget_remaining{service="orders"}')).toBe(-9);
  expect(value(mesh, 'mesh_slo_burn_rate{service="orders"}')).toBe(10);
  expect(value(mesh, 'mesh_slo_burn_rate{service="web"}')).toBeUndefined();
});

test('requests that wait for their turn are told while they do', async () => {
  const held: Array<() => void> = [];
  await using slow = await Upstream.start((_request, response) => void held.push(() => response.end()));
  const mesh = await start({
    orders: { instances: [`127.0.0.1:${slow.port}`], concurrency: { limit: 1, maxWait: '10s' } },
  });
  const queued = () => value(mesh, 'mesh_queued_requests{service="orders",kind="concurrency"}');
  expect(queued()).toBe(0);

  const calls = [call(mesh, 'orders'), call(mesh, 'orders'), call(mesh, 'orders')];
  await vi.waitFor(() => expect(queued()).toBe(2));
  expect(value(mesh, 'mesh_inflight_requests{source="anonymous",service="orders"}')).toBe(3);
  for (let answered = 0; answered < 3; answered++) {
    await vi.waitFor(() => expect(held).toHaveLength(answered + 1));
    held[answered]?.();
  }
  await Promise.all(calls);
  expect(queued()).toBe(0);
  expect(value(mesh, 'mesh_waiting_duration_seconds_count{service="orders"}')).toBe(2);
});

test('reloads are counted, taken up or refused', async () => {
  await using folder = await Folder.make();
  const write = (services: string) =>
    writeFile(folder.file('mesh.yaml'), `gateway: { port: 0 }\nadmin: { port: 0 }\nservices: ${services}\n`);
  await write('{ orders: {} }');
  await using mesh = await ServiceMesh.fromFile(folder.file('mesh.yaml'));
  await mesh.start(); // from now on it also looks at the file by itself, and may be the first to see a change
  const reloads = (result: string) => value(mesh, `mesh_config_reloads_total{result="${result}"}`);
  const started = value(mesh, 'mesh_config_last_reload_success_timestamp_seconds') ?? Number.NaN;
  expect([reloads('success'), reloads('failure')]).toEqual([0, 0]);

  await write('{ orders: { replicas: many } }');
  await mesh.reload();
  expect(reloads('success')).toBe(0);
  expect(reloads('failure')).toBeGreaterThanOrEqual(1);
  expect(value(mesh, 'mesh_config_last_reload_success_timestamp_seconds')).toBe(started);

  await write('{ orders: {}, web: {} }');
  await mesh.reload();
  expect(reloads('success')).toBe(1);
  expect(value(mesh, 'mesh_config_last_reload_success_timestamp_seconds')).toBeGreaterThanOrEqual(started);
});

test('Prometheus finds the instances as they come and go, with all that is known of them', async () => {
  const mesh = await start({ orders: { instances: ['127.0.0.1:4001'] } });
  await mesh.register('payments', {
    address: '127.0.0.1:4002',
    id: 'mine',
    version: 'v2',
    metadata: { 'metrics-path': '/internal' },
  });

  expect(mesh.control.targets()).toEqual([
    {
      targets: ['127.0.0.1:4001'],
      labels: {
        service: 'orders',
        __meta_mesh_instance: '127.0.0.1-4001',
        __meta_mesh_version: '',
        __meta_mesh_source: 'file',
        __meta_mesh_health: 'unknown',
      },
    },
    {
      targets: ['127.0.0.1:4002'],
      labels: {
        service: 'payments',
        __meta_mesh_instance: 'mine',
        __meta_mesh_version: 'v2',
        __meta_mesh_source: 'registered',
        __meta_mesh_health: 'unknown',
        __meta_mesh_metadata_metrics_path: '/internal',
      },
    },
  ]);
  await mesh.deregister('payments', 'mine');
  expect(mesh.control.targets()).toHaveLength(1);
});

test('a service that has gone takes its numbers along', async () => {
  await using upstream = await Upstream.start((_request, response) => response.end());
  const mesh = await start({});
  await mesh.register('orders', `127.0.0.1:${upstream.port}`);
  await call(mesh, 'orders');
  await vi.waitFor(() =>
    expect(mesh.control.metrics()).toContain('mesh_requests_total{source="anonymous",service="orders"'),
  );

  await mesh.deregister('orders', `127.0.0.1:${upstream.port}`);

  await vi.waitFor(() => expect(mesh.control.metrics()).not.toContain('"orders"'));
});

test('clients that are turned away before they come to a request are counted, by the port and by why', async () => {
  const listen = await freePort();
  const mesh = await start(
    { orders: { listen, instances: ['127.0.0.1:9'] } },
    { gateway: { port: 0, maxConnections: 4 } },
  );
  const counted = (labels: string) => value(mesh, `mesh_gateway_turned_away_total{${labels}}`);
  const front = { host: '127.0.0.1', port: Number(new URL(mesh.gatewayUrl).port) };
  for (const reason of ['too_many_connections', 'bad_request', 'head_too_large', 'head_timeout'])
    expect(counted(`reason="${reason}"`), reason).toBe(0);

  await exchangeBytes(front, 'hello\r\n\r\n');
  await exchangeBytes(front, `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
  await exchangeBytes({ ...front, port: listen }, 'hello\r\n\r\n');
  const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(front)));
  await vi.waitFor(() => expect(counted('reason="too_many_connections"')).toBeGreaterThanOrEqual(1));
  for (const client of clients) client[Symbol.dispose]();

  expect(counted('reason="bad_request"')).toBe(1);
  expect(counted('reason="head_too_large"')).toBe(1);
  expect(counted('service="orders",reason="bad_request"')).toBe(1);
  expect(value(mesh, 'mesh_requests_total{source="anonymous",reason="bad_request"}')).toBeUndefined();
});
