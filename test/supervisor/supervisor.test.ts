import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Instance } from '../../src/registry/instance.js';
import { ManualClock } from '../support/manual-clock.js';
import { ends, idler, isRunning, makeWorld, server } from './world.js';

test('a program that listens becomes a healthy instance on a port of its own', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: server, expose: true, version: 'v2' } });
  await vi.waitFor(() => expect(world.registry.instance('web', 'web-1')).toBeDefined());
  const instance = world.registry.instance('web', 'web-1');
  expect(instance).toMatchObject({ health: 'unhealthy', healthReason: 'starting', source: 'process', version: 'v2' });

  const { state } = await world.becomes('web-1', 'ready');

  expect(instance?.health).toBe('healthy');
  expect(state).toMatchObject({ pid: world.pid('web-1'), port: instance?.address.port });
  expect(await answerOf(instance)).toBe(String(world.pid('web-1')));
  expect(world.states).toEqual(['web-1 starting', 'web-1 ready']);
});

test('replicas are told apart by name and port, and stand in the order of the file', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: server, expose: true, replicas: 2 }, worker: { command: idler } });
  await world.becomes('web-1', 'ready');
  await world.becomes('web-2', 'ready');

  expect(world.supervisor.statuses().map(({ replica }) => replica)).toEqual(['web-1', 'web-2', 'worker-1']);
  const ports = world.registry.service('web')?.instances.map(({ address }) => address.port);
  expect(new Set(ports).size).toBe(2);
});

test('a worker is ready as soon as it runs, has no port and is no instance', async () => {
  await using world = await makeWorld();
  await world.apply({ worker: { command: `echo "port=\${PORT-none}"; ${idler}` } });

  expect((await world.becomes('worker-1', 'ready')).state).toMatchObject({ port: undefined });
  expect(await world.printed(/^port=/)).toBe('port=none');
  expect(world.registry.service('worker')).toBeUndefined();
});

test('the environment is what the mesh gives, and nothing else', async () => {
  await using world = await makeWorld({
    environment: async ({ name }, replica, port) => ({
      PATH: '/usr/bin:/bin',
      A: 'given',
      WHO: `${name}/${replica}`,
      PORT: String(port),
    }),
  });
  await world.apply({
    web: {
      command: `echo "A=$A WHO=$WHO PORT=$PORT HOME=$HOME"; ${idler}`,
      expose: true,
    },
  });

  const port = world.registry.instance('web', 'web-1')?.address.port;
  expect(await world.printed(/^A=/)).toMatch(/^A=given WHO=web\/web-1 PORT=2\d{4} HOME=$/);
  expect(port === undefined || (await world.printed(new RegExp(`PORT=${port} `))) !== '').toBe(true);
});

test('a fixed port that is taken is named with its holder, and used as soon as it is free', async () => {
  await using world = await makeWorld();
  const stranger = createServer().listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(stranger.listening).toBe(true));
  const address = stranger.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  await world.apply({ web: { command: server, expose: true, port } });
  expect((await world.becomes('web-1', 'failed')).state).toMatchObject({
    reason: expect.stringMatching(
      process.platform === 'linux' ? `^port ${port} is taken by pid ${process.pid} ` : `^port ${port} is taken by `,
    ),
  });
  await new Promise((resolve) => stranger.close(resolve));

  expect((await world.becomes('web-1', 'ready')).state).toMatchObject({ port });
  expect(world.states.filter((state) => state === 'web-1 failed')).toHaveLength(1);
});

test.each([
  [
    'a folder that does not exist',
    { command: 'true', directory: join('/nowhere', 'at-all') },
    '/nowhere/at-all does not exist',
  ],
  ['a command with a NUL', { command: 'echo \u0000' }, 'null bytes'],
])('%s is a failure in words', async (_, wish, reason) => {
  await using world = await makeWorld();
  await world.apply({ worker: wish });

  expect((await world.becomes('worker-1', 'failed')).state).toMatchObject({ reason: expect.stringContaining(reason) });
});

test('an environment that cannot be made is a failure in words', async () => {
  await using world = await makeWorld({ environment: () => Promise.reject(new Error('no door could be opened')) });
  await world.apply({ worker: { command: idler } });

  expect((await world.becomes('worker-1', 'failed')).state).toMatchObject({ reason: 'no door could be opened' });
});

