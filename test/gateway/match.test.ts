import { expect, test } from 'vitest';
import type { HostPattern, RouteConfig } from '../../src/config/snapshot.js';
import { Body } from '../../src/exchange/body.js';
import type { Arrival } from '../../src/exchange/exchange.js';
import { Exchange } from '../../src/exchange/exchange.js';
import { systemClock } from '../../src/foundation/clock.js';
import { toMeshError } from '../../src/foundation/errors.js';
import { Routes } from '../../src/gateway/match.js';
import { Fields } from '../../src/http1/fields.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import { snapshotOf } from '../support/gateway.js';
import { routeToAll } from '../support/policies.js';

function host(pattern: string): HostPattern {
  if (pattern === '*') return { kind: 'any' };
  return pattern.startsWith('*') ? { kind: 'wildcard', suffix: pattern.slice(1) } : { kind: 'exact', host: pattern };
}

function route(pattern: string, path = '/', more: Partial<RouteConfig> = {}): RouteConfig {
  return { ...routeToAll, host: host(pattern), path, ...more };
}

const snapshot = snapshotOf(
  {
    web: { routes: [route('shop.test'), route('*', '/assets'), route('orders.mesh.test', '/')] },
    api: {
      routes: [
        route('shop.test', '/api', { rewrite: '/' }),
        route('*.shop.test'),
        route('*', '/v1', { rewrite: '/internal/' }),
      ],
    },
    deep: {
      routes: [route('shop.test', '/api/deep'), route('*.eu.shop.test'), route('root.test', '/', { rewrite: '/base' })],
    },
    writes: { routes: [route('shop.test', '/api', { method: 'POST' })] },
    beta: { routes: [route('shop.test', '/api', { headers: { 'x-beta': 'yes' } })] },
    both: { routes: [route('shop.test', '/api', { headers: { 'x-beta': 'yes', 'x-team': 'a' } })] },
    later: { routes: [route('shop.test'), route('shop.test', '/later')] },
    orders: {},
    payments: {},
    shoppers: { expose: false, routes: [route('shoppers.test')] },
  },
  { domain: 'mesh.test' },
);

function find(
  authority: string,
  target: string,
  {
    method = 'GET',
    fields = [],
    arrival = { kind: 'front' },
  }: { method?: string; fields?: string[]; arrival?: Arrival } = {},
): string {
  const registry = new Registry(systemClock, memoryStore);
  registry.put(
    'cart',
    { id: 'c', address: { host: '127.0.0.1', port: 4001 }, weight: 1, version: undefined, metadata: {} },
    'registered',
    'unknown',
  );
  const routes = new Routes(snapshot, registry, (service) => `http://${service}.mesh.test:8080`);
  const request = {
    method,
    target,
    authority,
    version: '1.1',
    fields: new Fields(fields),
    body: Body.of(Buffer.alloc(0)),
    upgrade: undefined,
  } as const;
  try {
    const found = routes.find(new Exchange(arrival, { host: '127.0.0.1', port: 50_000 }, request, 0));
    return `${found.service} ${found.target}`;
  } catch (thrown) {
    return toMeshError(thrown).code;
  }
}

