import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import type { HealthCheckConfig } from '../../src/config/snapshot.js';
import { Scope } from '../../src/foundation/scope.js';
import type { CheckPlan } from '../../src/health/active.js';
import { HealthChecker } from '../../src/health/active.js';
import type { Health, Instance } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { ManualClock } from '../support/manual-clock.js';

let scope = new Scope();
afterEach(async () => {
  await scope.close();
  scope = new Scope();
});

const check: HealthCheckConfig = {
  probe: { kind: 'http', path: '/healthz' },
  interval: 5_000,
  timeout: 1_000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};

test('a new instance is asked at once, and healthy with its first success', async () => {
  const { instance, changes } = watched(await upstream());

  await becomes(instance, 'healthy');

  expect(changes).toEqual(['unhealthy → healthy']);
});

test('what is asked names the address and the asker, and no connection is left behind', async () => {
  const server = await upstream();
  const { instance } = watched(server);
  await becomes(instance, 'healthy');

  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'GET', url: '/healthz' });
  expect(request?.headers).toMatchObject({ host: `127.0.0.1:${server.port}`, 'user-agent': 'mesh-health-check' });
  await vi.waitFor(() => expect(server.open.size).toBe(0));
});

test('until it passes it is asked every 100 ms, then every interval', async () => {
  const server = await upstream({ status: 503 });
  const { instance, clock } = watched(server);
  for (let times = 1; times <= 4; times++) {
    await asked(server, times);
    await resting(clock);
    expect(clock.next).toBe(100);
    if (times === 4) server.status = 200;
    clock.advance(100);
  }
  await becomes(instance, 'healthy');

  await resting(clock);
  expect(clock.next).toBe(5_000);
  clock.advance(5_000);
  await asked(server, 6);
});

test('an instance that has not come up in a minute is asked at the usual pace', async () => {
  const server = await upstream({ status: 503 });
  const { clock } = watched(server);
  await asked(server, 1);
  await resting(clock);

  clock.advance(60_000); // the rest ends on the way, and the probe that follows is cut by its timeout

  await resting(clock);
  expect(clock.next).toBe(5_000);
});

test('three failures in a row make it unhealthy, with the last one’s reason; two successes bring it back', async () => {
  const server = await upstream();
  const { instance, clock, changes } = watched(server);
  await becomes(instance, 'healthy');

  server.status = 503;
  await rounds(clock, server, 2);
  expect(instance.health).toBe('healthy');
  server.status = 500;
  await rounds(clock, server, 1);
  expect(instance).toMatchObject({ health: 'unhealthy', healthReason: 'answered 500' });
  server.status = 200;
  await rounds(clock, server, 1);
  expect(instance.health).toBe('unhealthy');
  await rounds(clock, server, 1);

  expect(instance).toMatchObject({ health: 'healthy', healthReason: undefined });
  expect(changes).toEqual(['unhealthy → healthy', 'healthy → unhealthy', 'unhealthy → healthy']);
});

test.each([
  [200, true],
  [204, true],
  [302, true],
  [399, true],
  [400, false],
  [404, false],
  [500, false],
])('an answer of %i passes: %s', async (status, passes) => {
  const server = await upstream({ status });
  const { instance } = watched(server, { unhealthyThreshold: 1 }, 'unknown');

  await becomes(instance, passes ? 'healthy' : 'unhealthy');

  expect(instance.healthReason).toBe(passes ? undefined : `answered ${status}`);
  expect(server.requests, 'a redirect is not followed').toHaveLength(1);
});

