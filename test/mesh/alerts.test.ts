import { writeFile } from 'node:fs/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EventView } from '../../src/admin/wire.js';
import type { MeshOptions } from '../../src/config/load.js';
import { loadOptions } from '../../src/config/load.js';
import { Lifecycle } from '../../src/mesh/lifecycle.js';
import { ServiceMesh } from '../../src/mesh/service-mesh.js';
import { ManualClock } from '../support/manual-clock.js';
import { Folder } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

const anyPorts: MeshOptions = { gateway: { port: 0 }, admin: { port: 0 }, registry: { store: 'memory' } };

/** A mesh whose time a test owns, and the alerts that it has told of. */
async function start(options: MeshOptions) {
  const clock = new ManualClock();
  const mesh = new Lifecycle(loadOptions({ ...anyPorts, ...options }, { directory: '/' }), clock, {});
  const told: EventView[] = [];
  mesh.rooms.events.on('event', (event) => {
    if (event.type.startsWith('alert-')) told.push(event);
  });
  onTestFinished(async () => {
    const stopped = mesh.stop();
    for (let waited = 0; waited < 12; waited++) await clock.elapse(1_000);
    await stopped;
  });
  await mesh.start(undefined);
  const call = async (service: string) => {
    const answer = await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': service } });
    await answer.arrayBuffer();
  };
  return { clock, mesh, told, call };
}

test('an alert that fires, and that is resolved, is an event, a mark at its service, and nothing at the others', async () => {
  await using bad = await Upstream.start((_request, response) => response.writeHead(500).end());
  const instances = [`127.0.0.1:${bad.port}`];
  const { clock, mesh, told, call } = await start({
    services: { orders: { instances, slo: { availability: '90%', window: '1m' } }, web: { instances } },
    alerts: [{ name: 'orders are failing', service: 'orders', when: 'error_rate > 5%', for: '2s' }],
  });
  expect(mesh.control.service('orders')).toMatchObject({
    firing: [],
    slo: { availability: 0.9, window: 60_000, remaining: 1, burnRate: 0 },
  });

  await call('orders');
  clock.advance(2_000);
  expect(told).toEqual([]);
  clock.advance(1_000);
  const at = clock.now();
  expect(mesh.control.service('orders')).toMatchObject({ firing: ['orders are failing'], slo: { remaining: -9 } });
  expect(mesh.control.service('web')).toMatchObject({ firing: [], slo: null });
  clock.advance(60_000);

  expect(mesh.control.service('orders')).toMatchObject({ firing: [], slo: { remaining: 1 } });
  expect(told).toEqual([
    {
      type: 'alert-firing',
      tone: 'bad',
      at,
      service: 'orders',
      instance: null,
      message: 'alert "orders are failing" fires for orders: error_rate > 5% for 2s (error_rate is 100%)',
    },
    {
      type: 'alert-resolved',
      tone: 'good',
      at: at + 7_000,
      service: 'orders',
      instance: null,
      message: 'alert "orders are failing" is resolved for orders, after 7s',
    },
  ]);
});

test('who does not ask for the terminal is not told there, and yet sees what fires', async () => {
  const alert = { service: 'orders', when: 'healthy_instances < 1' };
  const { clock, mesh, told } = await start({
    services: { orders: {} },
    alerts: [
      { ...alert, name: 'quiet', notify: [] },
      { ...alert, name: 'posted', notify: [{ webhook: 'http://127.0.0.1:9/' }] },
      { ...alert, name: 'told', notify: ['terminal'] },
    ],
  });
  clock.advance(1_000);
  expect(mesh.control.service('orders').firing).toEqual(['quiet', 'posted', 'told']);
  expect(told.map(({ message }) => message)).toEqual([
    'alert "told" fires for orders: healthy_instances < 1 (healthy_instances is 0)',
  ]);
});

