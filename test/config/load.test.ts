// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import type { MeshOptions } from '../../src/config/load.js';
import { loadOptions } from '../../src/config/load.js';
import { errorOf, mistakes, read, readService } from './read.js';

test('a file that says nothing of a thing gets its default', () => {
  const snapshot = read('services: { web: { command: node web.mjs } }');

  expect(snapshot).toMatchObject({
    name: 'shop',
    directory: '/shop',
    gateway: { host: '127.0.0.1', port: { port: 8080, named: false }, domain: 'localhost' },
    admin: { host: '127.0.0.1', port: { port: 8081, named: false }, token: { kind: 'auto' } },
    registry: { store: 'file' },
    unlisted: { healthCheck: undefined, ...noPolicies },
    seed: undefined,
    scenarios: new Map(),
  });
  expect(snapshot.services.get('web')).toEqual({
    name: 'web',
    expose: true,
    process: {
      command: 'node web.mjs',
      directory: '/shop',
      environment: {},
      replicas: 1,
      port: undefined,
      version: undefined,
      dependsOn: [],
      restart: 'on-failure',
      stopTimeout: 10_000,
      watch: [],
    },
    instances: [],
    port: undefined,
    routes: [],
    listen: undefined,
    healthCheck: undefined,
    ...noPolicies,
  });
});

/** How requests are carried where the file says nothing of it. */
const noPolicies = {
  allow: undefined,
  loadBalancer: {
    policy: { kind: 'round-robin' },
    slowStart: 0,
    stickyCookie: undefined,
    healthyPanicThreshold: 0,
  },
  split: undefined,
  mirror: undefined,
  timeouts: { request: 15_000, perTry: 0, connect: 1_000, idle: 0 },
  retries: undefined,
  connectionPool: undefined,
  circuitBreaker: undefined,
  outlierDetection: undefined,
  rateLimit: undefined,
  concurrency: undefined,
  bandwidth: undefined,
  faults: [],
};

test('a file that says everything is taken at its word', () => {
  const snapshot = read(`
$schema: ./schema.json
name: My shop
gateway: { host: "::1", port: 80, domain: Mesh.Test }
admin: { host: localhost, port: 0, token: correct-horse }
registry: { store: memory }
services:
  web:
    command: node web.mjs
    directory: web
    environment: { LOG_LEVEL: debug }
    replicas: 2
    version: v2
    dependsOn: [orders]
    restart: always
    stopTimeout: 1m30s
    watch: ["web/**/*.js"]
    healthCheck: { path: "/healthz?x", interval: 1s, timeout: 250ms, healthyThreshold: 2, unhealthyThreshold: 4 }
    routes:
      - { host: "*.Shop.test", path: /api/, method: get, headers: { X-Env: Beta }, rewrite: / }
      - { cookies: { Plan: pro }, query: { Page: 2, "a b": "" }, to: { version: 1.10 } }
    timeouts: { request: 0, perTry: 1s, connect: 2s, idle: 5m }
  orders:
    listen: 5001
    instances: ["127.0.0.1:4001"]
    healthCheck: { tcp: true }
`);

  expect(snapshot).toMatchObject({
    name: 'My shop',
    gateway: { host: '::1', port: { port: 80, named: true }, domain: 'mesh.test' },
    admin: { host: 'localhost', port: { port: 0, named: true }, token: { kind: 'value', value: 'correct-horse' } },
    registry: { store: 'memory' },
  });
  expect([...snapshot.services.keys()]).toEqual(['web', 'orders']);
  expect(snapshot.services.get('web')).toMatchObject({
    process: {
      directory: '/shop/web',
      environment: { LOG_LEVEL: 'debug' },
      replicas: 2,
      version: 'v2',
      dependsOn: ['orders'],
      restart: 'always',
      stopTimeout: 90_000,
      watch: ['web/**/*.js'],
    },
    healthCheck: {
      probe: { kind: 'http', path: '/healthz?x' },
      interval: 1_000,
      timeout: 250,
      healthyThreshold: 2,
      unhealthyThreshold: 4,
    },
    routes: [
      {
        host: { kind: 'wildcard', suffix: '.shop.test' },
        path: '/api',
        method: 'GET',
        headers: { 'x-env': 'Beta' },
        cookies: {},
        query: {},
        rewrite: '/',
        version: undefined,
      },
      { path: '/', cookies: { Plan: 'pro' }, query: { Page: '2', 'a b': '' }, version: '1.10' },
    ],
    timeouts: { request: 0, perTry: 1_000, connect: 2_000, idle: 300_000 },
  });
  expect(snapshot.services.get('orders')).toMatchObject({
    listen: 5001,
    process: undefined,
    healthCheck: { probe: { kind: 'tcp' }, interval: 5_000, timeout: 1_000 },
  });
});