test.each([
  // An exact host before a wildcard, the longer suffix first, before any host.
  ['shop.test', '/', 'web /'],
  ['a.shop.test', '/', 'api /'],
  ['a.eu.shop.test', '/', 'deep /'],
  ['a.b.eu.shop.test', '/', 'deep /'],
  ['.shop.test', '/', 'no_route'],
  ['a.shop.test', '/assets/x', 'api /assets/x'],
  ['shop.test', '/assets/x', 'web /assets/x'],
  ['other.test', '/assets', 'web /assets'],
  ['', '/assets', 'web /assets'],
  ['other.test', '/', 'no_route'],
  ['', '/', 'no_route'],
  // Without port and case, and without the dot at the end.
  ['shop.test:8080', '/', 'web /'],
  ['shop.test.', '/', 'web /'],
  ['shop.test.:80', '/', 'web /'],
  ['SHOP.test', '/', 'web /'],
  // Then the longer path, on segment borders; the query is no part of it.
  ['shop.test', '/api', 'api /'],
  ['shop.test', '/api/', 'api /'],
  ['shop.test', '/api/x', 'api /x'],
  ['shop.test', '/apix', 'web /apix'],
  ['shop.test', '/API', 'web /API'],
  ['shop.test', '/api?x=/../y', 'api /?x=/../y'],
  ['shop.test', '/x?/api', 'web /x?/api'],
  ['shop.test', '/api/deep/er', 'deep /api/deep/er'],
  // Then the order of the file; the file's routes come before the implicit ones.
  ['shop.test', '/later', 'later /later'],
  ['orders.mesh.test', '/', 'web /'],
  // Rewrites.
  ['other.test', '/v1/x//y?z', 'api /internal/x//y?z'],
  ['other.test', '/v1', 'api /internal'],
  ['root.test', '/', 'deep /base/'],
  ['root.test', '/x', 'deep /base/x'],
  // The implicit routes, also of what is registered at run time.
  ['payments.mesh.test', '/x', 'payments /x'],
  ['payments.localhost:8080', '/x', 'payments /x'],
  ['payments', '/x', 'payments /x'],
  ['cart.mesh.test', '/x', 'cart /x'],
  ['a.payments.mesh.test', '/x', 'no_route'],
  ['payments.example.com', '/x', 'no_route'],
  // A worker is not called.
  ['shoppers.mesh.test', '/', 'no_route'],
  ['shoppers.test', '/', 'no_route'],
  // Asterisk-form goes where the path `/` goes.
  ['payments.mesh.test', '*', 'payments *'],
])('host %j, target %j → %s', (authority, target, expected) => {
  expect(find(authority.toLowerCase(), target)).toBe(expected);
});

test.each([
  { name: 'a method is more than none', given: { method: 'POST' }, expected: 'writes /api' },
  { name: 'methods are case-sensitive', given: { method: 'post' }, expected: 'api /' },
  { name: 'a header is more than none', given: { fields: ['X-Beta', 'yes'] }, expected: 'beta /api' },
  { name: 'a header must have the value', given: { fields: ['X-Beta', 'no'] }, expected: 'api /' },
  { name: 'two headers are more than one', given: { fields: ['X-Team', 'a', 'x-beta', 'yes'] }, expected: 'both /api' },
  {
    name: 'a method is more than headers',
    given: { method: 'POST', fields: ['X-Team', 'a', 'x-beta', 'yes'] },
    expected: 'writes /api',
  },
])('$name', ({ given, expected }) => {
  expect(find('shop.test', '/api', given)).toBe(expected);
});

test.each<{ name: string; fields?: string[]; arrival: Arrival; expected: string }>([
  {
    name: 'the header names the service',
    fields: ['X-Mesh-Service', 'orders'],
    arrival: { kind: 'front' },
    expected: 'orders /api',
  },
  {
    name: 'the header may name a registered service',
    fields: ['x-mesh-service', 'cart'],
    arrival: { kind: 'front' },
    expected: 'cart /api',
  },
  {
    name: 'an unknown name is no route',
    fields: ['x-mesh-service', 'ordres'],
    arrival: { kind: 'front' },
    expected: 'no_route',
  },
  {
    name: 'a worker is no name',
    fields: ['x-mesh-service', 'shoppers'],
    arrival: { kind: 'front' },
    expected: 'no_route',
  },
  {
    name: 'a service port belongs to its service',
    arrival: { kind: 'service', service: 'payments' },
    expected: 'payments /api',
  },
  {
    name: 'no header changes that',
    fields: ['x-mesh-service', 'orders'],
    arrival: { kind: 'service', service: 'payments' },
    expected: 'payments /api',
  },
  {
    name: 'a door belongs to its service',
    fields: ['x-mesh-service', 'orders'],
    arrival: { kind: 'caller', caller: 'web', service: 'payments' },
    expected: 'payments /api',
  },
  {
    name: 'a door to a service that has left leads nowhere',
    arrival: { kind: 'caller', caller: 'web', service: 'gone' },
    expected: 'no_route',
  },
])('$name', ({ fields, arrival, expected }) => {
  expect(find('shop.test', '/api', { fields: fields ?? [], arrival })).toBe(expected);
});
