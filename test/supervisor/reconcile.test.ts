import { expect, test, vi } from 'vitest';
import { ends, idler, isRunning, makeWorld, server } from './world.js';

test('what did not change is left alone: the same process, the same connections', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: idler, replicas: 2 }, old: { command: idler }, changed: { command: idler } });
  for (const replica of ['web-1', 'web-2', 'old-1', 'changed-1']) await world.becomes(replica, 'ready');
  const [web1, web2, old, changed] = ['web-1', 'web-2', 'old-1', 'changed-1'].map((replica) => world.pid(replica));

  await world.apply({
    fresh: { command: idler },
    web: { command: idler, replicas: 2, restart: 'always', stopTimeout: 1_000, dependsOn: ['fresh'], watch: ['*.mjs'] },
    changed: { command: `${idler} # now with a comment` },
  });

  await world.becomes('fresh-1', 'ready');
  await world.becomes('changed-1', 'ready');
  expect([world.pid('web-1'), world.pid('web-2')]).toEqual([web1, web2]);
  expect(world.pid('changed-1')).not.toBe(changed);
  expect(
    [old, changed].filter((pid) => isRunning(pid ?? 0)),
    'the answer comes when stopping is done',
  ).toEqual([]);
  expect(world.supervisor.statuses().map(({ replica }) => replica)).toEqual(['fresh-1', 'web-1', 'web-2', 'changed-1']);
});

test.each([
  ['its command', { command: `${idler} # another` }],
  ['its directory', { command: idler, directory: '/' }],
  ['its environment', { command: idler, environment: { A: 'b' } }],
  ['its version', { command: idler, version: 'v2' }],
])('a process is started anew when %s changes', async (_, after) => {
  await using world = await makeWorld();
  await world.apply({ web: { command: idler } });
  await world.becomes('web-1', 'ready');
  const before = world.pid('web-1');

  await world.apply({ web: after });

  await world.becomes('web-1', 'ready');
  expect(world.pid('web-1')).not.toBe(before);
  expect(isRunning(before)).toBe(false);
});

test('a new restart policy holds for the process that runs already', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: idler, restart: 'always' } });
  await world.becomes('web-1', 'ready');
  const pid = world.pid('web-1');

  await world.apply({ web: { command: idler, restart: 'never' } });
  process.kill(pid, 'SIGTERM');

  await world.becomes('web-1', 'exited');
});

test('replicas come and go at the end', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: server, expose: true, replicas: 2 } });
  await world.becomes('web-1', 'ready');
  await world.becomes('web-2', 'ready');
  const first = world.pid('web-1');

  await world.apply({ web: { command: server, expose: true, replicas: 3 } });
  await world.becomes('web-3', 'ready');
  const [second, third] = [world.pid('web-2'), world.pid('web-3')];
  await world.apply({ web: { command: server, expose: true, replicas: 1 } });

  expect(world.pid('web-1')).toBe(first);
  expect([second, third].filter(isRunning)).toEqual([]);
  expect(world.registry.service('web')?.instances.map(({ id }) => id)).toEqual(['web-1']);
});

test('only the services named are run, and a later call may name others', async () => {
  await using world = await makeWorld();
  const wishes = { a: { command: idler }, b: { command: idler } };
  await world.apply(wishes, new Set(['a']));
  await world.becomes('a-1', 'ready');
  const a = world.pid('a-1');

  await world.apply(wishes, new Set(['b']));

  await world.becomes('b-1', 'ready');
  expect(world.supervisor.statuses().map(({ replica }) => replica)).toEqual(['b-1']);
  expect(isRunning(a)).toBe(false);
});

test('calls that come at once take their turns; the last one holds', async () => {
  await using world = await makeWorld();

  await Promise.all([
    world.apply({ a: { command: idler } }),
    world.apply({ b: { command: idler } }),
    world.apply({ a: { command: idler }, c: { command: idler } }),
  ]);

  await world.becomes('a-1', 'ready');
  await world.becomes('c-1', 'ready');
  expect(world.supervisor.statuses().map(({ replica }) => replica)).toEqual(['a-1', 'c-1']);
});

test('a restart goes replica by replica, so that somebody always serves', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: server, expose: true, replicas: 2 } });
  await world.becomes('web-1', 'ready');
  await world.becomes('web-2', 'ready');
  const pids = [world.pid('web-1'), world.pid('web-2')];
  const routable: number[] = [];
  world.registry.on(() => routable.push(world.registry.service('web')?.routable.length ?? 0));

  await world.supervisor.restart('web');

  expect(Math.min(...routable)).toBe(1);
  expect([world.pid('web-1'), world.pid('web-2')]).not.toEqual(expect.arrayContaining(pids));
  expect(world.supervisor.statuses()).toMatchObject([
    { restarts: 1, state: { kind: 'ready' } },
    { restarts: 1, state: { kind: 'ready' } },
  ]);
});

test('a restart stops at a replica that does not come up, and leaves the others serving', async () => {
  await using world = await makeWorld();
  const command = `test -e ${world.folder}/broken && exit 1; ${server}`;
  await world.apply({ web: { command, expose: true, replicas: 2, restart: 'never' } });
  await world.becomes('web-1', 'ready');
  await world.becomes('web-2', 'ready');
  const second = world.pid('web-2');
  const { writeFile, rm } = await import('node:fs/promises');

  await writeFile(`${world.folder}/broken`, '');
  await expect(world.supervisor.restart('web')).rejects.toMatchObject({
    code: 'not_ready',
    message: expect.stringContaining('web-1'),
  });
  expect(world.status('web-1').state.kind).toBe('exited');
  expect(world.pid('web-2')).toBe(second);

  await rm(`${world.folder}/broken`);
  await world.supervisor.restart('web');
  expect(world.status('web-1').state.kind).toBe('ready');
});

test('a restart that comes during another takes over, and no process is left beside', async () => {
  await using world = await makeWorld();
  await world.apply({ web: { command: `echo "up $$"; ${idler}`, replicas: 2 } });
  await world.becomes('web-1', 'ready');
  await world.becomes('web-2', 'ready');

  await Promise.all([
    world.supervisor.restart('web'),
    world.supervisor.restart('web'),
    world.supervisor.restart('web'),
  ]);

  const running = [world.pid('web-1'), world.pid('web-2')];
  const started = () => world.lines.map(({ text }) => Number(text.slice(3)));
  await vi.waitFor(() => expect(started()).toEqual(expect.arrayContaining(running)));
  await Promise.all(
    started()
      .filter((pid) => !running.includes(pid))
      .map((pid) => ends(pid)),
  );
  expect(running.every(isRunning)).toBe(true);
});

test('a service that the mesh does not run cannot be restarted', async () => {
  await using world = await makeWorld();

  await expect(world.supervisor.restart('nobody')).rejects.toMatchObject({ code: 'unknown_service' });
});

test('two supervisors in one process do not meet', async () => {
  await using one = await makeWorld();
  await using other = await makeWorld();
  await one.apply({ web: { command: server, expose: true } });
  await other.apply({ web: { command: server, expose: true } });
  await one.becomes('web-1', 'ready');
  await other.becomes('web-1', 'ready');

  await one.supervisor.stop();

  expect(other.status('web-1').state.kind).toBe('ready');
  expect(isRunning(other.pid('web-1'))).toBe(true);
});