test.each([
  ['"127.0.0.1:4001"', { id: '127.0.0.1-4001', address: { host: '127.0.0.1', port: 4001 }, weight: 1 }],
  ['localhost', { id: 'localhost-90', address: { host: 'localhost', port: 90 } }],
  ['"[::1]:80"', { id: 'ip6---1--80', address: { host: '::1', port: 80 } }],
  ['{ address: "a:1", weight: 0, id: first }', { id: 'first', address: { host: 'a', port: 1 }, weight: 0 }],
  ['{ host: "::1", port: 80 }', { address: { host: '::1', port: 80 } }],
  ['{ host: "[::1]" }', { address: { host: '::1', port: 90 } }],
  ['{ host: a }', { id: 'a-90', address: { host: 'a', port: 90 }, version: 'v1', metadata: {} }],
  [
    '{ address: a, version: 2.10, metadata: { zone: b, rack: 7 } }',
    { version: '2.10', metadata: { zone: 'b', rack: '7' } },
  ],
])('the instance %s is understood', (text, instance) => {
  const service = readService('orders', `services: { orders: { port: 90, version: v1, instances: [${text}] } }`);

  expect(service.instances).toMatchObject([instance]);
  expect(service.port).toBe(90);
});

test('what a service says wins over the defaults, and mappings are merged one level deep', () => {
  const { services, unlisted } = read(`
defaults:
  environment: { LOG_LEVEL: info, REGION: eu }
  restart: always
  stopTimeout: 3s
  healthCheck: { path: /healthz, interval: 2s }
  timeouts: { request: 20s }
services:
  web: { command: x, environment: { LOG_LEVEL: debug }, restart: never, timeouts: { connect: 3s } }
  orders: { healthCheck: { tcp: true } }
  shoppers: { command: x, expose: false }
`);

  expect(services.get('web')).toMatchObject({
    process: { environment: { LOG_LEVEL: 'debug', REGION: 'eu' }, restart: 'never', stopTimeout: 3_000 },
    healthCheck: { probe: { kind: 'http', path: '/healthz' }, interval: 2_000 },
    timeouts: { request: 20_000, connect: 3_000 },
  });
  expect(services.get('orders')?.healthCheck).toMatchObject({ probe: { kind: 'tcp' }, interval: 2_000 });
  expect(services.get('shoppers')?.healthCheck).toBeUndefined();
  expect(unlisted).toMatchObject({
    healthCheck: { probe: { kind: 'http', path: '/healthz' }, interval: 2_000 },
    timeouts: { request: 20_000, connect: 1_000 },
  });
});

test('the command of a health check runs in the directory of its service, or where the mesh file is', () => {
  const { services, unlisted } = read(`
defaults: { healthCheck: { command: "check $PORT \${X}" } }
services:
  web: { command: x, directory: web }
  orders: { healthCheck: { path: / } }
`);

  const probe = { kind: 'command', command: 'check $PORT ${X}' };
  expect(services.get('web')?.healthCheck?.probe).toEqual({ ...probe, directory: '/shop/web' });
  expect(services.get('orders')?.healthCheck?.probe).toEqual({ kind: 'http', path: '/' });
  expect(unlisted.healthCheck?.probe).toEqual({ ...probe, directory: '/shop' });
});

