import { expect, test } from 'vitest';
import { addressId, parseAddress } from '../../src/foundation/address.js';
import { MeshError } from '../../src/foundation/errors.js';
import type { RegistryEvent } from '../../src/registry/events.js';
import type { InstanceSpec } from '../../src/registry/instance.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { ManualClock } from '../support/manual-clock.js';

test('an instance keeps its object for as long as its id keeps its address', () => {
  const { registry } = makeRegistry();

  const first = registry.put('orders', spec('a', '127.0.0.1:4001'), 'file', 'unknown');
  const again = registry.put('orders', { ...spec('a', '127.0.0.1:4001'), weight: 3 }, 'file', 'unhealthy');

  expect(again).toBe(first);
  expect(first.weight).toBe(3);
  expect(first.health, 'what is known of its health is not forgotten by an update').toBe('unknown');
  expect(registry.service('orders')?.instances).toEqual([first]);
});

test('a new address under an old id is another instance, and the old one leaves first', () => {
  const { registry, events } = makeRegistry();
  const old = registry.put('orders', spec('a', '127.0.0.1:4001'), 'process', 'healthy');
  events.length = 0;

  const fresh = registry.put('orders', spec('a', '127.0.0.1:4002'), 'process', 'unhealthy');

  expect(fresh).not.toBe(old);
  expect(registry.instance('orders', 'a')).toBe(fresh);
  expect(registry.service('orders')?.instances).toEqual([fresh]);
  expect(events).toMatchObject([
    { type: 'instance-removed', instance: { address: { port: 4001 } }, reason: 'moved' },
    { type: 'instance-added', instance: { address: { port: 4002 } } },
  ]);
});

test('the same registration again changes nothing and says nothing', async () => {
  const { registry, events } = makeRegistry();
  const address = addressOf('127.0.0.1:4001');
  const first = await registry.register('orders', { address, metadata: { zone: 'a' } }, 'unknown');
  events.length = 0;

  const again = await registry.register('orders', { address, metadata: { zone: 'a' } }, 'unknown');

  expect(again).toBe(first);
  expect(events).toEqual([]);
});

test('each change is told once, in order, with what it was about', async () => {
  const { registry, events } = makeRegistry();

  registry.put('orders', spec('a', '127.0.0.1:4001'), 'process', 'unhealthy');
  registry.setHealth('orders', 'a', 'unhealthy', 'starting');
  registry.setHealth('orders', 'a', 'healthy');
  registry.setHealth('orders', 'a', 'healthy');
  registry.put('orders', { ...spec('a', '127.0.0.1:4001'), version: 'v2' }, 'process', 'unhealthy');
  registry.remove('orders', 'a', 'stopped');
  registry.remove('orders', 'a', 'stopped');

  expect(events.map(({ type }) => type)).toEqual([
    'service-added',
    'instance-added',
    'health-changed',
    'instance-updated',
    'instance-removed',
    'service-removed',
  ]);
  expect(events[2]).toMatchObject({ from: 'unhealthy', to: 'healthy', instance: { healthReason: undefined } });
  expect(events[4]).toMatchObject({ reason: 'stopped', instance: { id: 'a', version: 'v2' } });
});

test('a listener that has left hears nothing more', () => {
  const { registry } = makeRegistry();
  const heard: RegistryEvent[] = [];
  const leave = registry.on((event) => heard.push(event));

  registry.declare('orders');
  leave();
  registry.declare('web');

  expect(heard).toEqual([{ type: 'service-added', service: 'orders' }]);
});

test('a service that the file names stays without instances; another goes with its last one', () => {
  const { registry } = makeRegistry();
  registry.declare('web');
  registry.put('web', spec('a', '127.0.0.1:1'), 'file', 'unknown');
  registry.put('orders', spec('b', '127.0.0.1:2'), 'file', 'unknown');

  registry.remove('web', 'a', 'file');
  registry.remove('orders', 'b', 'file');

  expect(registry.services.map(({ name }) => name)).toEqual(['web']);
  registry.undeclare('web');
  expect(registry.services).toEqual([]);
});

