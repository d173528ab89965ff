import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { systemClock } from '../../src/foundation/clock.js';
import { watchFiles } from '../../src/supervisor/watch.js';
import { idler, makeWorld } from './world.js';

test.each<[string, string[], string, boolean]>([
  ['a file in the folder of the glob', ['src/*.mjs'], 'src/a.mjs', true],
  ['a file below it', ['src/**/*.mjs'], 'src/deep/down/a.mjs', true],
  ['a glob with ./', ['./src/*.mjs'], 'src/a.mjs', true],
  ['one file by its name', ['src/a.mjs'], 'src/a.mjs', true],
  ['a glob beside the mesh file’s folder', ['../lib/*.mjs'], '../lib/a.mjs', true],
  ['one of several globs', ['*.json', 'src/*.{mjs,js}'], 'src/a.js', true],
  ['a file of another kind', ['src/**/*.mjs'], 'src/a.txt', false],
  ['a file too deep', ['src/*.mjs'], 'src/deep/a.mjs', false],
  ['somebody else’s code', ['**/*.mjs'], 'node_modules/x/a.mjs', false],
  ['version control', ['**/*'], '.git/index', false],
  ['what an exclamation mark takes out', ['src/**/*.mjs', '!**/*.test.mjs'], 'src/a.test.mjs', false],
])('%s is watched as it should be', async (_, globs, path, seen) => {
  await using world = await makeWorld();
  const directory = join(world.folder, 'project');
  for (const folder of ['src/deep/down', 'node_modules/x', '.git', '../lib'])
    await mkdir(join(directory, folder), { recursive: true });
  const changes: string[] = [];
  const watch = watchFiles({
    directory,
    globs: [...globs, 'sentinel'],
    clock: systemClock,
    onChange: (paths) => changes.push(...paths),
    onError: (error) => changes.push(String(error)),
  });
  await watch.ready;

  try {
    await writeFile(join(directory, path), 'changed');
    if (seen) {
      await vi.waitFor(() => expect(changes).toEqual([path]), { timeout: 5_000 });
    } else {
      await writeFile(join(directory, 'sentinel'), 'changed'); // what comes later is seen, so what is not in by then never will be
      await vi.waitFor(() => expect(changes).toEqual(['sentinel']), { timeout: 5_000 });
    }
  } finally {
    await watch.close();
  }
});

test('a burst of changes is told once; a replaced and a removed file, too', async () => {
  await using world = await makeWorld();
  const file = (name: string) => join(world.folder, name);
  await writeFile(file('replaced.mjs'), '');
  await writeFile(file('removed.mjs'), '');
  const calls: string[][] = [];
  const watch = watchFiles({
    directory: world.folder,
    globs: ['*.mjs'],
    clock: systemClock,
    onChange: (paths) => calls.push([...paths].sort()),
    onError: () => {},
  });
  await watch.ready;

  try {
    for (let index = 0; index < 20; index++) await writeFile(file(`${index}.mjs`), '');
    await vi.waitFor(() => expect(calls.flat()).toHaveLength(20), { timeout: 5_000 });
    expect(calls.length).toBeLessThanOrEqual(2);

    await writeFile(file('new.tmp'), 'replaced');
    await rename(file('new.tmp'), file('replaced.mjs'));
    await rm(file('removed.mjs'));
    await vi.waitFor(() => expect(calls.flat()).toEqual(expect.arrayContaining(['removed.mjs', 'replaced.mjs'])), {
      timeout: 5_000,
    });
  } finally {
    await watch.close();
  }
});

test('a change restarts a service replica by replica, and the reason stands in its output', async () => {
  await using world = await makeWorld();
  await mkdir(join(world.folder, 'src'));
  await writeFile(join(world.folder, 'src/a.mjs'), '');
  await world.apply({ web: { command: idler, replicas: 2, watch: ['src/*.mjs'] }, other: { command: idler } });
  for (const replica of ['web-1', 'web-2', 'other-1']) await world.becomes(replica, 'ready');
  const [web1, web2, other] = ['web-1', 'web-2', 'other-1'].map((replica) => world.pid(replica));

  await vi.waitFor(
    async () => {
      await writeFile(join(world.folder, 'src/a.mjs'), `${Date.now()}`); // again, until the watch has begun
      expect(world.lines).not.toEqual([]);
    },
    { timeout: 5_000, interval: 300 },
  );

  await vi.waitFor(
    () => expect(world.supervisor.statuses()).toMatchObject([{ restarts: 1 }, { restarts: 1 }, { restarts: 0 }]),
    { timeout: 5_000 },
  );
  await world.becomes('web-2', 'ready');
  expect([world.pid('web-1'), world.pid('web-2')]).not.toEqual(expect.arrayContaining([web1]));
  expect(world.pid('web-2')).not.toBe(web2);
  expect(world.pid('other-1')).toBe(other);
  expect(world.lines).toMatchObject([
    { replica: 'web-1', stream: 'mesh', text: 'restarting: src/a.mjs changed' },
    { replica: 'web-2', stream: 'mesh', text: 'restarting: src/a.mjs changed' },
  ]);
});

test('a program that has failed is tried again when its file changes', async () => {
  await using world = await makeWorld();
  await writeFile(join(world.folder, 'a.sh'), 'exit 1');
  await world.apply({ web: { command: `. ${world.folder}/a.sh; ${idler}`, restart: 'never', watch: ['a.sh'] } });
  await world.becomes('web-1', 'exited');

  await vi.waitFor(
    async () => {
      await writeFile(join(world.folder, 'a.sh'), `true ${Date.now()}`);
      expect(world.status('web-1').state.kind).toBe('ready');
    },
    { timeout: 5_000, interval: 300 },
  );
});
