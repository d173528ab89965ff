// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { loadOptions, loadText } from '../../src/config/load.js';
import { printSnapshot, toMeshFile } from '../../src/config/print.js';
import { read } from './read.js';

const rich = `
name: "it's: a $$hop"
gateway: { port: 9000, domain: mesh.test }
admin: { token: correct-horse }
defaults:
  environment: { LOG_LEVEL: info }
  healthCheck: { path: "/healthz?a=$$1", interval: 1m1.5s }
  timeouts: { request: 0 }
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
  orders:
    listen: 5001
    version: v1
    instances: ["127.0.0.1:4001", { host: "::1", port: 4002, weight: 0, version: v2, id: two, metadata: { zone: b, "<<": c } }]
    healthCheck: { tcp: true }
    timeouts: { request: 1h, connect: 0.5ms }
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
  timeouts:
    request: 15s
    connect: 1s
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
    timeouts:
      request: 15s
      connect: 1s
`);
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
