// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { loadOptions, loadText } from '../../src/config/load.js';
import { printSnapshot, routeToJson, toMeshFile } from '../../src/config/print.js';
import { read } from './read.js';

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
      - { method: DELETE }
      - { cookies: { a$$b: "1" }, query: { "$\${A}": "$\${B}" }, to: { version: v2 } }
    allow: [anonymous, orders]
    loadBalancer: { hashOn: { sourceAddress: true }, slowStart: 30s, healthyPanicThreshold: 12.5% }
    split: { versions: { v1: 1, v2: 1, v3: 1 }, by: { cookie: user } }
    mirror: { service: orders, percentage: 0.1% }
    retries: { on: [reset, 503], backoff: 0 }
    circuitBreaker: { consecutiveFailures: 5, per: instance }
    outlierDetection: { baseEjectionTime: 10m, successRateStdevFactor: 2.5 }
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
  bare: { healthCheck: false, retries: false, connectionPool: false, circuitBreaker: false, outlierDetection: false }
  shoppers: { command: x, expose: false }
  nothing: {}
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

test('a route is told as data with all that it asks for', () => {
  const { services } = read(
    'services: { a: { routes: [{ path: /x, cookies: { c: d }, query: { q: r }, to: { version: v2 } }] } }',
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
