// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadOptions, loadText } from '../../src/config/load.js';
import { printSnapshot, routeToJson, toMeshFile } from '../../src/config/print.js';
import { read } from './read.js';
import { anyShape } from './shapes.js';

const rich = `
name: "it's: a $$hop"
gateway: { port: 9000, domain: mesh.test }
admin: { token: correct-horse }
defaults:
  environment: { LOG_LEVEL: info }
  healthCheck: { path: "/healthz?a=$$1", interval: 1m1.5s }
  timeouts: { request: 0 }
  loadBalancer: { policy: ring-hash, hashOn: { query: "$\${A}" }, stickyCookie: a$$$$b }
  retries: { budget: 30%, methods: [GET] }
  connectionPool: { maxPendingRequests: 7 }
  circuitBreaker: {}
  outlierDetection: { interval: 1m }
  rateLimit: { rate: 10/m, burst: 5, by: header:X-$$a }
  concurrency: { limit: 50, priority: { header: X-$$b } }
  bandwidth: { up: 64KiB/s, per: service }
  slo: 99.5%
seed: 0
services:
  web:
    command: "echo $HOME \${HOME} $$ # \\"quoted\\""
    directory: ../other/$$dir
    environment: { A: "\${HOME}", B: "yes", C: "1.10", D: "a\\nb", E: "$$\${HOME}", F: 0755, G: "\\x7f" }
    replicas: 2
    version: 1.10
    dependsOn: [orders]
    restart: never
    stopTimeout: 0
    watch: ["src/**/*.{js,ts}", "!**/$$x"]
    routes:
      - { host: Shop.localhost }
      - { host: "*.shop.localhost", path: /api/, method: post, headers: { X-A: b, x-c: 1, x-d: "$\${D}" }, rewrite: /$$v1 }
      - { method: DELETE, priority: low }
      - { cookies: { a$$b: "1" }, query: { "$\${A}": "$\${B}" }, to: { version: v2 } }
    allow: [anonymous, orders]
    loadBalancer: { hashOn: { sourceAddress: true }, slowStart: 30s, healthyPanicThreshold: 12.5% }
    split: { versions: { v1: 1, v2: 1, v3: 1 }, by: { cookie: user } }
    mirror: { service: orders, percentage: 0.1% }
    retries: { on: [reset, 503], backoff: 0 }
    circuitBreaker: { consecutiveFailures: 5, per: instance }
    outlierDetection: { baseEjectionTime: 10m, successRateStdevFactor: 2.5 }
    rateLimit: { rate: 0.5/s, excess: reject }
    concurrency: adaptive
    bandwidth: { down: 1B/s }
    faults:
      - { mock: { file: ../other/$$a.json, headers: { X-A: "$\${A}" } }, percentage: 0.1% }
      - { mock: { status: 404, body: '{ "a": $\${A} }' }, match: { path: /$$v1/, method: p$$, headers: { A: "$\${B}" }, caller: anonymous } }
      - { reset: 0, match: { version: 1.10, instance: "[::1]:80" } }
    slo: { availability: 99.95%, window: 90m }
  orders:
    listen: 5001
    version: v1
    instances: ["127.0.0.1:4001", { host: "::1", port: 4002, weight: 0, version: v2, id: two, metadata: { zone: b, "<<": c } }]
    healthCheck: { tcp: true }
    timeouts: { request: 1h, perTry: 1s, connect: 0.5ms, idle: 2h }
    loadBalancer: peak-ewma
    split: { v1: 100, v2: 0 }
    mirror: { version: v2 }
    allow: []
    retries: 3
  hashed: { loadBalancer: { policy: maglev, hashOn: { path: true } }, split: { versions: { v1: 33.3%, v2: 66.7% }, by: { header: X-A } } }
  checked: { healthCheck: { command: "echo $PORT $$ \${HOME}" } }
  bare: { healthCheck: false, retries: false, connectionPool: false, circuitBreaker: false, outlierDetection: false, rateLimit: false, concurrency: false, bandwidth: false, slo: false }
  shoppers: { command: x, expose: false }
  nothing: {}
scenarios:
  storm:
    - { at: 1m, clear: all }
    - { at: 0, service: web, fault: { mock: { file: storm.html } } }
    - { at: 1.5s, service: orders, rateLimit: 1/h, concurrency: { limit: 1, queue: 0 }, bandwidth: { up: 3GiB/s }, faults: [] }
    - { at: 1.5s, clear: web }
  calm: []
alerts:
  - { name: "$\${A}: bad", when: " error_rate>5% ", labels: { a: 1, b: "$\${B}" } }
  - { name: slow, service: web, when: p99 > 0.5s, for: 1m30s, keepFiringFor: 500ms, notify: [] }
  - { name: burn, when: burn_rate >= 14.4, notify: [terminal, { webhook: "https://h/$$a?b=c" }, { command: "echo $HOME \${HOME}" }] }
`;

const environment = { HOME: '/root', MESH_TOKEN: 'correct-horse' };

test.each([
  ['a rich file', rich],
  ['an empty file', '{}'],
  ['a file whose services moved the default ports', 'services: { a: { listen: 8080 } }'],
  ['a file of another name for the store', 'registry: { store: memory }'],
])('%s, printed and loaded again, is an equal snapshot', (_, text) => {
  const snapshot = read(text, environment);

  expect(read(printSnapshot(snapshot), environment)).toEqual(snapshot);
});