test('defaults without a probe only fill in the health checks that there are', () => {
  const { services } = read(
    'defaults: { healthCheck: { interval: 2s } }\nservices: { a: {}, b: { healthCheck: { tcp: true } } }',
  );

  expect(services.get('a')?.healthCheck).toBeUndefined();
  expect(services.get('b')?.healthCheck).toMatchObject({ interval: 2_000 });
});

test('a default port gives way to the ports that the file itself uses', () => {
  const { gateway, admin } = read(`services:
  a: { instances: ["127.0.0.1:8080"] }
  b: { command: x, port: 8081 }
  c: { listen: 8083 }
`);

  expect(gateway.port).toEqual({ port: 8082, named: false });
  expect(admin.port).toEqual({ port: 8084, named: false });
});

test('instances of two services may share an address, and one on another machine any port', () => {
  expect(
    mistakes('gateway: { port: 80 }\nservices: { a: { instances: ["x.test:80"] }, b: { instances: ["x.test:80"] } }'),
  ).toEqual([]);
});

test('a route for a part of another service, or for its own name, is no conflict', () => {
  const text = 'services: { a: { routes: [{ host: b.localhost, path: /x }, { host: a.localhost }] }, b: {} }';

  expect(mistakes(text)).toEqual([]);
});

test('x-keys, anchors and merge keys are the reader’s own, wherever the keys are ours', () => {
  const { services } = read(`
x-base: &base
  command: node app.mjs
  environment: &env { LOG_LEVEL: info }
  x-note: { not: looked at, "\${NOT_SET}": "\${NOT_SET}" }
services:
  web:
    <<: *base
    environment: { <<: *env, PORT_NAME: web }
  orders:
    <<: [{ command: node orders.mjs }, *base]
    x-owner: me
    routes: [{ path: /orders, x-why: because, headers: { x-env: beta } }]
  x-ray: {}
`);

  expect([...services.keys()]).toEqual(['web', 'orders', 'x-ray']);
  expect(services.get('web')?.process).toMatchObject({
    command: 'node app.mjs',
    environment: { LOG_LEVEL: 'info', PORT_NAME: 'web' },
  });
  expect(services.get('orders')?.process).toMatchObject({
    command: 'node orders.mjs',
    environment: { LOG_LEVEL: 'info' },
  });
  expect(services.get('orders')?.routes[0]?.headers).toEqual({ 'x-env': 'beta' });
});

test('names that every object inherits are names like others, and change nothing', () => {
  const { services } = read(`services:
  constructor: { command: x, environment: { constructor: a, toString: b }, dependsOn: [valueof] }
  valueof: {}
`);

  expect([...services.keys()]).toEqual(['constructor', 'valueof']);
  expect(Object.entries(services.get('constructor')?.process?.environment ?? {})).toEqual([
    ['constructor', 'a'],
    ['toString', 'b'],
  ]);
  expect(mistakes('services: { a: { command: x, dependsOn: [constructor] } }')).toMatchObject([
    { code: 'unknown_service' },
  ]);
  expect(mistakes('name: "${constructor}"')).toMatchObject([{ code: 'unset_variable' }]);
  expect(Object.hasOwn(Object.prototype, 'gateway')).toBe(false);
});

test.each([
  ['gateway:\n  port: ${P}', { P: '9000' }, 9_000],
  ['gateway: { port: "${P}" }', { P: '9000' }, 9_000],
  ['gateway:\n  port: ${P:-9001}', {}, 9_001],
  ['gateway:\n  port: ${P:-9001}', { P: '' }, 9_001],
  ['gateway:\n  port: 9${P}', { P: '002' }, 9_002],
])('in %j a variable that becomes a number is one', (text, environment, port) => {
  expect(read(text, environment).gateway.port).toEqual({ port, named: true });
});

test('a variable that becomes true or false is that', () => {
  const text = 'services:\n  a:\n    command: x\n    expose: ${E}';

  expect(readService('a', text, { E: 'false' }).expose).toBe(false);
});

