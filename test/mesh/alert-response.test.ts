import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evidenceView } from '../../src/admin/alerts-wire.js';
import type { EventView } from '../../src/admin/wire.js';
import type { MeshOptions } from '../../src/config/load.js';
import { loadOptions } from '../../src/config/load.js';
import { systemClock } from '../../src/foundation/clock.js';
import { Emitter } from '../../src/foundation/emitter.js';
import { AlertResponse } from '../../src/mesh/alert-response.js';
import { assemble } from '../../src/mesh/assemble.js';
import type { Alert, AlertChange } from '../../src/telemetry/alerts/alert.js';
import { get } from '../support/mesh-cli.js';
import { Upstream } from '../support/upstream.js';
import { firing, resolved } from '../telemetry/alerts/changes.js';

/** The rooms of a mesh with its gateway open, and somebody who says when an alert fires. */
async function start(options: MeshOptions, isOfFile = true) {
  const directory = await mkdtemp(join(tmpdir(), 'mesh-alerts-'));
  const snapshot = loadOptions({ gateway: { port: 0 }, registry: { store: 'memory' }, ...options }, { directory });
  const file = isOfFile ? join(directory, 'mesh.yaml') : undefined;
  const rooms = assemble({ ...snapshot, file }, systemClock, async () => ({}), {});
  const changes = new Emitter<{ change: AlertChange }>();
  const watched: Alert[] = [];
  const environment = { PATH: process.env.PATH ?? '', MESH_ADMIN_URL: 'http://127.0.0.1:8081' };
  const watch = { alerts: watched, on: (listener: (change: AlertChange) => void) => changes.on('change', listener) };
  const response = new AlertResponse(rooms, watch, {
    adminUrl: () => 'http://127.0.0.1:8081',
    environment: () => environment,
  });
  const events: EventView[] = [];
  rooms.events.on('event', (event) => events.push(event));
  await rooms.gateway.open();
  return {
    rooms,
    response,
    events,
    directory,
    port: rooms.gateway.address.port,
    say(change: AlertChange) {
      watched.splice(0, watched.length, change.alert);
      changes.emit('change', change);
    },
    async [Symbol.asyncDispose]() {
      await response.close();
      await rooms.gateway.close();
      await rooms.supervisor.stop();
      await rooms.registry.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const fires = (at = Date.now()) => firing([], { state: { kind: 'firing', since: at } });

test('when an alert fires, what failed and what was slow is frozen, and outlives what comes later', async () => {
  await using orders = await Upstream.start((request, response) =>
    response.writeHead(request.url === '/broken' ? 500 : 200).end(),
  );
  await using mesh = await start({ services: { orders: { instances: [`127.0.0.1:${orders.port}`] } } });
  await get(mesh.port, 'orders', '/fine');
  for (let count = 0; count < 21; count++) await get(mesh.port, 'orders', '/broken');
  await get(mesh.port, 'nobody', '/elsewhere');

  mesh.say({ ...fires(), at: Date.now() });
  await get(mesh.port, 'orders', '/later');

  const found = () => mesh.response.control.alert('orders are failing', undefined).evidence;
  await expect.poll(found).not.toBeNull();
  const evidence = found();
  expect(evidence).toMatchObject({
    alert: { name: 'orders are failing', service: 'orders', state: 'firing', value: 0.125 },
    revision: { number: 1 },
    scenario: null,
    service: { name: 'orders', instances: [{ health: 'unknown' }] },
  });
  expect(evidence?.failing).toHaveLength(20);
  expect(evidence?.failing.every(({ target, status }) => target === '/broken' && status === 500)).toBe(true);
  const sequences = evidence?.failing.map(({ sequence }) => sequence) ?? [];
  expect(sequences).toEqual([...sequences].sort((left, right) => right - left));
  expect(evidence?.slowest).toHaveLength(20);
  const durations = evidence?.slowest.map(({ duration }) => duration) ?? [];
  expect(durations).toEqual([...durations].sort((left, right) => right - left));
  expect(evidence?.series.rows).toHaveLength(60);
  const requests = evidence?.series.rows.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond * 5, 0);
  expect(Math.round(requests ?? 0)).toBe(22);
  expect(evidenceView.parse(evidence)).toEqual(evidence);
});

test('shapes, the scenario that runs and the revision of the mesh file are part of it', async () => {
  await using mesh = await start({
    services: { orders: { instances: ['127.0.0.1:1'] }, payments: { instances: ['127.0.0.1:1'] } },
    scenarios: {
      rush: [
        { at: '0s', service: 'payments', fault: { abort: 503 } },
        { at: '1h', clear: 'all' },
      ],
    },
  });
  const [scenario] = mesh.rooms.snapshot.scenarios.values();
  if (scenario !== undefined) mesh.rooms.scenarios.start(scenario);
  mesh.rooms.revision = { number: 3, since: 5 };

  mesh.say(fires());

  const found = () => mesh.response.control.alert('orders are failing', 'orders').evidence;
  await expect.poll(found).toMatchObject({
    revision: { number: 3, since: 5 },
    shapes: [{ service: 'payments', words: ['abort 503'], by: 'scenario rush' }],
    scenario: { name: 'rush', run: { done: 1, state: 'running' } },
  });
});

test('it is saved beside the mesh file, as it was shown, and holds no field and no body of a request', async () => {
  await using orders = await Upstream.start(500);
  await using mesh = await start({ services: { orders: { instances: [`127.0.0.1:${orders.port}`] } } });
  await fetch(`http://127.0.0.1:${mesh.port}/broken`, {
    method: 'POST',
    headers: { 'x-mesh-service': 'orders', authorization: 'Bearer s3cret', cookie: 'session=s3cret' },
    body: 's3cret',
  });

  mesh.say(fires());

  const found = () => mesh.response.control.alert('orders are failing', undefined).evidence;
  await expect.poll(() => found()?.file).toEqual(expect.any(String));
  const shown = found();
  const text = await readFile(shown?.file ?? '', 'utf8');
  expect({ ...JSON.parse(text), file: shown?.file }).toEqual({ schemaVersion: 1, ...shown });
  expect(text).toContain('/broken');
  expect(text).not.toContain('s3cret');
  expect(await readdir(join(mesh.directory, '.mesh', 'alerts'))).toHaveLength(1);
});

test('a mesh that a program has made leaves no files', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } }, false);

  mesh.say(fires());

  const found = () => mesh.response.control.alert('orders are failing', undefined).evidence;
  await expect.poll(found).toMatchObject({ file: null });
  await mesh.response.close();
  expect(await readdir(mesh.directory)).toEqual([]);
});

