import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Registry } from '../../src/registry/registry.js';
import type { RegistryStore, StoredInstance } from '../../src/registry/store.js';
import { fileStore } from '../../src/registry/stores/file.js';
import { ManualClock } from '../support/manual-clock.js';

let folder = '';
let path = '';
const clock = new ManualClock();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-registry-'));
  path = join(folder, '.mesh', 'registry.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function opened(store: RegistryStore, own = clock): Promise<Registry> {
  const registry = new Registry(own, store);
  await registry.restore(() => 'unknown');
  return registry;
}

test('what was registered is there after a restart; what the file and processes brought is not', async () => {
  const first = await opened(fileStore(path, clock));
  const details = { weight: 3, version: 'v2', metadata: { zone: 'b' } };
  first.put('orders', { id: 'file-1', address: at(1), weight: 1, version: undefined, metadata: {} }, 'file', 'unknown');
  await first.register('orders', { id: 'a', address: at(4001), ...details }, 'unknown');
  await first.register('orders', { id: 'gone', address: at(4002) }, 'unknown');
  await first.deregister('orders', 'gone');

  const second = new Registry(clock, fileStore(path, clock));
  const warning = await second.restore(() => 'unhealthy');

  expect(warning).toBeUndefined();
  expect(second.service('orders')?.instances).toMatchObject([
    { id: 'a', address: at(4001), source: 'registered', health: 'unhealthy', ...details },
  ]);
});

test('what is registered before the stored registrations are read joins them, and takes nothing away', async () => {
  const first = await opened(fileStore(path, clock));
  await first.register('orders', { id: 'kept', address: at(4001) }, 'unknown');
  await first.close();

  const second = new Registry(clock, fileStore(path, clock));
  await second.register('orders', { id: 'early', address: at(4002) }, 'unknown');
  await second.restore(() => 'unknown');
  await second.close();

  const ids = (await opened(fileStore(path, clock))).service('orders')?.instances.map(({ id }) => id);
  expect(ids?.sort()).toEqual(['early', 'kept']);
});

test('after the end nothing is registered, and the file is left to whoever has the folder now', async () => {
  const registry = await opened(fileStore(path, clock));
  await registry.register('orders', { id: 'a', address: at(4001) }, 'unknown');
  await registry.close();
  const before = await readFile(path, 'utf8');

  await expect(registry.register('orders', { address: at(4002) }, 'unknown')).rejects.toMatchObject({
    code: 'shutting_down',
  });
  await expect(registry.deregister('orders', 'a')).rejects.toMatchObject({ code: 'shutting_down' });
  expect(await readFile(path, 'utf8')).toBe(before);
});

test('a registration whose id a process takes is one no more', async () => {
  const registry = await opened(fileStore(path, clock));
  await registry.register('orders', { id: 'orders-1', address: at(4001) }, 'unknown');
  const told: string[] = [];
  registry.on((event) => told.push(event.type === 'instance-removed' ? `${event.type} ${event.reason}` : event.type));

  registry.put(
    'orders',
    { id: 'orders-1', address: at(5001), weight: 1, version: undefined, metadata: {} },
    'process',
    'unhealthy',
  );
  await registry.close();

  expect(told).toEqual(['instance-removed replaced', 'instance-added']);
  expect(JSON.parse(await readFile(path, 'utf8')).instances).toEqual([]);
});

test('an id that the mesh file uses by now is the mesh file’s', async () => {
  const first = await opened(fileStore(path, clock));
  await first.register('orders', { id: 'a', address: at(4001) }, 'unknown');

  const second = new Registry(clock, fileStore(path, clock));
  second.put('orders', { id: 'a', address: at(5001), weight: 1, version: undefined, metadata: {} }, 'file', 'unknown');
  await second.restore(() => 'unknown');

  expect(second.service('orders')?.instances).toMatchObject([{ source: 'file', address: at(5001) }]);
});

test('two hundred concurrent registrations are all kept, each durable when its call returns', async () => {
  const registry = await opened(fileStore(path, clock));
  const missing: string[] = [];

  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const { id } = await registry.register(`service-${index % 7}`, { address: at(1_000 + index) }, 'unknown');
      if (!(await readFile(path, 'utf8')).includes(`"${id}"`)) missing.push(id);
    }),
  );

  expect(missing).toEqual([]);
  const after = new Registry(clock, fileStore(path, clock));
  await after.restore(() => 'unknown');
  expect(after.services.flatMap(({ instances }) => instances)).toHaveLength(200);
});

test('the same registration fifty times at once is one instance', async () => {
  const registry = await opened(fileStore(path, clock));

  await Promise.all(Array.from({ length: 50 }, () => registry.register('orders', { address: at(4001) }, 'unknown')));

  const after = new Registry(clock, fileStore(path, clock));
  await after.restore(() => 'unknown');
  expect(after.service('orders')?.instances).toHaveLength(1);
});

test('writes never overlap, however the calls come, and few are needed', async () => {
  const store = slowStore();
  const registry = await opened(store);

  // Chains of calls: the second of each comes at the very moment when the write of the first has ended.
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await registry.register('orders', { address: at(1_000 + index) }, 'unknown');
      await registry.register('orders', { address: at(2_000 + index) }, 'unknown');
      await registry.register('orders', { address: at(3_000 + index) }, 'unknown');
    }),
  );

  expect(store.mostAtOnce).toBe(1);
  expect(store.writes).toBeLessThanOrEqual(6);
  expect(store.kept).toHaveLength(60);
});