test.each<[string, string, HealthCheckConfig['probe'], (socket: Socket) => void]>([
  ['hangs up', 'closed the connection before it answered', { kind: 'http', path: '/' }, (socket) => socket.destroy()],
  [
    'resets the connection',
    'closed the connection before it answered',
    { kind: 'http', path: '/' },
    (socket) => socket.once('data', () => socket.resetAndDestroy()),
  ],
  [
    'speaks something else',
    'answered with something other than HTTP',
    { kind: 'http', path: '/' },
    (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  ],
])('an instance that %s is told to have “%s”', async (_, reason, probe, behave) => {
  const server = await tcpUpstream(behave);
  const { instance } = watched(server, { probe, unhealthyThreshold: 1 }, 'unknown');

  await becomes(instance, 'unhealthy');

  expect(instance.healthReason).toBe(reason);
});

test.each<HealthCheckConfig['probe']>([{ kind: 'tcp' }, { kind: 'http', path: '/' }])(
  'a refused connection is told as such (%j)',
  async (probe) => {
    const server = await tcpUpstream(() => {});
    await server.close();
    const { instance } = watched(server, { probe, unhealthyThreshold: 1 }, 'unknown');

    await becomes(instance, 'unhealthy');

    expect(instance.healthReason).toBe('connection refused');
  },
);

test('an instance that accepts and says nothing is given up after the timeout, and the socket is closed', async () => {
  const server = await tcpUpstream(() => {});
  const { instance, clock } = watched(server, { unhealthyThreshold: 1 }, 'unknown');
  await vi.waitFor(() => expect(server.open.size).toBe(1));

  clock.advance(999);
  expect(instance.health).toBe('unknown');
  clock.advance(1);

  await becomes(instance, 'unhealthy');
  expect(instance.healthReason).toBe('no answer within 1s');
  await vi.waitFor(() => expect(server.open.size).toBe(0));
});

test('probes of one instance never overlap, even when they take longer than the interval', async () => {
  const server = await tcpUpstream(() => {});
  const { clock } = watched(server, { interval: 10, timeout: 1_000 });
  await vi.waitFor(() => expect(server.open.size).toBe(1));

  await clock.elapse(999);

  expect(server.accepted).toBe(1);
});

test('a body without end does not matter: the status has been seen, and the socket is closed at the timeout', async () => {
  const server = await upstream({
    answer: (_, response) => {
      response.writeHead(200);
      response.write('data: forever\n\n');
    },
  });
  const { instance, clock } = watched(server);
  await asked(server, 1);
  await vi.waitFor(() => {
    clock.advance(1_000); // again, when the head had not yet reached the probe
    expect(instance.health).toBe('healthy');
  });
  await vi.waitFor(() => expect(server.open.size).toBe(0));
});

test('a TCP check passes when the connection is accepted, and closes it', async () => {
  const server = await tcpUpstream(() => {});
  const { instance } = watched(server, { probe: { kind: 'tcp' } });

  await becomes(instance, 'healthy');

  await vi.waitFor(() => expect(server.open.size).toBe(0));
});

/** Both loopbacks, whatever this machine's resolver makes of `localhost`; a machine without IPv6 has one. */
const addressesOfLocalhost = Object.values(networkInterfaces())
  .flat()
  .map((face) => face?.address)
  .filter((address) => address === '127.0.0.1' || address === '::1');

test.each(addressesOfLocalhost.flatMap((host) => (['tcp', 'http'] as const).map((kind) => ({ host, kind }))))(
  'a program that listens on $host alone is found by the name localhost ($kind)',
  async ({ host, kind }) => {
    const server = await upstream({ host });
    const probe = kind === 'tcp' ? { kind } : { kind, path: '/' };
    const { instance } = watched({ host: 'localhost', port: server.port }, { probe });

    await becomes(instance, 'healthy');
  },
);

test('a check until the first success leaves the instance in peace afterwards', async () => {
  const server = await upstream();
  const { instance, clock } = watched(server, {}, 'unhealthy', 'first-success');
  await becomes(instance, 'healthy');

  await clock.elapse(60_000);

  expect(server.requests).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test('an instance that is draining is not called back by a probe that passes', async () => {
  const server = await upstream();
  const { instance, clock, registry } = watched(server);
  await becomes(instance, 'healthy');
  registry.setHealth('orders', instance.id, 'draining', 'its reason');

  await rounds(clock, server, 2);

  expect(instance).toMatchObject({ health: 'draining', healthReason: 'its reason' });
});

test('probes go on beneath an ejection, and what they say counts when it is over', async () => {
  const server = await upstream();
  const { instance, clock, registry } = watched(server);
  await becomes(instance, 'healthy');
  registry.eject('orders', instance.id, { until: 1, reason: 'its reason' });

  await rounds(clock, server, 2);

  expect(instance).toMatchObject({ health: 'ejected', healthReason: 'its reason' });
  registry.readmit('orders', instance.id);
  expect(instance).toMatchObject({ health: 'healthy', healthReason: undefined });
});

test('an instance that leaves while it is asked is forgotten: no socket, no timer, no word', async () => {
  const server = await tcpUpstream(() => {});
  const { instance, clock, registry, changes } = watched(server);
  await vi.waitFor(() => expect(server.open.size).toBe(1));

  registry.remove('orders', instance.id, 'stopped');

  await vi.waitFor(() => expect(server.open.size).toBe(0));
  await vi.waitFor(() => expect(clock.pending).toBe(0));
  expect(changes).toEqual([]);
});

test('a new address under an old id is checked anew', async () => {
  const [first, second] = [await upstream(), await upstream()];
  const { instance, registry } = watched(first);
  await becomes(instance, 'healthy');

  const moved = registry.put('orders', specOf(second), 'file', 'unhealthy');

  await becomes(moved, 'healthy');
  expect(second.requests).toHaveLength(1);
});

test('closing ends probes under way and those to come', async () => {
  const server = await tcpUpstream(() => {});
  const { checker, clock } = watched(server);
  await vi.waitFor(() => expect(server.open.size).toBe(1));

  await checker.close();

  expect(clock.pending).toBe(0);
  await vi.waitFor(() => expect(server.open.size).toBe(0));
});

test('after a reload a check that is what it was goes on undisturbed', async () => {
  const server = await upstream();
  const { instance, checker, clock } = watched(server);
  await becomes(instance, 'healthy');
  server.status = 503;
  await rounds(clock, server, 2);

  checker.refresh();
  await rounds(clock, server, 1);

  expect(instance.health, 'the two failures before the reload count').toBe('unhealthy');
});

test('after a reload a check that has changed begins at once, and what was known of the instance stays', async () => {
  const server = await upstream();
  const world = watched(server);
  await becomes(world.instance, 'healthy');
  server.status = 503;

  world.plans.plan = { until: 'forever', check: { ...check, probe: { kind: 'http', path: '/ready' } } };
  world.checker.refresh();
  await asked(server, 2);
  await resting(world.clock);

  expect(server.requests[1]?.url).toBe('/ready');
  expect(world.instance.health).toBe('healthy');
  await rounds(world.clock, server, 2);
  expect(world.instance.health).toBe('unhealthy');

  server.status = 200;
  world.plans.plan = { until: 'forever', check };
  world.checker.refresh();
  await asked(server, 5);
  await resting(world.clock);
  expect(world.instance.health, 'one success is not enough for who was healthy before').toBe('unhealthy');
});

test('after a reload without a check an instance is trusted again', async () => {
  const server = await upstream({ status: 503 });
  const world = watched(server);
  await asked(server, 1);

  world.plans.plan = undefined;
  world.checker.refresh();

  expect(world.instance).toMatchObject({ health: 'unknown', healthReason: undefined });
  await vi.waitFor(() => expect(world.clock.pending).toBe(0));
});

test('a check that a reload brings takes nobody out of rotation before it has failed', async () => {
  const server = await upstream({ status: 503 });
  const world = watched(server, {}, 'unknown', 'none');
  world.plans.plan = { until: 'forever', check };
  world.checker.refresh();

  await asked(server, 1);
  await resting(world.clock);
  expect(world.instance.health).toBe('unknown');
  world.clock.advance(100);
  await asked(server, 2);
  await resting(world.clock);
  world.clock.advance(100);

  await becomes(world.instance, 'unhealthy');
});

/** A registry with one instance of `orders`, and a checker that has started. */
function watched(
  where: { readonly host: string; readonly port: number },
  wishes: Partial<HealthCheckConfig> = {},
  health: Health = 'unhealthy',
  until: CheckPlan['until'] | 'none' = 'forever',
) {
  const clock = new ManualClock();
  const registry = new Registry(clock, memoryStore);
  const changes: string[] = [];
  registry.on((event) => {
    if (event.type === 'health-changed') changes.push(`${event.from} → ${event.to}`);
  });
  const plans: { plan: CheckPlan | undefined } = {
    plan: until === 'none' ? undefined : { until, check: { ...check, ...wishes } },
  };
  const checker = new HealthChecker({ registry, clock, checkFor: () => plans.plan });
  const instance = registry.put('orders', specOf(where), 'file', health);
  checker.start();
  scope.defer(() => checker.close());
  return { clock, registry, changes, checker, instance, plans };
}

function specOf({ host, port }: { readonly host: string; readonly port: number }) {
  return { id: 'a', address: { host, port }, weight: 1, version: undefined, metadata: {} };
}

async function becomes(instance: Instance, health: Health): Promise<void> {
  await vi.waitFor(() => expect(instance.health).toBe(health), { interval: 5 });
}

async function asked(server: { readonly requests: readonly unknown[] }, times: number): Promise<void> {
  await vi.waitFor(() => expect(server.requests).toHaveLength(times), { interval: 5 });
}

/** The probe has ended: the one timer that is set is not its timeout any more, but the rest that follows. */
async function resting(clock: ManualClock): Promise<void> {
  await vi.waitFor(() => expect([100, check.interval]).toContain(clock.next), { interval: 5 });
}

/** Lets `count` intervals pass, each with its probe. */
async function rounds(clock: ManualClock, server: Upstream, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const before = server.requests.length;
    await vi.waitFor(() => expect(server.open.size).toBe(0), { interval: 5 });
    await resting(clock);
    clock.advance(check.interval);
    await asked(server, before + 1);
    await vi.waitFor(() => expect(server.open.size).toBe(0), { interval: 5 });
    await resting(clock);
  }
}

type Upstream = Awaited<ReturnType<typeof upstream>>;

/** A real HTTP server that remembers who asked. */
async function upstream({
  status = 200,
  host = '127.0.0.1',
  answer,
}: {
  status?: number;
  host?: string;
  answer?: RequestListener;
} = {}) {
  const requests: IncomingMessage[] = [];
  const server = createHttpServer((request, response) => {
    requests.push(request);
    if (answer !== undefined) return answer(request, response);
    response.writeHead(world.status, { location: '/elsewhere' }).end();
  });
  const world = { ...(await listening(server, host)), requests, status };
  return world;
}

async function tcpUpstream(behave: (socket: Socket) => void) {
  return listening(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.resume();
      behave(socket);
    }),
    '127.0.0.1',
  );
}

async function listening(server: Server, host: string) {
  const open = new Set<Socket>();
  const world = {
    host,
    port: 0,
    open,
    accepted: 0,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    world.accepted += 1;
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  world.port = (server.address() as AddressInfo).port;
  scope.defer(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return world;
}