test.each([
  { health: 'healthy', weight: 1, routable: true },
  { health: 'unknown', weight: 1, routable: true },
  { health: 'unhealthy', weight: 1, routable: false },
  { health: 'draining', weight: 1, routable: false },
  { health: 'ejected', weight: 1, routable: false },
  { health: 'healthy', weight: 0, routable: false },
] as const)(
  'an instance that is $health with weight $weight is given requests: $routable',
  ({ health, weight, routable }) => {
    const { registry } = makeRegistry();
    const instance = registry.put('orders', { ...spec('a', '127.0.0.1:1'), weight: 1 }, 'file', 'unknown');

    registry.put('orders', { ...spec('a', '127.0.0.1:1'), weight }, 'file', 'unknown');
    registry.setHealth('orders', 'a', health);

    expect(registry.service('orders')?.routable).toEqual(routable ? [instance] : []);
  },
);

test('lists of instances are new arrays at each change, so that they may be held', () => {
  const { registry } = makeRegistry();
  registry.put('orders', spec('a', '127.0.0.1:1'), 'file', 'unknown');
  const held = registry.service('orders')?.routable;

  registry.put('orders', spec('b', '127.0.0.1:2'), 'file', 'unknown');

  expect(held).toHaveLength(1);
  expect(registry.service('orders')?.routable).toHaveLength(2);
});

test('an id that is not given is made of the address', async () => {
  const { registry } = makeRegistry();

  const instance = await registry.register('orders', { address: addressOf('[::1]:4001') }, 'unknown');

  expect(instance.id).toBe(addressId({ host: '::1', port: 4001 }));
  expect(instance.id).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
});

test('what the file or a process brought cannot be registered over, nor deregistered', async () => {
  const { registry } = makeRegistry();
  registry.put('orders', spec('a', '127.0.0.1:1'), 'file', 'unknown');

  await expect(
    registry.register('orders', { id: 'a', address: addressOf('127.0.0.1:9') }, 'unknown'),
  ).rejects.toMatchObject({
    code: 'invalid_registration',
  });
  await expect(registry.deregister('orders', 'a')).rejects.toMatchObject({ code: 'not_registered' });
  expect(registry.instance('orders', 'a')?.address.port).toBe(1);
});

test('a registered instance is taken out by its id or by its address', async () => {
  const { registry } = makeRegistry();
  registry.declare('orders');
  await registry.register('orders', { id: 'a', address: addressOf('127.0.0.1:1') }, 'unknown');
  await registry.register('orders', { id: 'b', address: addressOf('[::1]:2') }, 'unknown');

  await registry.deregister('orders', 'a');
  await registry.deregister('orders', '[::1]:2');

  expect(registry.service('orders')?.instances).toEqual([]);
  await expect(registry.deregister('orders', 'a')).rejects.toMatchObject({ code: 'unknown_instance' });
  await expect(registry.deregister('nobody', 'a')).rejects.toMatchObject({ code: 'unknown_service' });
});

test('one that has requests in hand is draining until it has finished them, and no registration any more', async () => {
  const { registry } = makeRegistry();
  registry.declare('orders');
  const spec = { id: 'a', address: addressOf('127.0.0.1:1') };
  const instance = await registry.register('orders', spec, 'unknown');
  const finished = promised();

  await registry.deregister('orders', 'a', () => finished.promise);
  expect(instance).toMatchObject({ health: 'draining', healthReason: 'deregistered' });
  expect(registry.service('orders')?.routable).toEqual([]);

  finished.resolve();
  await expect.poll(() => registry.service('orders')?.instances).toEqual([]);
});

test('one that is registered anew while it is draining stays', async () => {
  const { registry } = makeRegistry();
  const spec = { id: 'a', address: addressOf('127.0.0.1:1') };
  const instance = await registry.register('orders', spec, 'unknown');
  const finished = promised();
  await registry.deregister('orders', 'a', () => finished.promise);

  expect(await registry.register('orders', spec, 'unknown')).toBe(instance);
  finished.resolve();
  await finished.promise;

  expect(registry.service('orders')?.routable).toEqual([instance]);
});

function promised() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: () => resolve() };
}

test.each(['', 'Orders', '-a', 'a-', 'a.b', 'a_b', 'a b', '../x', 'a\n', '__proto__', 'ü', 'a'.repeat(64)])(
  '%j is no name of a service',
  async (name) => {
    const { registry } = makeRegistry();

    await expect(registry.register(name, { address: addressOf('127.0.0.1:1') }, 'unknown')).rejects.toMatchObject({
      code: 'invalid_registration',
    });
    expect(registry.services).toEqual([]);
  },
);