test('closing waits for a write that was asked for by an expiry', async () => {
  const store = slowStore();
  const own = new ManualClock();
  const registry = await opened(store, own);
  await registry.register('orders', { address: at(1), ttl: 1_000 }, 'unknown');

  own.advance(1_000);
  await registry.close();

  expect(store.kept).toEqual([]);
});

test('a registration that cannot be kept says so, and the next one that can keeps both', async () => {
  const store = slowStore();
  const registry = await opened(store);
  store.broken = true;
  await expect(registry.register('orders', { address: at(1) }, 'unknown')).rejects.toThrow('disk full');

  store.broken = false;
  await registry.register('orders', { address: at(2) }, 'unknown');

  expect(store.kept).toHaveLength(2);
});

test('the file belongs to its owner alone and leaves nothing beside it', async () => {
  const registry = await opened(fileStore(path, clock));

  await registry.register('orders', { address: at(4001) }, 'unknown');

  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, '.mesh'))).toEqual(['registry.json']);
});

test('no file is an empty registry, without a warning', async () => {
  const registry = new Registry(clock, fileStore(path, clock));

  expect(await registry.restore(() => 'unknown')).toBeUndefined();
  expect(registry.services).toEqual([]);
});

const whole = JSON.stringify({
  version: 1,
  instances: [{ service: 'orders', id: 'a', address: { host: '127.0.0.1', port: 1 }, weight: 1, metadata: {} }],
});

test.each([
  ['empty', ''],
  ['garbage', '\u0000\u0001{'],
  ['truncated', whole.slice(0, -20)],
  ['of a future version', whole.replace('"version":1', '"version":2')],
  ['of another shape', '[]'],
  ['with an impossible port', whole.replace('"port":1', '"port":99999')],
  ['with a service name that leads elsewhere', whole.replace('"orders"', '"../orders"')],
])('a file that is %s is set aside under a new name, with a warning, and nothing of it is lost', async (_, text) => {
  await (await opened(fileStore(path, clock))).register('orders', { address: at(1) }, 'unknown');
  await writeFile(path, text);

  const registry = new Registry(clock, fileStore(path, clock));
  const warning = await registry.restore(() => 'unknown');
  await registry.register('web', { address: at(2) }, 'unknown');

  const names = await readdir(join(folder, '.mesh'));
  const aside = names.find((name) => name !== 'registry.json') ?? '';
  expect(names).toHaveLength(2);
  expect(warning).toContain(aside);
  expect(await readFile(join(folder, '.mesh', aside), 'utf8')).toBe(text);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1, instances: [{ service: 'web' }] });
});

test('one entry that cannot be understood takes no other with it, and the file as it was is kept', async () => {
  await (await opened(fileStore(path, clock))).register('orders', { address: at(1) }, 'unknown');
  const { instances } = JSON.parse(await readFile(path, 'utf8'));
  const text = JSON.stringify({
    version: 1,
    instances: [...instances, { ...instances[0], id: 'b', metadata: { a: 1 } }],
  });
  await writeFile(path, text);

  const registry = new Registry(clock, fileStore(path, clock));
  const warning = await registry.restore(() => 'unknown');

  expect(registry.service('orders')?.instances.map(({ id }) => id)).toEqual(['127.0.0.1-1']);
  expect(warning).toContain('1 of 2 registrations');
  const aside = (await readdir(join(folder, '.mesh'))).find((name) => name !== 'registry.json') ?? '';
  expect(await readFile(join(folder, '.mesh', aside), 'utf8')).toBe(text);
});

test.each([
  ['a folder', () => mkdir(path, { recursive: true })],
  ['a link that leads to itself', () => symlink(path, path)],
  ['a pipe that nobody writes to', async () => void execFileSync('mkfifo', [path])],
])('%s in the place of the file is set aside', async (_, make) => {
  await mkdir(join(folder, '.mesh'), { recursive: true });
  await make();

  const registry = new Registry(clock, fileStore(path, clock));

  expect(await registry.restore(() => 'unknown')).toContain('set aside');
  await registry.register('orders', { address: at(1) }, 'unknown');
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ instances: [{ service: 'orders' }] });
});

test('a file that cannot be written is an error that names it', async () => {
  await mkdir(`${path}.tmp`, { recursive: true }); // in the way of what is written
  const registry = await opened(fileStore(path, clock));

  await expect(registry.register('orders', { address: at(1) }, 'unknown')).rejects.toMatchObject({
    code: 'file_inaccessible',
    message: expect.stringMatching(/in force.*registry\.json/),
  });
});

function at(port: number) {
  return { host: '127.0.0.1', port };
}

/** A store whose writes take a few turns of the event loop. */
function slowStore() {
  let writing = 0;
  const store = {
    writes: 0,
    mostAtOnce: 0,
    broken: false,
    kept: [] as readonly StoredInstance[],
    load: async () => ({ instances: [], warning: undefined }),
    async save(instances: readonly StoredInstance[]) {
      writing += 1;
      store.writes += 1;
      store.mostAtOnce = Math.max(store.mostAtOnce, writing);
      await new Promise((resolve) => setTimeout(resolve, 2));
      writing -= 1;
      if (store.broken) throw new Error('disk full');
      store.kept = instances;
    },
  } satisfies RegistryStore & Record<string, unknown>;
  return store;
}
