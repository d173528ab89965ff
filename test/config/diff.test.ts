import { expect, test } from 'vitest';
import { diffSnapshots, formatDiff } from '../../src/config/diff.js';
import { read } from './read.js';

const before = `
services:
  web: { command: x, environment: { A: b } }
  orders: { instances: ["a:1"], healthCheck: { tcp: true } }
  legacy: { loadBalancer: { policy: least-request, choiceCount: 3 }, split: { v1: 25%, v2: 75% } }
`;

test('a file that says the same in other words differs in nothing', () => {
  const same = `
x-check: &check { tcp: true, interval: 5s }
defaults: { timeouts: { request: 15s } }
services:
  web: { command: x, environment: { A: "b" }, replicas: 1, restart: on-failure, directory: ./ }
  orders: { instances: [{ address: "a:1", weight: 1 }], healthCheck: *check }
  legacy: { routes: [], loadBalancer: { choiceCount: 3, policy: least-request }, split: { versions: { v1: 1, v2: 3 } } }
`;

  const diff = diffSnapshots(read(before), read(same));

  expect(diff).toEqual({ added: [], removed: [], changed: [], globals: [], empty: true });
  expect(formatDiff(diff)).toBe('');
});

test('what was added, removed and changed is named by the keys of the mesh file', () => {
  const diff = diffSnapshots(
    read(before),
    read(`
gateway: { port: 9000 }
services:
  web: { command: x, environment: { A: c } }
  orders: { instances: ["a:2"], healthCheck: { path: /up }, routes: [{ path: /o }] }
  billing: {}
`),
  );

  expect(diff).toEqual({
    added: ['billing'],
    removed: ['legacy'],
    changed: [
      { service: 'web', keys: ['environment'] },
      { service: 'orders', keys: ['routes', 'instances', 'healthCheck'] },
    ],
    globals: ['gateway.port'],
    empty: false,
  });
  expect(formatDiff(diff)).toBe(
    '+billing −legacy ~web (environment) ~orders (routes, instances, healthCheck) ~gateway.port',
  );
});

test.each([
  ['command: y', ['command']],
  ['command: x, directory: sub', ['directory']],
  ['command: x, replicas: 2', ['replicas']],
  ['command: x, port: 4000', ['port']],
  ['command: x, version: v2', ['version']],
  ['command: x, dependsOn: [other]', ['dependsOn']],
  ['command: x, restart: never', ['restart']],
  ['command: x, stopTimeout: 1s', ['stopTimeout']],
  ['command: x, watch: ["**"]', ['watch']],
  ['command: x, expose: false', ['expose']],
  ['command: x, listen: 4000', ['listen']],
  ['command: x, timeouts: { request: 1s }', ['timeouts']],
  ['command: x, allow: []', ['allow']],
  ['command: x, loadBalancer: random', ['loadBalancer']],
  ['command: x, split: { v1: 1 }', ['split']],
  ['command: x, mirror: { version: v2 }', ['mirror']],
  ['command: x, retries: 2', ['retries']],
  ['command: x, connectionPool: {}', ['connectionPool']],
  ['command: x, circuitBreaker: {}', ['circuitBreaker']],
  ['command: x, outlierDetection: {}', ['outlierDetection']],
  ['command: x, rateLimit: 5/s', ['rateLimit']],
  ['command: x, concurrency: 5', ['concurrency']],
  ['command: x, bandwidth: { up: 1KiB/s }', ['bandwidth']],
  ['command: x, faults: [{ blackhole: true }]', ['faults']],
  ['instances: ["a:1"]', ['command', 'instances']],
])('a service that becomes { %s } has changed in %j', (service, keys) => {
  const diff = diffSnapshots(
    read('services: { a: { command: x }, other: {} }'),
    read(`services: { a: { ${service} }, other: {} }`),
  );

  expect(diff).toMatchObject({ changed: [{ service: 'a', keys }], added: [], removed: [], globals: [], empty: false });
});

test('to switch off what the defaults give is a change, to switch off what is not there is none', () => {
  const withRetries = (a: string) => read(`defaults: { retries: 2 }\nservices: { a: { ${a} } }`);

  expect(diffSnapshots(withRetries(''), withRetries('retries: false')).changed).toEqual([
    { service: 'a', keys: ['retries'] },
  ]);
  expect(diffSnapshots(withRetries(''), withRetries('circuitBreaker: false')).empty).toBe(true);
});

test('the same faults, steps and rates in other words are no change', () => {
  const one = `
services: { a: { rateLimit: 60/m, faults: [{ delay: 1000ms, match: { method: get } }] } }
scenarios: { s: [{ at: 1s, clear: all }, { at: 0, service: a, fault: { abort: grpc:14 } }] }
`;
  const other = `
services: { a: { rateLimit: { rate: 1/s, burst: 1 }, faults: [{ delay: 1s, jitter: 0, percentage: 100, match: { method: GET } }] } }
scenarios: { s: [{ at: 0s, service: a, faults: [{ abort: grpc:UNAVAILABLE }] }, { at: 1s, clear: all }] }
`;

  expect(diffSnapshots(read(one), read(other)).empty).toBe(true);
});

test('a command that comes says nothing of the keys that come with it', () => {
  const diff = diffSnapshots(read('services: { a: {} }'), read('services: { a: { command: x, replicas: 3 } }'));

  expect(diff.changed).toEqual([{ service: 'a', keys: ['command'] }]);
});

test.each([
  ['name: other', ['name']],
  ['gateway: { host: "::1" }', ['gateway.host']],
  ['gateway: { port: 8080 }', ['gateway.port']],
  ['gateway: { domain: mesh.test }', ['gateway.domain']],
  ['admin: { token: none }', ['admin.token']],
  ['registry: { store: memory }', ['registry.store']],
  ['defaults: { loadBalancer: random }', ['defaults.loadBalancer']],
  ['defaults: { timeouts: { connect: 2s } }', ['defaults.timeouts']],
  ['defaults: { retries: 2 }', ['defaults.retries']],
  ['defaults: { connectionPool: {} }', ['defaults.connectionPool']],
  ['defaults: { circuitBreaker: {} }', ['defaults.circuitBreaker']],
  ['defaults: { outlierDetection: {} }', ['defaults.outlierDetection']],
  ['defaults: { rateLimit: 5/s }', ['defaults.rateLimit']],
  ['defaults: { concurrency: 5 }', ['defaults.concurrency']],
  ['defaults: { bandwidth: { up: 1KiB/s } }', ['defaults.bandwidth']],
  ['seed: 0', ['seed']],
  ['scenarios: { calm: [{ at: 0, clear: all }] }', ['scenarios']],
])('outside the services, %s changes %j', (text, globals) => {
  expect(diffSnapshots(read('{}'), read(text))).toMatchObject({ globals, changed: [] });
});
