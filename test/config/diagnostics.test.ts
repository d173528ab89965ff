// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { ConfigError, formatDiagnostic } from '../../src/config/diagnostic.js';
import { loadOptions } from '../../src/config/load.js';
import { errorOf, mistakes, read } from './read.js';

/** One mistake a text: the text, then code, line, column, the words it must say, and what its hint must say. */
const bad: ReadonlyArray<[string, string, string, number, number, string, string?]> = [
  ['an unknown key at the top', 'sevices: {}', 'unknown_key', 1, 1, 'unknown key `sevices`', '`services`'],
  [
    'an unknown key of a service',
    'services:\n  web:\n    repliacs: 2',
    'unknown_key',
    3,
    5,
    '`repliacs`',
    '`replicas`',
  ],
  ['a Compose key', 'services:\n  web:\n    depends_on: []', 'unknown_key', 3, 5, '`depends_on`', '`dependsOn`'],
  ['a key that is near to none', 'gateway: { tls: true }', 'unknown_key', 1, 12, '`tls`', 'the keys here are `host`'],
  [
    'a key of an instance',
    'services: { a: { instances: [{ adress: "a:1" }] } }',
    'unknown_key',
    1,
    32,
    '`adress`',
    '`address`',
  ],
  ['constructor', 'constructor: {}', 'unknown_key', 1, 1, 'unknown key `constructor`'],
  ['toString in a section', 'gateway: { toString: 1 }', 'unknown_key', 1, 12, 'unknown key `toString`'],
  ['__proto__', '__proto__: { gateway: 1 }', 'reserved_key', 1, 1, '`__proto__` cannot be a key'],
  ['__proto__ as a service', 'services:\n  __proto__: {}', 'reserved_key', 2, 3, '`__proto__` cannot be a key'],
  [
    '__proto__ in a merge',
    'services:\n  a:\n    <<: { __proto__: { command: x } }',
    'reserved_key',
    3,
    11,
    '`__proto__`',
  ],
  ['a key twice', 'name: a\nname: b', 'duplicate_key', 2, 1, 'duplicate key `name`', 'line 1'],
  ['a service twice', 'services:\n  a: {}\n  b: {}\n  a: {}', 'duplicate_key', 4, 3, 'duplicate key `a`', 'line 2'],
  ['a list at the top', '- a', 'invalid_value', 1, 1, 'expected a mapping with keys such as `name`'],
  ['only comments', '# nothing here', 'invalid_value', 1, 1, 'found nothing'],
  ['a section that is text', 'gateway: fast', 'invalid_value', 1, 10, 'expected a mapping with keys such as `host`'],
  ['a section that is empty', 'gateway:\n', 'invalid_value', 1, 9, 'found nothing'],
  ['services as a list', 'services: [web]', 'invalid_value', 1, 1, 'expected a mapping, found a list'],
  ['a service name in upper case', 'services:\n  Web: {}', 'invalid_value', 2, 3, 'a DNS label', undefined],
  ['a service name with a dot', 'services:\n  a.b: {}', 'invalid_value', 2, 3, 'found `a.b`'],
  ['a service name of 64 letters', `services:\n  ${'a'.repeat(64)}: {}`, 'invalid_value', 2, 3, 'at most 63'],
  ['a mapping as a key', 'services:\n  ? [a]\n  : {}', 'yaml_syntax', 2, 5, 'a key must be text'],
  ['a port that is text', 'gateway: { port: http }', 'invalid_value', 1, 18, 'a port from 1 to 65535', undefined],
  ['a port that is too high', 'gateway: { port: 99999 }', 'invalid_value', 1, 18, 'found `99999`'],
  ['a port with a fraction', 'gateway: { port: 80.5 }', 'invalid_value', 1, 18, 'found `80.5`'],
  ['a port that is no number', 'gateway: { port: .nan }', 'invalid_value', 1, 18, 'found `.nan`'],
  ['a quoted port', 'gateway: { port: "80" }', 'invalid_value', 1, 18, 'found `80`'],
  [
    'port 0 of a service',
    'services: { a: { listen: 0 } }',
    'invalid_value',
    1,
    26,
    'a port from 1 to 65535, found `0`',
  ],
  ['a host with a port', 'gateway: { host: "127.0.0.1:80" }', 'invalid_value', 1, 18, 'without a port'],
  ['a host that is half a number', 'gateway: { host: "127.1" }', 'invalid_value', 1, 18, 'found `127.1`'],
  ['a domain with a slash', 'gateway: { domain: a/b }', 'invalid_value', 1, 20, 'a domain name'],
  ['a short token', 'admin: { token: abc }', 'invalid_value', 1, 17, '8 to 256'],
  [
    'an unknown store',
    'registry: { store: files }',
    'invalid_value',
    1,
    20,
    '`file`, `memory`, found `files`',
    '`file`',
  ],
  [
    'an unknown restart',
    'services: { a: { command: x, restart: on_failure } }',
    'invalid_value',
    1,
    39,
    'found `on_failure`',
    '`on-failure`',
  ],
  [
    'a duration without a unit',
    'services: { a: { timeouts: { request: 5 } } }',
    'invalid_value',
    1,
    39,
    'a duration such as `250ms`',
  ],
  ['a duration in words', 'services: { a: { timeouts: { request: 5 sec } } }', 'invalid_value', 1, 39, 'found `5 sec`'],
  [
    'a duration that may not be 0',
    'services: { a: { timeouts: { connect: 0 } } }',
    'invalid_value',
    1,
    39,
    'found `0`',
  ],
  ['a duration of 0.0s', 'services: { a: { timeouts: { connect: 0.0s } } }', 'invalid_value', 1, 39, 'found `0.0s`'],
  [
    'a duration beyond timers',
    'services: { a: { timeouts: { request: 600h } } }',
    'invalid_value',
    1,
    39,
    'at most 576h',
  ],
  [
    'replicas that are too many',
    'services: { a: { command: x, replicas: 101 } }',
    'invalid_value',
    1,
    40,
    'from 1 to 100',
  ],
  [
    'an empty command',
    'services: { a: { command: "" } }',
    'invalid_value',
    1,
    27,
    'expected a command line, found an empty text',
  ],
  ['a command that is a list', 'services: { a: { command: [node, x] } }', 'invalid_value', 1, 18, 'found a list'],
  ['dependsOn as text', 'services: { a: { command: x, dependsOn: b } }', 'invalid_value', 1, 41, 'a list of services'],
  [
    'an environment as a list',
    'services: { a: { command: x, environment: [A=1] } }',
    'invalid_value',
    1,
    30,
    'a mapping, found a list',
  ],
  [
    'a variable name with a dash',
    'services: { a: { command: x, environment: { A-B: 1 } } }',
    'invalid_value',
    1,
    45,
    'found `A-B`',
  ],
  [
    'a variable without a value',
    'services: { a: { command: x, environment: { A: } } }',
    'invalid_value',
    1,
    48,
    'found nothing',
  ],
  ['expose in words', 'services: { a: { expose: no } }', 'invalid_value', 1, 26, 'true or false, found `no`'],
  [
    'tcp: false',
    'services: { a: { healthCheck: { tcp: false } } }',
    'invalid_value',
    1,
    38,
    'expected true, found `false`',
  ],
  [
    'a health path without a slash',
    'services: { a: { healthCheck: { path: up } } }',
    'invalid_value',
    1,
    39,
    '`/healthz`',
  ],
  [
    'a threshold of 0',
    'services: { a: { healthCheck: { path: /, healthyThreshold: 0 } } }',
    'invalid_value',
    1,
    60,
    'from 1 to 100',
  ],
  [
    'a route host with a port',
    'services: { a: { routes: [{ host: "a:80" }] } }',
    'invalid_value',
    1,
    35,
    'without a port',
  ],
  ['a wildcard inside', 'services: { a: { routes: [{ host: a.*.b }] } }', 'invalid_value', 1, 35, '`*.shop.localhost`'],
  [
    'a route path with a query',
    'services: { a: { routes: [{ path: "/a?b" }] } }',
    'invalid_value',
    1,
    35,
    'without a query',
  ],
  [
    'a header with a line break',
    'services: { a: { routes: [{ headers: { a: "x\\r\\ny: z" } }] } }',
    'invalid_value',
    1,
    43,
    'expected text',
  ],
  ['an instance that is a number', 'services: { a: { instances: [4001] } }', 'invalid_value', 1, 30, 'found `4001`'],
  [
    'an instance that is a URL',
    'services: { a: { instances: ["http://a:1"] } }',
    'invalid_value',
    1,
    30,
    'an address such as',
  ],
  [
    'an address in other numbers',
    'services: { a: { instances: ["2130706433:80"] } }',
    'invalid_value',
    1,
    30,
    'found `2130706433:80`',
  ],
  [
    'a weight below 0',
    'services: { a: { instances: [{ address: "a:1", weight: -1 }] } }',
    'invalid_value',
    1,
    56,
    'from 0 to 1000',
  ],
  [
    'an id with a slash',
    'services: { a: { instances: [{ address: "a:1", id: a/b }] } }',
    'invalid_value',
    1,
    52,
    '1 to 64 characters',
  ],
  // YAML.
  ['a tab', 'services:\n\ta: {}', 'yaml_syntax', 2, 1, 'a tab cannot indent', 'spaces'],
  ['two documents', 'name: a\n---\nname: b', 'yaml_syntax', 2, 1, 'a second document'],
  ['YAML 1.1', '%YAML 1.1\n---\nname: a', 'yaml_syntax', 1, 1, 'YAML 1.2'],
  ['an unknown tag', 'name: !secret x', 'yaml_syntax', 1, 7, 'unresolved tag'],
  ['a binary tag', 'name: !!binary aGk=', 'yaml_syntax', 1, 16, 'only text, numbers, true and false'],
  ['an open quote', 'name: "shop', 'yaml_syntax', 1, 12, 'missing closing "quote'],
  ['an open bracket', 'services: { a: {}', 'yaml_syntax', 1, 18, 'flow map'],
  ['a mapping in a line', 'name: a: b', 'yaml_syntax', 1, 7, 'a mapping cannot start here', 'quote'],
  ['a control character', 'name: a\u0007b', 'yaml_syntax', 1, 8, 'control character'],
  ['an unknown alias', 'x-base: &base {}\nservices: { a: *bse }', 'unknown_alias', 2, 16, '`&bse`', '`*base`'],
  [
    'a wildcard without quotes',
    'services: { a: { routes: [{ host: *.shop }] } }',
    'unknown_alias',
    1,
    35,
    '`&.shop`',
    '"*.shop"',
  ],
  [
    'the name of a process for an instance',
    'services: { a: { command: x, instances: [{ address: "b:1", id: a-2 }] } }',
    'duplicate_instance',
    1,
    64,
    '`a-2` is the name of a process',
    '`id`',
  ],
  [
    'a service named as the mesh',
    'services:\n  mesh-gateway: {}',
    'contradiction',
    2,
    3,
    'MESH_GATEWAY_URL',
    'another name',
  ],
  ['defaults without end', `name: "${'${A:-'.repeat(40)}${'}'.repeat(40)}"`, 'bad_variable', 1, 7, 'is not a variable'],
  ['a merge of text', 'services:\n  a:\n    <<: web', 'yaml_syntax', 3, 9, 'a merge key takes a mapping'],
  // Variables.
  [
    'a variable that is not set',
    'gateway:\n  port: ${PORT}',
    'unset_variable',
    2,
    9,
    'PORT is not set',
    '${PORT:-default}',
  ],
  ['half a variable', 'name: "a ${X"', 'bad_variable', 1, 7, '`${X` is not a variable', '$$'],
  [
    'a variable in another grammar',
    'name: ${X-1}',
    'bad_variable',
    1,
    7,
    '`${X-1}` is not a variable',
    '${NAME:-default}',
  ],
  ['a variable in braces', 'gateway: { port: ${PORT} }', 'yaml_syntax', 1, 18, 'needs quotes', '"${NAME}"'],
  ['a variable in brackets', 'x-a: [${A}, b]', 'yaml_syntax', 1, 7, 'needs quotes'],
  // Between keys.
  [
    'replicas and a port',
    'services: { a: { command: x, port: 80, replicas: 2 } }',
    'contradiction',
    1,
    40,
    '2 replicas cannot share',
    'PORT',
  ],
  ['replicas without a command', 'services: { a: { replicas: 2 } }', 'contradiction', 1, 18, 'there is no `command`'],
  [
    'PORT in the environment',
    'services: { a: { command: x, environment: { PORT: 1 } } }',
    'contradiction',
    1,
    45,
    'sets PORT itself',
    '`port: …`',
  ],
  [
    'MESH_ in the environment of all',
    'defaults: { environment: { MESH_TOKEN: x } }',
    'contradiction',
    1,
    28,
    'sets MESH_TOKEN itself',
  ],
  [
    'a worker with routes',
    'services: { a: { command: x, expose: false, routes: [{ path: / }] } }',
    'contradiction',
    1,
    45,
    '`routes` makes no sense',
  ],
  [
    'a worker with a health check',
    'services: { a: { command: x, expose: false, healthCheck: { tcp: true } } }',
    'contradiction',
    1,
    45,
    '`healthCheck`',
  ],
  ['a worker without a command', 'services: { a: { expose: false } }', 'contradiction', 1, 18, 'needs a `command`'],
  ['two probes', 'services: { a: { healthCheck: { path: /, tcp: true } } }', 'contradiction', 1, 42, 'not both'],
  [
    'no probe',
    'services: { a: { healthCheck: { interval: 5s } } }',
    'contradiction',
    1,
    18,
    'needs `path: /…` (HTTP), `tcp: true` or `command: …`',
  ],
  [
    'two probes for all',
    'defaults: { healthCheck: { command: x, tcp: true } }',
    'contradiction',
    1,
    28,
    'either `tcp` or `command`, not both',
  ],
  ['a service named as nobody', 'services:\n  anonymous: {}', 'contradiction', 2, 3, '`allow`', 'another name'],
  ['an empty route', 'services: { a: { routes: [{}] } }', 'contradiction', 1, 27, 'a route needs'],
  [
    'a header in two cases',
    'services: { a: { routes: [{ headers: { A: 1, a: 2 } }] } }',
    'duplicate_key',
    1,
    46,
    'header `a`',
  ],
  [
    'an instance without a port',
    'services: { a: { instances: [localhost] } }',
    'bad_address',
    1,
    30,
    '`localhost` lacks a port',
    '`localhost:4001`',
  ],
  [
    'an instance without an address',
    'services: { a: { instances: [{ weight: 2 }] } }',
    'bad_address',
    1,
    30,
    'needs an `address`',
  ],
  [
    'an address and a port',
    'services: { a: { instances: [{ address: "a:1", port: 2 }] } }',
    'bad_address',
    1,
    30,
    'either',
  ],
  [
    'a host that is none',
    'services: { a: { instances: [{ host: "1.2", port: 2 }] } }',
    'bad_address',
    1,
    30,
    '`1.2` is not a host',
  ],
  [
    'every interface',
    'services: { a: { instances: ["0.0.0.0:80"] } }',
    'bad_address',
    1,
    30,
    'not an address that can be called',
    '127.0.0.1',
  ],
  [
    'cloud metadata',
    'services: { a: { instances: ["169.254.169.254:80"] } }',
    'bad_address',
    1,
    30,
    'not an address that can be called',
  ],
  ['an instance twice', 'services: { a: { instances: ["a:1", "a:1"] } }', 'duplicate_instance', 1, 37, '`a-1` of `a`'],
  [
    'an id twice',
    'services: { a: { instances: ["a:1", { address: "b:1", id: a-1 }] } }',
    'duplicate_instance',
    1,
    37,
    '`a-1`',
  ],
  [
    'an unknown dependency',
    'services: { web: { command: x, dependsOn: [order] }, orders: {} }',
    'unknown_service',
    1,
    44,
    '`order`',
    '`orders`',
  ],
  [
    'a dependency on itself',
    'services: { web: { command: x, dependsOn: [web] } }',
    'dependency_cycle',
    1,
    44,
    'web → web',
  ],
  [
    'listen and gateway',
    'gateway: { port: 80 }\nservices: { a: { listen: 80 } }',
    'port_conflict',
    2,
    26,
    '`gateway.port`',
  ],
  ['gateway and admin', 'gateway: { port: 80 }\nadmin: { port: 80 }', 'port_conflict', 2, 16, '`gateway.port`'],
  [
    'two that listen',
    'services: { a: { listen: 80 }, b: { listen: 80 } }',
    'port_conflict',
    1,
    45,
    '`services.a.listen`',
  ],
  [
    'two fixed ports',
    'services: { a: { command: x, port: 80 }, b: { command: x, port: 80 } }',
    'port_conflict',
    1,
    65,
    '`services.a.port`',
  ],
  [
    'listen and its own port',
    'services: { a: { command: x, port: 80, listen: 80 } }',
    'port_conflict',
    1,
    36,
    '`services.a.listen`',
  ],
  [
    'an instance that is the gateway',
    'gateway: { port: 80 }\nservices: { a: { instances: ["localhost:80"] } }',
    'own_address',
    2,
    30,
    '`gateway.port`',
  ],
  [
    'an instance that listens',
    'services: { a: { listen: 80 }, b: { instances: ["[::1]:80"] } }',
    'own_address',
    1,
    49,
    '`services.a.listen`',
  ],
  [
    'a route twice',
    'services: { a: { routes: [{ path: /x }] }, b: { routes: [{ path: /x/ }] } }',
    'duplicate_route',
    1,
    58,
    '`services.a.routes[0]`',
  ],
  [
    'a route twice in one service',
    'services: { a: { routes: [{ host: A.b }, { host: a.B, path: / }] } }',
    'duplicate_route',
    1,
    42,
    '`services.a.routes[0]`',
  ],
  [
    'a route for the name of another',
    'services: { a: { routes: [{ host: b.localhost }] }, b: {} }',
    'duplicate_route',
    1,
    27,
    'the service `b`',
  ],
  [
    'no token on an open admin API',
    'admin: { host: 0.0.0.0, token: none }',
    'needs_token',
    1,
    32,
    '`admin.host`',
    'auto',
  ],
  [
    'no token behind an open gateway',
    'gateway: { host: "::" }\nadmin: { token: none }',
    'needs_token',
    2,
    17,
    '`gateway.host`',
  ],
];

