import { expect, test } from 'vitest';
import type { LoadBalancerConfig, SplitConfig } from '../../src/config/policy-configs.js';
import { call, snapshotOf, TestGateway } from '../support/gateway.js';
import { plainPolicies, routeToAll } from '../support/policies.js';
import { Upstream } from '../support/upstream.js';

const split = (shares: Record<string, number>, by?: SplitConfig['by']): SplitConfig => ({ shares, by });

const balancer = (changes: Partial<LoadBalancerConfig>): LoadBalancerConfig => ({
  ...plainPolicies.loadBalancer,
  ...changes,
});

async function twoVersions() {
  const [v1, v2] = [await Upstream.start('v1'), await Upstream.start('v2')];
  const at = [
    { address: v1.address, version: 'v1' },
    { address: v2.address, version: 'v2' },
  ];
  const close = async () => void (await Promise.all([v1.close(), v2.close()]));
  return { v1, v2, at, [Symbol.asyncDispose]: close };
}

test('a split is exact, and not only in the long run', async () => {
  await using versions = await twoVersions();
  await using mesh = await TestGateway.start({ orders: { at: versions.at, split: split({ v1: 0.9, v2: 0.1 }) } });

  for (let round = 1; round <= 3; round++) {
    for (let count = 0; count < 10; count++) await mesh.call('orders/');
    expect([versions.v1.seen.length, versions.v2.seen.length]).toEqual([9 * round, round]);
  }
});

test('with a key, the same value always gets the same version, and requests without it are dealt out', async () => {
  await using versions = await twoVersions();
  const by = { kind: 'cookie', name: 'user' } as const;
  await using mesh = await TestGateway.start({ orders: { at: versions.at, split: split({ v1: 0.5, v2: 0.5 }, by) } });

  const versionOf = async (user: string) =>
    (await mesh.call('orders/', { headers: { cookie: `a=1; user=${user}` } })).body;
  const users = Array.from({ length: 40 }, (_, count) => `user-${count}`);
  const first = await Promise.all(users.map(versionOf));
  expect(new Set(first)).toEqual(new Set(['v1', 'v2']));
  expect(await Promise.all(users.map(versionOf))).toEqual(first);

  const bare = [await mesh.call('orders/'), await mesh.call('orders/')].map(({ body }) => body);
  expect(bare.sort()).toEqual(['v1', 'v2']);
});

test('a version without an instance is a 503 that names it', async () => {
  await using versions = await twoVersions();
  await using mesh = await TestGateway.start({ orders: { at: versions.at, split: split({ v3: 1 }) } });

  const reply = await mesh.call('orders/');

  expect(reply.status).toBe(503);
  expect(reply.body).toContain('`orders` has no instance of version `v3`');
  expect(reply.body).toContain('mesh register orders HOST:PORT --version v3');
});

test('a split said at run time overrules the file, outlives a reload, and gives way when it is cleared', async () => {
  await using versions = await twoVersions();
  const services = { orders: { at: versions.at, split: split({ v1: 1 }) } };
  await using mesh = await TestGateway.start(services);
  const next = async () => (await mesh.call('orders/')).body;

  expect(await next()).toBe('v1');
  mesh.gateway.splitBy('orders', split({ v2: 1 }));
  expect(await next()).toBe('v2');
  await mesh.gateway.apply(snapshotOf(services));
  expect(await next()).toBe('v2');
  mesh.gateway.splitBy('orders', undefined);
  expect(await next()).toBe('v1');
});

test.each([
  { name: 'a header', matcher: { headers: { 'x-canary': 'yes' } }, path: 'orders/', headers: { 'X-Canary': 'yes' } },
  { name: 'a cookie', matcher: { cookies: { canary: '1' } }, path: 'orders/', headers: { cookie: 'x=2; canary=1' } },
  { name: 'a parameter', matcher: { query: { canary: 'a b' } }, path: 'orders/?x=1&canary=a+b', headers: {} },
])(
  '$name makes a request a canary, whichever way it comes; the others go by the split',
  async ({ matcher, path, headers }) => {
    await using versions = await twoVersions();
    const routes = [{ ...routeToAll, ...matcher, version: 'v2' }];
    await using mesh = await TestGateway.start({ orders: { at: versions.at, routes, split: split({ v1: 1 }) } });

    expect((await mesh.call(path, { headers })).body).toBe('v2');
    expect((await mesh.call('orders/')).body).toBe('v1');
    const door = await mesh.gateway.door('web', 'orders');
    expect((await call(door, path.slice('orders'.length), { headers })).body).toBe('v2');
    expect((await call(door, '/')).body).toBe('v1');
  },
);

