import { expect, test } from 'vitest';
import type { LoadBalancerConfig, PolicyConfig } from '../../src/config/policy-configs.js';
import type { Clock } from '../../src/foundation/clock.js';
import { systemClock } from '../../src/foundation/clock.js';
import { viewExchange } from '../../src/mesh/exchanges-view.js';
import { viewStory } from '../../src/mesh/story-view.js';
import type { Health } from '../../src/registry/instance.js';
import { Slot } from '../../src/telemetry/records/slot.js';
import { Texts } from '../../src/telemetry/records/texts.js';
import type { TestService } from '../support/gateway.js';
import { TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { plainPolicies, routeToAll } from '../support/policies.js';
import { Upstream } from '../support/upstream.js';

interface Told extends TestService {
  /** Id → its health, weight and version; all of them are the same program. */
  readonly of?: Readonly<Record<string, { health?: Health; weight?: number; version?: string; at?: Upstream }>>;
}

/** A gateway in front of one service, whose instances have names. */
async function begin(upstream: Upstream, { of = { a: {} }, ...service }: Told = {}, clock: Clock = systemClock) {
  const mesh = await TestGateway.start({ orders: service }, { clock });
  for (const [id, { health = 'healthy', weight = 1, version, at = upstream }] of Object.entries(of))
    mesh.registry.put('orders', { id, address: at.address, weight, version, metadata: {} }, 'file', health);
  return mesh;
}

/** What is told of the newest exchange. */
async function storyOf(mesh: TestGateway) {
  return viewStory(await recordOf(mesh));
}

async function recordOf(mesh: TestGateway) {
  const outcome = await mesh.outcome();
  const exchange = mesh.exchanges.at(-1);
  if (exchange === undefined) throw new Error('there was no exchange');
  const slot = new Slot(new Texts());
  slot.write(exchange, outcome, 1, exchange.startedAt + 5, 1_000);
  return slot.read();
}

function balancer(policy: PolicyConfig, changes: Partial<LoadBalancerConfig> = {}): LoadBalancerConfig {
  return { ...plainPolicies.loadBalancer, policy, ...changes };
}

const leastRequest = { kind: 'least-request', choiceCount: 2 } as const;
const breaker = {
  per: 'service',
  failureRate: undefined,
  minimumRequests: 20,
  consecutiveFailures: 2,
  window: 10_000,
  openFor: 5_000,
  probes: 1,
} as const;
const retries = {
  attempts: 1,
  on: [503],
  methods: ['GET'],
  backoff: 0,
  budget: { percentage: 1, minConcurrency: 10 },
};

test('an attempt tells how many it could have gone to, and why not to the others', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, {
    of: { a: {}, b: {}, c: { health: 'healthy' }, d: {}, e: { weight: 0 }, f: { health: 'draining' } },
  });
  mesh.registry.setHealth('orders', 'c', 'unhealthy', 'answered 500');
  mesh.registry.eject('orders', 'd', { until: 2_000, reason: '5 failures in a row' });
  await mesh.call('orders/');
  const { attempts, choice } = await storyOf(mesh);
  expect(choice).toBeNull();
  expect(attempts[0]?.choice).toEqual({
    candidates: 2,
    leftOut: [
      { instance: 'c', because: 'unhealthy', detail: 'answered 500' },
      { instance: 'd', because: 'ejected', detail: '5 failures in a row' },
      { instance: 'e', because: 'no-weight', detail: null },
      { instance: 'f', because: 'draining', detail: null },
    ],
    moreLeftOut: 0,
    panicking: false,
    inSpiteOf: null,
    by: 'turn',
    scores: [],
    hash: null,
  });
});

test('in a list an exchange is told without its story', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders);
  await mesh.call('orders/');
  const record = await recordOf(mesh);
  const { foundBy, conditions, versionBy, choice, passedOver, ...rest } = viewStory(record);
  const attempts = rest.attempts.map(({ choice, circuit, ...attempt }) => attempt);
  expect(viewExchange(record)).toEqual({ ...rest, attempts });
});

test('of many that are left out some are named', async () => {
  await using orders = await Upstream.start();
  const off = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`off-${at}`, { weight: 0 }]));
  await using mesh = await begin(orders, { of: { ...off, a: {} } });
  await mesh.call('orders/');
  const choice = (await storyOf(mesh)).attempts[0]?.choice;
  expect(choice).toMatchObject({ candidates: 1, moreLeftOut: 18 });
  expect(choice?.leftOut).toHaveLength(32);
});

test('what the registry learns later changes nothing of what was', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, { of: { a: {}, b: { health: 'unhealthy' } } });
  await mesh.call('orders/');
  mesh.registry.setHealth('orders', 'b', 'healthy');
  mesh.registry.remove('orders', 'a', 'file');
  const [attempt] = (await storyOf(mesh)).attempts;
  expect(attempt?.choice).toMatchObject({ candidates: 1, by: 'only', leftOut: [{ instance: 'b' }] });
});