test.each(bad)('%s is shown where it stands', (_, text, code, line, column, message, hint = '') => {
  const found = mistakes(text);

  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code, line, column, file: 'mesh.yaml' });
  expect(found[0]?.message).toContain(message);
  expect(found[0]?.hint ?? '').toContain(hint);
});

test('every mistake is found at once, of the keys and between the services, in the order of the file', () => {
  const found = mistakes(`
name: shop
gatway: {}
services:
  web:
    command: node web.mjs
    replicas: none
    dependsOn: [ordrs]
  orders:
    command: node orders.mjs
    port: 5001
    dependsOn: [web, payments]
    routes: [{ path: /a }, { pth: /b }]
  payments:
    command: node payments.mjs
    dependsOn: [orders]
    listen: 5001
`);

  expect(found.map(({ line, message }) => `${line} ${message}`)).toEqual([
    '3 unknown key `gatway`',
    '7 expected a whole number from 1 to 100, found `none`',
    '8 there is no service `ordrs`',
    '13 unknown key `pth`',
    '16 services wait for each other: orders → payments → orders',
    '17 port 5001 is that of `services.orders.port` already',
  ]);
});

test('a service with mistakes is still a service to the others, and its missing keys are no second mistake', () => {
  const found = mistakes('services: { a: { command: 5, replicas: 2 }, b: { command: x, dependsOn: [a] } }');

  expect(found.map(({ message }) => message)).toEqual(['expected a command line, found `5`']);
});