test('every shape, printed as a step of a scenario and loaded again, is an equal shape', () => {
  const nothing = read('services: { a: {} }');

  fc.assert(
    fc.property(anyShape, (shape) => {
      const action = { kind: 'shape', service: 'a', shape } as const;
      const snapshot = { ...nothing, scenarios: new Map([['s', { name: 's', steps: [{ at: 0, action }] }]]) };

      expect(read(printSnapshot(snapshot))).toEqual(snapshot);
    }),
  );
});

test('every shaping of a service, printed and loaded again, is an equal one', () => {
  const nothing = read('services: { a: {} }');
  const plain = nothing.services.get('a') ?? expect.fail('there is no a');

  fc.assert(
    fc.property(anyShape, (shape) => {
      const snapshot = { ...nothing, services: new Map([['a', { ...plain, ...shape }]]) };

      expect(read(printSnapshot(snapshot))).toEqual(snapshot);
    }),
  );
});

test('the options of a program are printed as the mesh file that would do the same', () => {
  const options = { name: 'a $ {b} ${c}', services: { web: { command: 'x', environment: { A: '${B} $$' } } } };
  const snapshot = loadOptions(options, { directory: '/shop' });

  const again = loadText(printSnapshot(snapshot), { file: '/shop/mesh.yaml', directory: '/shop', environment: {} });

  expect({ ...again, file: undefined }).toEqual(snapshot);
});

test('it is printed in the words of the mesh file, with its defaults', () => {
  expect(
    printSnapshot(read('name: shop\nservices: { web: { command: node web.mjs, healthCheck: { path: / } } }')),
  ).toBe(`name: shop
gateway:
  host: 127.0.0.1 # port 8080, or the next free one
  domain: localhost
  maxConnections: 4096
  maxRequestBytes: 0
admin:
  host: 127.0.0.1 # port 8081, or the next free one
  token: auto
registry:
  store: file
telemetry:
  accessLog: off
  traces:
    slow: 1s # sample 100%, otlp off, or as OTEL_* variables say
defaults:
  loadBalancer:
    policy: round-robin
    slowStart: 0ms
    healthyPanicThreshold: 0%
  timeouts:
    request: 15s
    perTry: 0ms
    connect: 1s
    idle: 0ms
services:
  web:
    command: node web.mjs
    directory: .
    replicas: 1
    restart: on-failure
    stopTimeout: 10s
    healthCheck:
      path: /
      interval: 5s
      timeout: 1s
      healthyThreshold: 1
      unhealthyThreshold: 3
    loadBalancer:
      policy: round-robin
      slowStart: 0ms
      healthyPanicThreshold: 0%
    timeouts:
      request: 15s
      perTry: 0ms
      connect: 1s
      idle: 0ms
`);
});

test('what a service switched off is printed where `defaults` give it to the others', () => {
  const { services } = toMeshFile(
    read('defaults: { retries: 2 }\nservices: { a: { retries: false, circuitBreaker: false }, b: {} }'),
  );

  expect(services?.a).toMatchObject({ retries: false, circuitBreaker: undefined });
  expect(services?.b).toMatchObject({ retries: { attempts: 2 } });
});

test('shaping is printed in the words of the mesh file, with its defaults', () => {
  const { services, seed, scenarios } = toMeshFile(
    read(`
seed: 7
services: { a: { rateLimit: 30/m, concurrency: 5, bandwidth: { up: 1KiB/s }, faults: [{ delay: 1s }, { mock: { file: a/b.json } }] } }
scenarios: { s: [{ at: 90s, clear: all }, { at: 0, service: a, fault: { abort: grpc:14 } }] }
`),
  );

  expect(seed).toBe(7);
  expect(services?.a).toMatchObject({
    rateLimit: { rate: '0.5/s', burst: 1, by: 'service', excess: 'delay', maxDelay: '2s' },
    concurrency: { limit: 5, queue: 100, maxWait: '1s' },
    bandwidth: { up: '1KiB/s', per: 'exchange' },
    faults: [
      { delay: '1s', jitter: '0ms', distribution: 'uniform', percentage: '100%' },
      { mock: { status: 200, file: 'a/b.json' }, percentage: '100%' },
    ],
  });
  expect(scenarios).toEqual({
    s: [
      { at: '0ms', service: 'a', faults: [{ abort: 'grpc:UNAVAILABLE', percentage: '100%' }] },
      { at: '1m30s', clear: 'all' },
    ],
  });
});

test('a route is told as data with all that it asks for', () => {
  const { services } = read(
    'services: { a: { routes: [{ path: /x, cookies: { c: d }, query: { q: r }, to: { version: v2 }, priority: low }] } }',
  );

  expect(services.get('a')?.routes.map(routeToJson)).toEqual([
    {
      host: '*',
      path: '/x',
      method: null,
      headers: {},
      cookies: { c: 'd' },
      query: { q: 'r' },
      rewrite: null,
      version: 'v2',
      priority: 'low',
    },
  ]);
});

test('a token is shown to nobody', () => {
  const snapshot = read(rich, environment);

  expect(printSnapshot(snapshot)).toContain('token: ${MESH_TOKEN}');
  expect(printSnapshot(snapshot) + JSON.stringify(toMeshFile(snapshot))).not.toContain('correct-horse');
});

test('as JSON it is a mesh file, too', () => {
  const snapshot = read(rich, environment);

  expect(read(JSON.stringify(toMeshFile(snapshot)), environment)).toEqual(snapshot);
});