test.each([
  ['${A}', 'one'],
  ['${A}-${B:-two}', 'one-two'],
  ['$$A costs $5', '$A costs $5'],
  ['$${A}', '${A}'],
  ['$$${A}', '$one'],
  ['${EMPTY}', ''],
  ['${EMPTY:-}', ''],
  ['${C:-a: b, [c]}', 'a: b, [c]'],
  ['${C:-${A}}', 'one'],
  ['${C:-<${D:-${EMPTY:-x${A}}}>}', '<xone>'],
  ['${A:-${NOT_SET}}', 'one'],
  ['${C:-$$5 ${A}}', '$5 one'],
])('the value %s becomes %j', (written, value) => {
  const text = `services:\n  a:\n    command: x\n    environment: { V: "${written}" }`;

  expect(readService('a', text, { A: 'one', EMPTY: '' }).process?.environment).toEqual({ V: value });
});

test('what a variable holds is never read as YAML, nor for variables', () => {
  const evil = '1\nadmin: { token: none } # ${HOME} "';
  const snapshot = read('name: a\nservices:\n  a:\n    command: x\n    environment:\n      V: ${EVIL}', { EVIL: evil });

  expect(snapshot.services.get('a')?.process?.environment.V).toBe(evil);
  expect(snapshot.admin.token).toEqual({ kind: 'auto' });
  expect(mistakes('name: ${EVIL}', { EVIL: evil })).toMatchObject([{ code: 'invalid_value' }]);
});

test('in a command the variables are the shell’s', () => {
  const service = readService('a', 'services:\n  a:\n    command: echo $$ ${NOT_SET} $PORT');

  expect(service.process?.command).toBe('echo $$ ${NOT_SET} $PORT');
});

test('a number in the environment, in metadata and as a version is what is written, not what it counts', () => {
  const { services } = read(`services:
  a: { command: x, version: 1.10, environment: { MODE: 0755, HEX: 0x1F, BIG: 12345678901234567890, YES: true, N: "1.0" } }
`);

  expect(services.get('a')?.process).toMatchObject({
    version: '1.10',
    environment: { MODE: '0755', HEX: '0x1F', BIG: '12345678901234567890', YES: 'true', N: '1.0' },
  });
});

test('a snapshot never changes', () => {
  const snapshot = read(
    'services: { a: { command: x, environment: { A: b }, instances: ["b:1"], routes: [{ path: /a }] } }',
  );
  const service = snapshot.services.get('a');

  for (const part of [
    snapshot,
    snapshot.gateway.port,
    snapshot.unlisted.timeouts,
    service,
    service?.process?.environment,
    service?.instances,
    service?.instances[0]?.address,
    service?.routes[0]?.host,
  ]) {
    expect(part).toBeDefined();
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test('the options of a program are checked like a file, and kept in memory', () => {
  const snapshot = loadOptions(
    { services: { myservice: { port: 8080, instances: [{ host: 'my-service-instance', port: 8080 }] } } },
    { directory: '/shop' },
  );

  expect(snapshot).toMatchObject({ name: 'shop', file: undefined, registry: { store: 'memory' } });
  expect(snapshot.services.get('myservice')?.instances).toMatchObject([
    { id: 'my-service-instance-8080', address: { host: 'my-service-instance', port: 8080 } },
  ]);
});

test('mistakes in options are named by their path', () => {
  // As it comes from a program without types.
  const options: MeshOptions = JSON.parse(
    '{ "gateway": { "prot": 80 }, "services": { "web": { "command": "", "dependsOn": ["web"] }, "a": { "instances": ["a:1", "b"] } } }',
  );
  const error = errorOf(() => loadOptions(options, { directory: '/shop' }));

  expect(error?.diagnostics.map(({ path }) => path)).toEqual([
    'gateway.prot',
    'services.web.command',
    'services.a.instances[1]',
    'services.web.dependsOn[0]',
  ]);
  expect(error?.message).toContain('gateway.prot: error: unknown key `prot`\n      = did you mean `port`?');
});

test('options are not read for variables', () => {
  const snapshot = loadOptions({ name: '${HOME}' }, { directory: '/shop' });

  expect(snapshot.name).toBe('${HOME}');
});

test('an empty set of options is a mesh without services', () => {
  expect(loadOptions({}, { directory: '/' })).toMatchObject({ name: 'mesh', services: new Map() });
});