test.each([
  ['of an unknown key', 'services: { a: { comand: y, routes: [{}] } }', ['unknown_key', 'contradiction']],
  [
    'of a key that others do not read',
    'services: { a: { restart: x, replicas: 2 } }',
    ['invalid_value', 'contradiction'],
  ],
  ['of a command', 'services: { a: { command: [x], replicas: 2 } }', ['invalid_value']],
  [
    'of the probe in `defaults`',
    'defaults: { healthCheck: { path: 7 } }\nservices: { a: { healthCheck: { interval: 1s } } }',
    ['invalid_value'],
  ],
  ['of an alias in place of a command', 'services: { a: { expose: false, command: *none } }', ['unknown_alias']],
  ['of an alias that is merged', 'services: { a: { <<: *none, replicas: 2 } }', ['unknown_alias']],
  ['of an alias in place of a service', 'services: { a: *none, b: { command: x, dependsOn: [a] } }', ['unknown_alias']],
])('a mistake %s hides no other, and brings none with it', (_, text, codes) => {
  expect(mistakes(text).map(({ code }) => code)).toEqual(codes);
});

test('a chain of 20 000 services is followed to its end', () => {
  const services = Array.from({ length: 20_000 }, (_, at) => [
    `s${at}`,
    { command: 'x', dependsOn: [`s${(at + 1) % 20_000}`] },
  ]);
  const error = errorOf(() => loadOptions({ services: Object.fromEntries(services) }, { directory: '/shop' }));
  expect(error?.diagnostics).toMatchObject([{ code: 'dependency_cycle', path: 'services.s19999.dependsOn[0]' }]);
});