test.each([
  ['random', { kind: 'random' }, { by: 'chance', scores: [], hash: null }],
  [
    'ring-hash',
    { kind: 'ring-hash', hashOn: { kind: 'header', name: 'x-user' } },
    { by: 'hash', hash: { key: 'header:x-user', position: expect.any(Number) } },
  ],
  [
    'maglev without the key',
    { kind: 'maglev', hashOn: { kind: 'cookie', name: 'user' } },
    { by: 'hash', hash: { key: 'cookie:user', position: null } },
  ],
  [
    'peak-ewma',
    { kind: 'peak-ewma', choiceCount: 2 },
    { by: 'latency', scores: [expect.anything(), expect.anything()] },
  ],
] satisfies [string, PolicyConfig, object][])('%s says what decided', async (_, policy, told) => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, { of: { a: {}, b: {} }, loadBalancer: balancer(policy) });
  await mesh.call('orders/', { headers: { 'x-user': 'ann' } });
  expect((await storyOf(mesh)).attempts[0]?.choice).toMatchObject(told);
});

test('the same key has the same position, and another one another', async () => {
  await using orders = await Upstream.start();
  const loadBalancer = balancer({ kind: 'ring-hash', hashOn: { kind: 'header', name: 'x-user' } });
  await using mesh = await begin(orders, { of: { a: {}, b: {} }, loadBalancer });
  const positions = [];
  for (const user of ['ann', 'bob', 'ann']) {
    await mesh.call('orders/', { headers: { 'x-user': user } });
    positions.push((await storyOf(mesh)).attempts[0]?.choice?.hash?.position);
  }
  expect(positions[0]).toBe(positions[2]);
  expect(positions[0]).not.toBe(positions[1]);
});

test('least-request tells of those it drew how much they had under way', async () => {
  const waiting: Array<() => void> = [];
  await using slow = await Upstream.start((_request, response) => waiting.push(() => response.end('slow')));
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, { of: { slow: { at: slow } }, loadBalancer: balancer(leastRequest) });
  const busy = [mesh.call('orders/'), mesh.call('orders/')];
  await slow.until(2);
  mesh.registry.put(
    'orders',
    { id: 'idle', address: orders.address, weight: 1, version: undefined, metadata: {} },
    'file',
    'healthy',
  );
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]?.choice).toMatchObject({
    by: 'requests',
    scores: [
      { instance: 'idle', score: 0 },
      { instance: 'slow', score: 2 },
    ],
  });
  for (const answer of waiting) answer();
  await Promise.all(busy);
});

test('of more than two that are drawn all are told, each once', async () => {
  await using orders = await Upstream.start();
  const loadBalancer = balancer({ kind: 'least-request', choiceCount: 9 });
  await using mesh = await begin(orders, { of: { a: {}, b: {}, c: {} }, loadBalancer });
  await mesh.call('orders/');
  const choice = (await storyOf(mesh)).attempts[0]?.choice;
  expect(choice?.scores.map(({ instance }) => instance).sort()).toEqual(['a', 'b', 'c']);
});

test('a choice from which an attempt came is told with the attempt alone, also when that has failed', async () => {
  await using orders = await Upstream.start((request) => request.socket.destroy());
  await using mesh = await begin(orders, { of: { a: {}, b: {} }, loadBalancer: balancer(leastRequest) });
  await mesh.call('orders/');
  const { attempts, choice } = await storyOf(mesh);
  expect(attempts).toMatchObject([{ code: 'upstream_reset', choice: { by: 'requests' } }]);
  expect(choice).toBeNull();
});

test('a retry tells who was tried already', async () => {
  await using orders = await Upstream.start((_request, response) =>
    response.writeHead(orders.seen.length === 1 ? 503 : 200).end(),
  );
  await using mesh = await begin(orders, { of: { a: {}, b: {} }, retries });
  await mesh.call('orders/');
  const { attempts } = await storyOf(mesh);
  expect(attempts.map(({ instance }) => instance)).toEqual(['a', 'b']);
  expect(attempts[0]?.choice).toMatchObject({ candidates: 2, leftOut: [], by: 'turn' });
  expect(attempts[1]?.choice).toMatchObject({
    candidates: 1,
    leftOut: [{ instance: 'a', because: 'tried' }],
    by: 'only',
  });
});

test('a client that stays with its instance is told of as such, and so is its version', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, {
    of: { a: { version: 'v1' }, b: { version: 'v2' }, c: { version: 'v2' } },
    loadBalancer: balancer({ kind: 'round-robin' }, { stickyCookie: 'at' }),
    split: { shares: { v1: 0.5, v2: 0.5 }, by: undefined },
  });
  await mesh.call('orders/', { headers: { Cookie: 'at=b' } });
  expect(await storyOf(mesh)).toMatchObject({
    version: 'v2',
    versionBy: 'sticky',
    attempts: [
      {
        instance: 'b',
        choice: { by: 'sticky', candidates: 2, leftOut: [{ instance: 'a', because: 'other-version', detail: 'v1' }] },
      },
    ],
  });
  await mesh.call('orders/');
  expect(await storyOf(mesh)).toMatchObject({ versionBy: 'split' });
});