test('a service is started once what it depends on is ready, and says what it waits for', async () => {
  await using world = await makeWorld();
  await world.apply({
    web: { command: idler, dependsOn: ['orders', 'queue'] },
    orders: { command: server, expose: true },
    queue: { command: idler, dependsOn: ['orders'] },
  });
  expect(world.status('web-1').state).toEqual({ kind: 'waiting', for: ['orders', 'queue'] });

  await world.becomes('web-1', 'ready');

  expect(world.states.filter((state) => !state.endsWith('waiting'))).toEqual([
    'orders-1 starting',
    'orders-1 ready',
    'queue-1 starting',
    'queue-1 ready',
    'web-1 starting',
    'web-1 ready',
  ]);
});

test('a job that has ended well lets others start; one that has failed does not', async () => {
  await using world = await makeWorld();
  const jobs = { migrate: { command: 'exit 0' }, broken: { command: 'exit 1', restart: 'never' } } as const;
  await world.apply(jobs);
  await world.becomes('migrate-1', 'exited');
  await world.becomes('broken-1', 'exited');

  await world.apply({
    ...jobs,
    web: { command: idler, dependsOn: ['migrate'] },
    stuck: { command: idler, dependsOn: ['migrate', 'broken'] },
  });

  await world.becomes('web-1', 'ready');
  expect(world.status('stuck-1').state).toEqual({ kind: 'waiting', for: ['broken'] });
});

test('what runs elsewhere is ready when it can be called', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: idler, dependsOn: ['orders'] } });
  expect(world.status('web-1').state).toEqual({ kind: 'waiting', for: ['orders'] });

  world.registry.put(
    'orders',
    { id: 'a', address: { host: '127.0.0.1', port: 1 }, weight: 1, version: undefined, metadata: {} },
    'registered',
    'unknown',
  );

  await world.becomes('web-1', 'ready');
});

test('a program that ends is out of the registry at once, and started again on its old port', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: server, expose: true } });
  await world.becomes('web-1', 'ready');
  const [pid, port] = [world.pid('web-1'), world.registry.instance('web', 'web-1')?.address.port];

  process.kill(pid, 'SIGKILL');

  expect((await world.becomes('web-1', 'backing-off')).state).toMatchObject({
    exit: { kind: 'signal', signal: 'SIGKILL' },
    delay: 250,
  });
  expect(world.registry.instance('web', 'web-1')).toBeUndefined();
  const { state, restarts } = await world.becomes('web-1', 'ready');
  expect(state).toMatchObject({ port });
  expect(world.pid('web-1')).not.toBe(pid);
  expect(restarts).toBe(1);
});

test('whoever waits for a service is told when it can be called, and at once when it will not come', async () => {
  await using world = await makeWorld();
  const never = new AbortController().signal;
  const waited = (service: string) => world.supervisor.whenServed(service, never);
  await waited('unknown');

  await world.apply({
    web: { command: server, expose: true },
    broken: { command: 'exit 3', expose: true },
    done: { command: 'exit 0', expose: true },
  });
  await Promise.all([waited('web'), waited('broken'), waited('done')]);

  expect(world.registry.service('web')?.routable).toHaveLength(1);
  expect(world.status('broken-1')).toMatchObject({ crashLooping: true });
  expect(world.status('done-1').state.kind).toBe('exited');
});

test('a crash loop is backed off, shown as one from the third time on, and keeps the last words', async () => {
  const clock = new ManualClock();
  await using world = await makeWorld({ clock });
  await world.apply({ web: { command: 'echo "boom $MESH" >&2; exit 3', expose: true } });
  const delays: number[] = [];
  const loops: boolean[] = [];

  for (let crash = 1; crash <= 4; crash++) {
    const { state, crashLooping, restarts, lastLines } = await world.becomes('web-1', 'backing-off');
    if (state.kind !== 'backing-off') throw new Error(state.kind);
    expect(state.exit).toEqual({ kind: 'code', code: 3 });
    expect(restarts).toBe(crash - 1);
    expect(lastLines(10)).toHaveLength(crash);
    expect(lastLines(1)).toMatchObject([{ service: 'web', replica: 'web-1', stream: 'stderr', text: 'boom ' }]);
    delays.push(state.delay);
    loops.push(crashLooping);
    clock.advance(state.delay - 1);
    expect(world.status('web-1').state.kind).toBe('backing-off');
    clock.advance(1);
    await vi.waitFor(() => expect(world.states.filter((one) => one === 'web-1 starting')).toHaveLength(crash + 1));
  }

  expect(delays).toEqual([250, 500, 1_000, 2_000]);
  expect(loops).toEqual([false, false, true, true]);
});