test('__proto__ in what a program gives is a mistake, too', () => {
  const services = JSON.parse('{ "__proto__": { "command": "x" } }');
  const error = errorOf(() => loadOptions({ services }, { directory: '/shop' }));
  expect(error?.diagnostics).toMatchObject([
    { path: 'services.__proto__', message: '`__proto__` cannot be a key, found `__proto__`' },
  ]);
});

test('two mistakes in one list take nothing else of the service out of sight', () => {
  const found = mistakes(`services:
  a: { instances: [{ adress: 1 }, { weight: x }], listen: 80 }
  b: { listen: 80 }
`);

  expect(found.map(({ message }) => message)).toEqual([
    'unknown key `adress`',
    'expected a whole number from 0 to 1000, found `x`',
    'port 80 is that of `services.a.listen` already',
  ]);
});

test('a cycle is named in full, from the service that the file names first, and once', () => {
  const found = mistakes(`services:
  web: { command: x, dependsOn: [orders, payments] }
  orders: { command: x, dependsOn: [payments] }
  payments: { command: x, dependsOn: [web] }
`);

  expect(found.map(({ message }) => message)).toEqual(['services wait for each other: web → orders → payments → web']);
});

test('a mistake in what an alias repeats is shown once, where it is written', () => {
  const found = mistakes('x-base: &base { comand: x }\nservices: { a: *base, b: { <<: *base }, c: *base }');

  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ code: 'unknown_key', line: 1, column: 17 });
});

