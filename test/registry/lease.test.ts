import { expect, test } from 'vitest';
import { Registry } from '../../src/registry/registry.js';
import type { RegistryStore, StoredInstance } from '../../src/registry/store.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { ManualClock } from '../support/manual-clock.js';

const address = { host: '127.0.0.1', port: 4001 };

test('a lease that nobody renews ends after its time, not before, and the end is told and kept', async () => {
  const store = recordingStore();
  const { registry, clock, removals } = makeRegistry(store);
  await registry.restore(() => 'unknown');
  const { lease } = await registry.register('orders', { id: 'a', address, ttl: 30_000 }, 'unknown');

  clock.advance(29_999);
  expect(lease?.remaining()).toBe(1);
  expect(registry.instance('orders', 'a')).toBeDefined();
  clock.advance(1);

  expect(registry.instance('orders', 'a')).toBeUndefined();
  expect(removals).toEqual(['orders/a expired']);
  await registry.close();
  expect(store.saved.at(-1)).toEqual([]);
});

test('a heartbeat gives the whole time again', async () => {
  const { registry, clock } = makeRegistry();
  await registry.register('orders', { id: 'a', address, ttl: 30_000 }, 'unknown');

  for (let beat = 0; beat < 5; beat++) {
    clock.advance(29_000);
    expect(registry.heartbeat('orders', 'a').lease?.remaining()).toBe(30_000);
  }

  clock.advance(30_000);
  expect(registry.instance('orders', 'a')).toBeUndefined();
});

test('a heartbeat that comes too late is told to register again', async () => {
  const { registry, clock } = makeRegistry();
  registry.declare('orders');
  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');

  clock.advance(1_000);

  expect(() => registry.heartbeat('orders', 'a')).toThrow(
    expect.objectContaining({
      code: 'unknown_instance',
      status: 404,
      hint: expect.stringContaining('registered again'),
    }),
  );
});

test('registering again renews the lease, and may change or drop it', async () => {
  const { registry, clock } = makeRegistry();
  const updates: (number | undefined)[] = [];
  registry.on((event) => {
    if (event.type === 'instance-updated') updates.push(event.instance.lease?.ttl);
  });
  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');
  clock.advance(900);
  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');
  clock.advance(900);
  expect(registry.instance('orders', 'a')).toBeDefined();

  await registry.register('orders', { id: 'a', address, ttl: 5_000 }, 'unknown');
  await registry.register('orders', { id: 'a', address }, 'unknown');
  clock.advance(3_600_000);

  expect(registry.instance('orders', 'a')?.lease).toBeUndefined();
  expect(updates).toEqual([5_000, undefined]);
  expect(clock.pending).toBe(0);
});

test('whoever hears of a new instance sees its lease', async () => {
  const { registry } = makeRegistry();
  const seen: (number | undefined)[] = [];
  registry.on((event) => {
    if (event.type === 'instance-added') seen.push(event.instance.lease?.ttl);
  });

  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');

  expect(seen).toEqual([1_000]);
});

test('an instance that the mesh file takes over is not ended by the lease it had', async () => {
  const { registry, clock } = makeRegistry();
  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');

  registry.put('orders', { id: 'a', address, weight: 1, version: undefined, metadata: {} }, 'file', 'unknown');
  clock.advance(3_600_000);

  expect(registry.instance('orders', 'a')).toMatchObject({ source: 'file', lease: undefined });
});

test.each([-3_600_000, 3_600_000])('a jump of the wall clock by %d ms ends no lease', async (jump) => {
  const { registry, clock } = makeRegistry();
  const { lease } = await registry.register('orders', { id: 'a', address, ttl: 30_000 }, 'unknown');

  clock.jump(jump);
  clock.advance(1_000);

  expect(registry.instance('orders', 'a')).toBeDefined();
  expect(lease?.remaining()).toBe(29_000);
});

test('leases begin anew when registrations are restored', async () => {
  const store = recordingStore([
    { service: 'orders', id: 'a', address, weight: 1, version: undefined, metadata: {}, ttl: 1_000 },
  ]);
  const { registry, clock } = makeRegistry(store);

  await registry.restore(() => 'unknown');

  expect(registry.instance('orders', 'a')?.lease?.remaining()).toBe(1_000);
  clock.advance(1_000);
  expect(registry.instance('orders', 'a')).toBeUndefined();
});

test('a closed registry leaves no timer behind', async () => {
  const { registry, clock } = makeRegistry();
  await registry.register('orders', { id: 'a', address, ttl: 1_000 }, 'unknown');

  await registry.close();

  expect(clock.pending).toBe(0);
});

function makeRegistry(store: RegistryStore = memoryStore) {
  const clock = new ManualClock();
  const registry = new Registry(clock, store);
  const removals: string[] = [];
  registry.on((event) => {
    if (event.type === 'instance-removed') removals.push(`${event.service}/${event.instance.id} ${event.reason}`);
  });
  return { registry, clock, removals };
}

function recordingStore(stored: readonly StoredInstance[] = []) {
  const saved: (readonly StoredInstance[])[] = [];
  return {
    saved,
    load: async () => ({ instances: stored, warning: undefined }),
    save: async (instances: readonly StoredInstance[]) => {
      saved.push(instances);
    },
  };
}