test('a cookie keeps a client at its instance, and the client moves on when that is gone', async () => {
  await using versions = await twoVersions();
  await using mesh = await TestGateway.start({ orders: { loadBalancer: balancer({ stickyCookie: 'mesh-orders' }) } });
  const ids = versions.at.map((instance) => mesh.add('orders', instance));

  const first = await mesh.call('orders/');
  const cookie = first.fields.get('set-cookie') ?? '';
  expect(cookie).toBe(`mesh-orders=${first.body === 'v1' ? ids[0] : ids[1]}; Path=/; HttpOnly; SameSite=Lax`);

  const headers = { cookie: cookie.slice(0, cookie.indexOf(';')) };
  for (let count = 0; count < 4; count++) {
    const reply = await mesh.call('orders/', { headers });
    expect(reply.body).toBe(first.body);
    expect(reply.fields.has('set-cookie')).toBe(false);
  }

  mesh.registry.remove('orders', (first.body === 'v1' ? ids[0] : ids[1]) ?? '', 'file');
  const moved = await mesh.call('orders/', { headers });
  expect(moved.body).not.toBe(first.body);
  expect(moved.fields.has('set-cookie')).toBe(true);
});

test('a cookie that nobody has set is no instance, whatever it says', async () => {
  await using versions = await twoVersions();
  await using mesh = await TestGateway.start({
    orders: { at: versions.at, loadBalancer: balancer({ stickyCookie: 's' }) },
  });
  for (const value of ['%', '%E0%A4%A', '__proto__', 'x'.repeat(1_000)]) {
    expect((await mesh.call('orders/', { headers: { cookie: `s=${value}` } })).status).toBe(200);
  }
});

test('below the panic threshold, instances that are not healthy get requests too', async () => {
  await using well = await Upstream.start('well');
  await using sick = await Upstream.start('sick');
  const at = [{ address: well.address }, { address: sick.address, health: 'unhealthy' as const }];
  await using mesh = await TestGateway.start({
    calm: { at },
    panicky: { at, loadBalancer: balancer({ healthyPanicThreshold: 0.6 }) },
  });

  const bodies = async (service: string) => {
    const replies = [await mesh.call(`${service}/`), await mesh.call(`${service}/`)];
    return replies.map(({ body }) => body).sort();
  };
  expect(await bodies('calm')).toEqual(['well', 'well']);
  expect(await bodies('panicky')).toEqual(['sick', 'well']);
  expect(mesh.gateway.memoryOf('panicky').candidates.isPanicking).toBe(true);
});

test('a client that stays with its instance stays with its version, as long as that has a share', async () => {
  await using versions = await twoVersions();
  const both = split({ v1: 0.5, v2: 0.5 });
  await using mesh = await TestGateway.start({
    orders: { at: versions.at, split: both, loadBalancer: balancer({ stickyCookie: 's' }) },
  });
  const id = mesh.registry.service('orders')?.instances[1]?.id ?? '';
  const headers = { cookie: `s=${id}` };

  for (let count = 0; count < 4; count++) expect((await mesh.call('orders/', { headers })).body).toBe('v2');
  mesh.gateway.splitBy('orders', split({ v1: 1, v2: 0 }));
  expect((await mesh.call('orders/', { headers })).body).toBe('v1');
});

test('a canary is one on a route that names no version, too', async () => {
  await using versions = await twoVersions();
  const host = { kind: 'exact', host: 'shop.localhost' } as const;
  const routes = [
    { ...routeToAll, host },
    { ...routeToAll, headers: { 'x-canary': 'yes' }, version: 'v2' },
  ];
  await using mesh = await TestGateway.start({ orders: { at: versions.at, routes, split: split({ v1: 1 }) } });

  expect((await mesh.call('shop/', { headers: { 'x-canary': 'yes' } })).body).toBe('v2');
  expect((await mesh.call('shop/')).body).toBe('v1');
});

test('a split said at run time holds for a service that goes and comes back', async () => {
  await using versions = await twoVersions();
  await using mesh = await TestGateway.start({ other: {} });
  const join = () => versions.at.map((instance) => mesh.add('orders', instance));
  const ids = join();
  mesh.gateway.splitBy('orders', split({ v2: 1 }));

  for (const id of ids) mesh.registry.remove('orders', id, 'expired');
  expect(mesh.registry.service('orders')?.instances ?? []).toEqual([]);
  join();

  for (let count = 0; count < 4; count++) expect((await mesh.call('orders/')).body).toBe('v2');
});

test('a reload that changes the panic threshold counts at once, and beginning and end of a panic are told', async () => {
  await using well = await Upstream.start('well');
  await using sick = await Upstream.start('sick');
  const at = [{ address: well.address }, { address: sick.address, health: 'unhealthy' as const }];
  await using mesh = await TestGateway.start({ orders: { at } });
  const bodies = async () => [await mesh.call('orders/'), await mesh.call('orders/')].map(({ body }) => body).sort();
  expect(await bodies()).toEqual(['well', 'well']);

  await mesh.gateway.apply(snapshotOf({ orders: { at, loadBalancer: balancer({ healthyPanicThreshold: 0.6 }) } }));
  expect(await bodies()).toEqual(['sick', 'well']);

  const id = mesh.registry.service('orders')?.instances[1]?.id ?? '';
  mesh.registry.setHealth('orders', id, 'healthy');
  mesh.registry.setHealth('orders', id, 'unhealthy');
  expect(mesh.panics).toEqual(['orders true']);
});