test('a diagnostic reads like that of a compiler', () => {
  const error = errorOf(() => read('services:\n  web:\n    command: x\n    repliacs: 2\n'));

  expect(error?.message).toBe(
    [
      'mesh.yaml:4:5 error: unknown key `repliacs`',
      '    4 |     repliacs: 2',
      '      |     ^^^^^^^^',
      '      = did you mean `replicas`?',
    ].join('\n'),
  );
  expect(error).toMatchObject({ code: 'invalid_config', exitCode: 2 });
});

test('its parts can be painted', () => {
  const [diagnostic] = mistakes('repliacs: 2');
  const mark = (name: string) => (text: string) => `<${name}:${text}>`;
  const paint = { place: mark('p'), error: mark('e'), gutter: mark('g'), caret: mark('c'), hint: mark('h') };

  expect(formatDiagnostic(diagnostic ?? expect.fail('no mistake'), paint)).toBe(
    [
      '<p:mesh.yaml:1:1> <e:error:> unknown key `repliacs`',
      '<g:    1 |> repliacs: 2',
      '<g:      |> <c:^^^^^^^^>',
      '<g:      => <h:the keys here are `name`, `gateway`, `admin`, `registry`, `telemetry`, `defaults`, `services`, `seed`, `scenarios`, `alerts`, `$schema`>',
    ].join('\n'),
  );
});