test('ten seconds of being ready forgive the crashes before', async () => {
  const clock = new ManualClock();
  await using world = await makeWorld({ clock });
  const looping: boolean[] = [];
  world.supervisor.on('state', ({ crashLooping }) => looping.push(crashLooping));
  // Ends at its first three starts, then stays.
  await world.apply({
    worker: {
      command: `echo x >> ${world.folder}/starts; test $(wc -l < ${world.folder}/starts) -gt 3 || exit 1; ${idler}`,
    },
  });
  for (let crash = 1; crash <= 3; crash++) {
    await world.becomes('worker-1', 'backing-off');
    await vi.waitFor(() => expect(clock.next).toBe(250 * 2 ** (crash - 1)));
    clock.advance(250 * 2 ** (crash - 1));
  }
  await vi.waitFor(() => expect(world.states.filter((one) => one === 'worker-1 ready')).toHaveLength(4));
  expect(world.status('worker-1').crashLooping).toBe(true);

  clock.advance(10_000);

  expect(world.status('worker-1')).toMatchObject({ crashLooping: false, restarts: 3 });
  expect(looping.at(-1)).toBe(false);
  process.kill(world.pid('worker-1'), 'SIGKILL');
  expect((await world.becomes('worker-1', 'backing-off')).state).toMatchObject({ delay: 250 });
});

test.each([
  { restart: 'never', command: 'exit 7', exit: { kind: 'code', code: 7 } },
  { restart: 'on-failure', command: 'exit 0', exit: { kind: 'code', code: 0 } },
  { restart: 'never', command: 'kill -9 $$', exit: { kind: 'signal', signal: 'SIGKILL' } },
] as const)('$command with restart: $restart stays ended', async ({ exit, ...wish }) => {
  await using world = await makeWorld();
  await world.apply({ job: wish });

  expect(await world.becomes('job-1', 'exited')).toMatchObject({ state: { exit }, restarts: 0, crashLooping: false });
});