test('in panic, an attempt tells that its instance was not healthy, and why', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, {
    of: { a: {}, b: {} },
    loadBalancer: balancer({ kind: 'round-robin' }, { healthyPanicThreshold: 0.9 }),
  });
  mesh.registry.setHealth('orders', 'a', 'unhealthy', 'answered 500');
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]).toMatchObject({
    instance: 'a',
    choice: { candidates: 2, panicking: true, inSpiteOf: 'unhealthy: answered 500', leftOut: [] },
  });
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]).toMatchObject({
    instance: 'b',
    choice: { panicking: true, inSpiteOf: null },
  });
});

test('where nobody is left, the story tells who there was', async () => {
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, { of: { a: { health: 'unhealthy' } } });
  expect((await mesh.call('orders/')).status).toBe(503);
  expect(await storyOf(mesh)).toMatchObject({
    attempts: [],
    choice: { candidates: 0, by: null, leftOut: [{ instance: 'a', because: 'unhealthy', detail: null }] },
  });
});

test('the circuit of a service is told as the request met it', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start(500);
  await using mesh = await begin(orders, { circuitBreaker: breaker }, clock);
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]?.circuit).toEqual({ state: 'closed', failures: 0, requests: 0 });
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]?.circuit).toEqual({ state: 'closed', failures: 1, requests: 1 });
  await clock.elapse(2_000);
  await mesh.call('orders/');
  expect(await storyOf(mesh)).toMatchObject({
    attempts: [],
    choice: null,
    passedOver: [
      {
        instance: null,
        attempts: 0,
        circuit: { state: 'open', remaining: 3_000, because: '2 failures in a row' },
      },
    ],
  });
  await clock.elapse(3_000);
  await mesh.call('orders/');
  expect((await storyOf(mesh)).attempts[0]?.circuit).toEqual({ state: 'half-open', underWay: 1, succeeded: 0 });
});

test('who is not asked because of its circuit is told, and the next one tells it, too', async () => {
  await using broken = await Upstream.start(500);
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, {
    of: { a: { at: broken }, b: {}, c: {} },
    circuitBreaker: { ...breaker, per: 'instance', consecutiveFailures: 1 },
  });
  for (let count = 0; count < 4; count++) await mesh.call('orders/');
  expect(await storyOf(mesh)).toMatchObject({
    attempts: [
      {
        choice: { candidates: 2, leftOut: [{ instance: 'a', because: 'circuit-open' }] },
        circuit: { state: 'closed', failures: 0 },
      },
    ],
    passedOver: [{ instance: 'a', attempts: 0, circuit: { state: 'open', because: 'a failure' } }],
  });
});

test('that is told of a comparison, too', async () => {
  await using broken = await Upstream.start(500);
  await using orders = await Upstream.start();
  await using mesh = await begin(orders, {
    of: { a: { at: broken }, b: {} },
    circuitBreaker: { ...breaker, per: 'instance', consecutiveFailures: 1 },
    loadBalancer: balancer(leastRequest),
  });
  // By chance: until it was a's turn, has failed, and would be its turn once more.
  for (let calls = 0; calls < 100 && mesh.exchanges.at(-1)?.passedOver === undefined; calls++)
    await mesh.call('orders/');
  expect(await storyOf(mesh)).toMatchObject({
    attempts: [{ instance: 'b', choice: { candidates: 1, leftOut: [{ instance: 'a', because: 'circuit-open' }] } }],
    passedOver: [{ instance: 'a' }],
  });
});

test.each<[string, string, Record<string, string>, object]>([
  ['its name', 'orders.localhost', {}, { foundBy: 'name', conditions: [] }],
  ['the field', 'else.where', { 'x-mesh-service': 'orders' }, { foundBy: 'header', conditions: [] }],
  [
    'a route',
    'shop.test',
    { 'x-canary': '1' },
    {
      foundBy: 'route',
      versionBy: 'route',
      conditions: ['host shop.test', 'path /api', 'header x-canary: 1', 'cookie a=b', 'query q=1'],
    },
  ],
  ['no route', 'else.where', {}, { foundBy: null, versionBy: null, conditions: [] }],
])('a request that is found by %s says so', async (_, host, headers, told) => {
  await using orders = await Upstream.start();
  const route = {
    ...routeToAll,
    host: { kind: 'exact', host: 'shop.test' },
    path: '/api',
    headers: { 'x-canary': '1' },
    cookies: { a: 'b' },
    query: { q: '1' },
    version: 'v2',
  } as const;
  await using mesh = await begin(orders, { of: { a: { version: 'v2' } }, routes: [route] });
  await mesh.call('orders/api?q=1', { headers: { Host: host, Cookie: 'a=b', ...headers } });
  expect(await storyOf(mesh)).toMatchObject(told);
});