test.each([
  [
    'after wide characters',
    'services: { "日本": {}, a: { nam: 1 } }',
    28,
    '    1 | services: { "日本": {}, a: { nam: 1 } }',
    35,
  ],
  [
    'after an emoji',
    'x-a: { "😀": 1 }\ngateway: { x-😀: 1, prot: 1 }',
    20,
    '    2 | gateway: { x-😀: 1, prot: 1 }',
    26,
  ],
  ['after an accent of its own', '"e\u0301": { <<: 1 }', 13, undefined, 0],
])('columns count characters, and the caret stands below its own: %s', (_, text, column, line, indent) => {
  const found = mistakes(text).at(-1);

  expect(found).toMatchObject({ column });
  if (line === undefined) return;
  const [, source, caret] = formatDiagnostic(found ?? expect.fail('no mistake')).split('\n');
  expect(source).toBe(line);
  expect(caret?.indexOf('^')).toBe('      | '.length + indent - 6);
});

test.each([
  ['CRLF line ends', 'name: a\r\nservices:\r\n  web:\r\n    repliacs: 2\r\n'],
  ['a byte order mark', '\ufeffname: a\nservices:\n  web:\n    repliacs: 2\n'],
  ['no line end at the end', 'name: a\nservices:\n  web:\n    repliacs: 2'],
])('a file with %s has its mistakes at the same place', (_, text) => {
  expect(mistakes(text)).toMatchObject([
    { line: 4, column: 5, endColumn: 13, source: { text: '    repliacs: 2', start: 4, length: 8 } },
  ]);
});