test('instances are counted as they come and go, those that nobody checks among the healthy; workers are not watched', async () => {
  const { clock, mesh, told } = await start({
    services: { orders: {}, job: { command: 'sleep 60', expose: false } },
    alerts: [
      { name: 'few', when: 'healthy_instances < 2' },
      { name: 'many', when: 'instances > 1' },
    ],
  });
  clock.advance(1_000);
  for (const port of [4001, 4002]) {
    const address = { host: '127.0.0.1', port };
    await mesh.rooms.registry.register('orders', { address }, 'unknown');
  }
  clock.advance(1_000);
  mesh.rooms.registry.setHealth('orders', '127.0.0.1-4001', 'unhealthy');
  await mesh.rooms.registry.register('late', { address: { host: '127.0.0.1', port: 4003 } }, 'unknown');
  clock.advance(1_000);

  expect(told.map(({ message }) => message)).toEqual([
    'alert "few" fires for orders: healthy_instances < 2 (healthy_instances is 0)',
    'alert "few" is resolved for orders, after 1s (healthy_instances is 2)',
    'alert "many" fires for orders: instances > 1 (instances is 2)',
    'alert "few" fires for orders: healthy_instances < 2 (healthy_instances is 1)',
    'alert "few" fires for late: healthy_instances < 2 (healthy_instances is 1)',
  ]);
});

test('requests that wait for their turn are a queue', async () => {
  const held: Array<() => void> = [];
  await using slow = await Upstream.start((_request, response) => void held.push(() => response.end()));
  const { clock, mesh, told, call } = await start({
    services: { orders: { instances: [`127.0.0.1:${slow.port}`], concurrency: { limit: 1, maxWait: '1h' } } },
    alerts: [{ name: 'jam', when: 'queue >= 2' }],
  });
  const calls = [call('orders'), call('orders'), call('orders')];
  await vi.waitFor(() => expect(mesh.control.service('orders').traffic.shaping.concurrency?.waiting).toBe(2));
  clock.advance(1_000);
  expect(told.map(({ message }) => message)).toEqual(['alert "jam" fires for orders: queue >= 2 (queue is 2)']);
  for (let answered = 0; answered < 3; answered++) {
    await vi.waitFor(() => expect(held).toHaveLength(answered + 1));
    held[answered]?.();
  }
  await Promise.all(calls);
});

test('that instances leave when the mesh stops is no alarm', async () => {
  const clock = new ManualClock();
  const options = { ...anyPorts, services: { orders: { command: 'exec sleep 60' } } } as const;
  const alerts = [{ name: 'gone', when: 'instances < 1', for: '1s' }];
  const mesh = new Lifecycle(loadOptions({ ...options, alerts }, { directory: '/' }), clock, process.env);
  const told: string[] = [];
  mesh.rooms.alerts.on(({ alert }) => told.push(alert.state.kind));
  await mesh.start(undefined);
  clock.advance(1_000);
  told.length = 0;
  const stopped = mesh.stop();
  for (let waited = 0; waited < 15; waited++) await clock.elapse(1_000);
  await stopped;
  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});

test('a reload takes up other alerts, and says which', async () => {
  await using folder = await Folder.make();
  const write = (text: string) =>
    writeFile(
      folder.file('mesh.yaml'),
      `gateway: { port: 0 }\nadmin: { port: 0 }\nservices: { orders: {} }\n${text}\n`,
    );
  await write('alerts: [{ name: none there, when: instances < 1 }]');
  await using mesh = await ServiceMesh.fromFile(folder.file('mesh.yaml'));
  const told: string[] = [];
  mesh.on('event', ({ message }) => told.push(message));
  await mesh.start();
  await vi.waitFor(() => expect(told.some((line) => line.includes('"none there" fires'))).toBe(true), 5_000);

  await write('alerts: []');
  await mesh.reload();

  expect(told).toContain('reloaded: ~alerts (none there)');
  expect(told.some((line) => line.startsWith('alert "none there" is resolved for orders'))).toBe(true);
  expect(mesh.control.service('orders').firing).toEqual([]);
});