test.each(['', 'a b', 'a/b', '../x', 'a\u0000', 'ü', 'a'.repeat(65)])('%j is no id of an instance', async (id) => {
  const { registry } = makeRegistry();

  await expect(registry.register('orders', { id, address: addressOf('127.0.0.1:1') }, 'unknown')).rejects.toMatchObject(
    {
      code: 'invalid_registration',
    },
  );
});

test('names that objects are born with are ordinary', async () => {
  const { registry } = makeRegistry();

  await registry.register('constructor', { id: '__proto__', address: addressOf('127.0.0.1:1') }, 'unknown');

  expect(registry.instance('constructor', '__proto__')?.address.port).toBe(1);
  expect(registry.instance('constructor', 'toString')).toBeUndefined();
  expect(registry.service('valueof')).toBeUndefined();
});

test.each([
  { host: '0.0.0.0', port: 80 },
  { host: '0.1.2.3', port: 80 },
  { host: '169.254.169.254', port: 80 },
  { host: '::ffff:169.254.169.254', port: 80 },
  { host: '::ffff:a9fe:a9fe', port: 80 },
  { host: '255.255.255.255', port: 80 },
  { host: '224.0.0.251', port: 5353 },
  { host: '::', port: 80 },
  { host: '0:0:0:0:0:0:0:0', port: 80 },
  { host: '::ffff:0.0.0.0', port: 80 },
  { host: 'fe80::1', port: 80 },
  { host: 'febf::1', port: 80 },
  { host: 'fd00:ec2::254', port: 80 },
  { host: 'ff02::fb', port: 5353 },
])('no service runs at $host', async (address) => {
  const { registry } = makeRegistry();

  await expect(registry.register('orders', { address }, 'unknown')).rejects.toMatchObject({ code: 'forbidden_target' });
});

test.each([
  { host: '0', port: 80 },
  { host: '2130706433', port: 80 },
  { host: '0x7f000001', port: 80 },
  { host: '127.1', port: 80 },
  { host: '', port: 80 },
  { host: 'a b', port: 80 },
  { host: 'localhost/path', port: 80 },
  { host: '127.0.0.1', port: 0 },
  { host: '127.0.0.1', port: 65_536 },
  { host: '127.0.0.1', port: 1.5 },
  { host: '127.0.0.1', port: Number.NaN },
])('$host with port $port is no address', async (address) => {
  const { registry } = makeRegistry();

  await expect(registry.register('orders', { address }, 'unknown')).rejects.toMatchObject({
    code: 'invalid_registration',
  });
});

test.each([
  { weight: -1 },
  { weight: Number.NaN },
  { weight: Infinity },
  { weight: 1.5 },
  { weight: 1_001 },
  { version: 'a b' },
  { metadata: { note: 'x'.repeat(2_000) } },
  { ttl: 0 },
  { ttl: -5 },
  { ttl: Number.NaN },
  { ttl: 999 },
  { ttl: 2 ** 31 },
  // As a program without types gives them.
  JSON.parse('{ "weight": "2" }'),
  JSON.parse('{ "version": 2 }'),
  JSON.parse('{ "id": 5 }'),
  JSON.parse('{ "metadata": { "zone": 1 } }'),
  JSON.parse('{ "metadata": [] }'),
])('%j is refused', async (wrong) => {
  const { registry } = makeRegistry();

  const refusal = registry.register('orders', { address: addressOf('127.0.0.1:1'), ...wrong }, 'unknown');

  await expect(refusal).rejects.toMatchObject({ code: 'invalid_registration' });
  await expect(refusal).rejects.toBeInstanceOf(MeshError);
});

test.each(['127.0.0.1:80', '[::1]:80', '192.168.1.4:80', 'localhost:80', 'my-machine.local:80', '[fd12::1]:80'])(
  '%s may be registered',
  async (text) => {
    const { registry } = makeRegistry();

    await registry.register('orders', { address: addressOf(text) }, 'unknown');

    expect(registry.service('orders')?.instances).toHaveLength(1);
  },
);

function makeRegistry() {
  const registry = new Registry(new ManualClock(), memoryStore);
  const events: RegistryEvent[] = [];
  registry.on((event) =>
    events.push(
      event.type.startsWith('instance') && 'instance' in event ? { ...event, instance: { ...event.instance } } : event,
    ),
  );
  return { registry, events };
}

function spec(id: string, address: string): InstanceSpec {
  return { id, address: addressOf(address), weight: 1, version: undefined, metadata: {} };
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`${text} is not an address`);
  return address;
}