test('of a line that is too long to show, the part around the mistake is shown', () => {
  const before = `services: { b: { command: "${'x'.repeat(5_000)}", `;
  const [diagnostic] = mistakes(`${before}repliacs: 1 } }`);
  const lines = formatDiagnostic(diagnostic ?? expect.fail('no mistake')).split('\n');

  expect(diagnostic).toMatchObject({ column: before.length + 1 });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
  const at = lines[2]?.indexOf('^') ?? 0;
  expect(lines[1]?.slice(at, at + 8)).toBe('repliacs');
});

test('what a file says reaches the terminal as text, never as a command to it', () => {
  const message = errorOf(() => read('"\\e[2Jx": 1\nname: "\\u202e"\n"\u200bgateway": {}'))?.message ?? '';

  expect(message).toContain('unknown key `\\x1b[2Jx`');
  expect(/[\u200b\u202e]/.test(message)).toBe(false);
});

test('a thousand mistakes are all in the data, and the first fifty in the message', () => {
  const error = errorOf(() => read(Array.from({ length: 1_000 }, (_, index) => `k${index}: 1`).join('\n')));

  expect(error).toBeInstanceOf(ConfigError);
  expect(error?.diagnostics).toHaveLength(1_000);
  expect(error?.message).toContain('k49');
  expect(error?.message).not.toContain('k50`');
  expect(error?.message).toMatch(/… and 950 more$/);
});

test.each([
  'admin: { port: 80, token: correct-horse-battery, oops: 1 }',
  'admin: { token: "correct-horse-battery", oops: 1 }',
  "admin: { oops: 1, 'token': 'correct-horse-battery' }",
])('a token is not shown beside a mistake: %s', (text) => {
  const [found] = mistakes(text);

  expect(found?.source?.text).not.toContain('horse');
  expect(found?.source?.text).toHaveLength(text.length);
});

test('a token that came from the environment is not repeated', () => {
  const message = errorOf(() => read('admin: { token: "${SECRET}" }', { SECRET: 'hunter2' }))?.message ?? '';

  expect(message).toContain('8 to 256 characters');
  expect(message).not.toContain('hunter2');
});