test('output comes as lines with their stream, an unfinished last one too', async () => {
  await using world = await makeWorld();
  await world.apply({ job: { command: "printf 'one\\ntwo'; printf 'three' >&2", restart: 'never' } });

  await world.becomes('job-1', 'exited');

  expect(world.lines.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual([
    'stderr three',
    'stdout one',
    'stdout two',
  ]);
  expect(world.supervisor.lastLines('job', 10)).toHaveLength(3);
  expect(world.supervisor.lastLines('nobody', 10)).toEqual([]);
});

test('what a program leaves behind in its group is ended with it, before it is started again', async () => {
  await using world = await makeWorld();
  await world.apply({ job: { command: 'sleep 600 & echo "left $!"; exit 0', restart: 'on-failure' } });
  const left = Number((await world.printed(/^left /)).slice(5));

  await world.becomes('job-1', 'exited');

  expect(isRunning(left)).toBe(false);
});

test('a program that has ended is not called any more, even while what it left behind takes its time', async () => {
  await using world = await makeWorld();
  const deaf = `sh -c 'trap "" TERM; echo deaf; while :; do sleep 0.1; done'`;
  await world.apply({ web: { command: `${deaf} & ${server}`, expose: true, stopTimeout: 1_000 } });
  await world.becomes('web-1', 'ready');
  await world.printed(/^deaf$/);

  process.kill(world.pid('web-1'), 'SIGKILL');

  await world.becomes('web-1', 'stopping');
  await vi.waitFor(() => expect(world.registry.instance('web', 'web-1')).toBeUndefined(), { timeout: 500 });
  expect(world.status('web-1').state.kind).toBe('stopping');
  await world.becomes('web-1', 'backing-off');
});

test('stopping ends children and grandchildren, and leaves no zombie', async () => {
  await using world = await makeWorld();
  await world.apply({
    web: { command: 'sleep 600 & echo "child $!"; sh -c "sleep 601 & echo grandchild \\$!; wait"; wait' },
  });
  const child = Number((await world.printed(/^child /)).slice(6));
  const grandchild = Number((await world.printed(/^grandchild /)).slice(11));
  const leader = world.pid('web-1');

  await world.supervisor.stop();

  expect([leader, child, grandchild].filter(isRunning)).toEqual([]);
  expect(world.status('web-1').state).toEqual({ kind: 'stopped' });
});

test('who is deaf to SIGTERM is killed after its stopTimeout, with a grandchild that is deaf, too, and it is said', async () => {
  await using world = await makeWorld();
  await world.apply({
    deaf: { command: "trap '' TERM; sh -c 'echo deaf $$; while :; do sleep 1; done'", stopTimeout: 300 },
  });
  const grandchild = Number((await world.printed(/^deaf /)).slice(5));
  const leader = world.pid('deaf-1');

  const before = performance.now();
  await world.supervisor.stop();
  const took = performance.now() - before;

  expect([leader, grandchild].filter(isRunning)).toEqual([]);
  expect(took).toBeGreaterThan(290);
  expect(await world.printed(/killed/)).toBe('did not end within 300ms, and was killed');
});

test('a child that outlives its parent is given its time to end well', async () => {
  await using world = await makeWorld();
  await world.apply({
    web: {
      command: `sh -c 'trap "sleep 0.3; echo ended well; exit 0" TERM; echo up; while :; do sleep 0.05; done' & wait`,
      stopTimeout: 5_000,
    },
  });
  await world.printed(/^up$/);

  await world.supervisor.stop();

  expect(world.lines.map(({ text }) => text)).toContain('ended well');
});

test('dependents are stopped before what they depend on', async () => {
  await using world = await makeWorld();
  await world.apply({
    db: { command: idler },
    web: { command: "trap 'sleep 0.2; exit 0' TERM; while :; do sleep 0.05; done", dependsOn: ['db'] },
  });
  await world.becomes('web-1', 'ready');

  await world.supervisor.stop();

  expect(world.states.slice(-4)).toEqual(['web-1 stopping', 'web-1 stopped', 'db-1 stopping', 'db-1 stopped']);
});

test('a process that is to end first gets no new requests and may finish those it has', async () => {
  const drained: string[] = [];
  await using world = await makeWorld({
    async drain(instance) {
      drained.push(`${instance.id} ${instance.health} ${isRunning(world.pid('web-1'))}`);
    },
  });
  await world.apply({ web: { command: server, expose: true } });
  await world.becomes('web-1', 'ready');

  await world.apply({});

  expect(drained).toEqual(['web-1 draining true']);
  expect(world.registry.service('web')).toBeUndefined();
});

test('kill ends every group at once, even one that is deaf', async () => {
  await using world = await makeWorld();
  await world.apply({
    deaf: { command: "trap '' TERM; echo up; while :; do sleep 1; done", stopTimeout: 60_000, restart: 'always' },
    idle: { command: idler },
  });
  await world.printed(/^up$/);
  await world.becomes('idle-1', 'ready');
  const pids = [world.pid('deaf-1'), world.pid('idle-1')];

  void world.supervisor.stop();
  world.supervisor.kill();

  await Promise.all(pids.map((pid) => ends(pid, 2_000)));
  await world.supervisor.stop();
  expect(world.states).not.toContain('deaf-1 backing-off');
});

test('stopping while a program is still about to start leaves nothing running', async () => {
  let goOn: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await using world = await makeWorld({ environment: () => held.then(() => ({})) });
  await world.apply({ web: { command: server, expose: true }, waiting: { command: idler, dependsOn: ['web'] } });

  const stopped = world.supervisor.stop();
  goOn();
  await stopped;

  expect(world.states.filter((state) => state.endsWith('starting'))).toEqual([]);
  expect(world.supervisor.statuses().map(({ state }) => state.kind)).toEqual(['stopped', 'stopped']);
});

async function answerOf(instance: Instance | undefined): Promise<string> {
  const { host, port } = instance?.address ?? { host: '', port: 0 };
  const response = await fetch(`http://${host}:${port}/`);
  return response.text();
}