test('only the beginning is evidence: an alert that is resolved keeps what was found when it fired', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  mesh.say(fires());
  const found = () => mesh.response.control.alert('orders are failing', undefined);
  await expect.poll(() => found().evidence).not.toBeNull();

  mesh.say(resolved([]));

  expect(found()).toMatchObject({ alerts: [{ state: 'resolved' }], evidence: { alert: { state: 'firing' } } });
});

test('a whole shop that fails at once costs no more than twenty times', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  for (let count = 0; count < 50; count++) mesh.say(firing([], { name: `alert ${count}` }));
  const of = (count: number) => {
    mesh.say(pendingOf(`alert ${count}`));
    return mesh.response.control.alert(`alert ${count}`, undefined).evidence;
  };

  await expect.poll(() => of(19)).not.toBeNull();
  expect(of(20)).toBeNull();
});

test('an alert that is not there is told, with the one that was meant', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  mesh.say(fires());
  const { control } = mesh.response;

  expect(() => control.alert('orders are faling', undefined)).toThrow(
    expect.objectContaining({ code: 'unknown_alert', hint: 'Did you mean `orders are failing`?' }),
  );
  expect(() => control.alert('orders are failing', 'web')).toThrow(
    expect.objectContaining({ code: 'unknown_service', hint: 'It is for orders.' }),
  );
  expect(control.alerts()).toMatchObject({
    alerts: [{ name: 'orders are failing', condition: 'error_rate > 5%', labels: { severity: 'page' } }],
    receivers: [],
  });
});

test('a command is run with the alert in its environment and on its input, and what it prints is news', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  const command = {
    kind: 'command',
    command: `cat > told.json; env | grep ^MESH_ | sort`,
    directory: mesh.directory,
  } as const;

  mesh.say(firing([command]));

  const told = () => mesh.events.filter(({ type }) => type === 'alert-output').map(({ message }) => message);
  await expect.poll(() => mesh.response.control.alerts().receivers).toMatchObject([{ delivered: 1, lost: 0 }]);
  expect(told()).toEqual(
    [
      'MESH_ADMIN_URL=http://127.0.0.1:8081',
      'MESH_ALERT_CONDITION=error_rate > 5%',
      'MESH_ALERT_LABEL_SEVERITY=page',
      'MESH_ALERT_NAME=orders are failing',
      'MESH_ALERT_SERVICE=orders',
      'MESH_ALERT_STARTS_AT=2026-01-01T12:00:00.000Z',
      'MESH_ALERT_STATE=firing',
      'MESH_ALERT_SUMMARY=orders are failing: firing for orders, error_rate is 12.5%',
      'MESH_ALERT_VALUE=0.125',
    ].map((line) => `the command of alert "orders are failing": ${line}`),
  );
  expect(JSON.parse(await readFile(join(mesh.directory, 'told.json'), 'utf8'))).toMatchObject({
    version: '4',
    status: 'firing',
    receiver: 'command',
  });
});

test('a command that fails is told with its exit code, and is not run again', async () => {
  await using mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  const command = { kind: 'command', command: 'echo run >> runs; exit 3', directory: mesh.directory } as const;

  mesh.say(firing([command]));

  await expect
    .poll(() => mesh.events.filter(({ type }) => type === 'warning').map(({ message }) => message))
    .toEqual(['alerts are lost on their way to the command `echo run >> runs; exit 3`: it ended with code 3']);
  expect(await readFile(join(mesh.directory, 'runs'), 'utf8')).toBe('run\n');
});

test('a command that is under way when the mesh ends is ended with it', async () => {
  const mesh = await start({ services: { orders: { instances: ['127.0.0.1:1'] } } });
  const command = { kind: 'command', command: 'echo $$; sleep 60', directory: mesh.directory } as const;
  mesh.say(firing([command]));
  await expect.poll(() => mesh.events.some(({ type }) => type === 'alert-output')).toBe(true);
  const pid = Number(/\d+$/.exec(mesh.events.find(({ type }) => type === 'alert-output')?.message ?? '')?.[0]);

  await mesh[Symbol.asyncDispose]();

  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

function pendingOf(name: string): AlertChange {
  return firing([], { name, state: { kind: 'pending', since: 0 } });
}
