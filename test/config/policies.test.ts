import { describe, expect, test } from 'vitest';
import type { PolicyConfigs } from '../../src/config/policy-configs.js';
import { mistakes, read, readService } from './read.js';

/** What a service says of how requests to it are carried, and what the mesh makes of it. */
const good: ReadonlyArray<readonly [string, Partial<Record<keyof PolicyConfigs, unknown>>]> = [
  ['allow: [web, anonymous, a]', { allow: ['web', 'anonymous', 'a'] }],
  ['allow: []', { allow: [] }],
  ['loadBalancer: random', { loadBalancer: { policy: { kind: 'random' } } }],
  ['loadBalancer: least-request', { loadBalancer: { policy: { kind: 'least-request', choiceCount: 2 } } }],
  [
    'loadBalancer: { policy: peak-ewma, choiceCount: 5 }',
    { loadBalancer: { policy: { kind: 'peak-ewma', choiceCount: 5 } } },
  ],
  [
    'loadBalancer: { policy: ring-hash, hashOn: { header: X-User } }',
    { loadBalancer: { policy: { kind: 'ring-hash', hashOn: { kind: 'header', name: 'x-user' } } } },
  ],
  [
    'loadBalancer: { policy: maglev, hashOn: { cookie: User } }',
    { loadBalancer: { policy: { kind: 'maglev', hashOn: { kind: 'cookie', name: 'User' } } } },
  ],
  [
    'loadBalancer: { policy: maglev, hashOn: { query: "user id" } }',
    { loadBalancer: { policy: { kind: 'maglev', hashOn: { kind: 'query', name: 'user id' } } } },
  ],
  [
    'loadBalancer: { policy: maglev, hashOn: { sourceAddress: true } }',
    { loadBalancer: { policy: { kind: 'maglev', hashOn: { kind: 'source-address' } } } },
  ],
  [
    'loadBalancer: { policy: maglev, hashOn: { path: true } }',
    { loadBalancer: { policy: { kind: 'maglev', hashOn: { kind: 'path' } } } },
  ],
  [
    'loadBalancer: { slowStart: 30s, stickyCookie: shop, healthyPanicThreshold: 50% }',
    {
      loadBalancer: {
        policy: { kind: 'round-robin' },
        slowStart: 30_000,
        stickyCookie: 'shop',
        healthyPanicThreshold: 0.5,
      },
    },
  ],
  ['split: { v1: 90%, v2: 10% }', { split: { shares: { v1: 0.9, v2: 0.1 }, by: undefined } }],
  ['split: { v1: 33.3%, v2: 33.3%, v3: 33.4% }', { split: { shares: { v1: 0.333, v2: 0.333, v3: 0.334 } } }],
  ['split: { v1: 100%, v2: 0 }', { split: { shares: { v1: 1, v2: 0 } } }],
  ['split: { v1: 3, v2: 1, v3: 0 }', { split: { shares: { v1: 0.75, v2: 0.25, v3: 0 } } }],
  ['split: { 1.10: 0.5, 1.9: 0.5 }', { split: { shares: { '1.10': 0.5, 1.9: 0.5 } } }],
  ['split: { versions: 1, by: 1 }', { split: { shares: { versions: 0.5, by: 0.5 }, by: undefined } }],
  [
    'split: { versions: { v1: 90%, v2: 10% }, by: { cookie: user } }',
    { split: { shares: { v1: 0.9, v2: 0.1 }, by: { kind: 'cookie', name: 'user' } } },
  ],
  ['mirror: { version: v2 }', { mirror: { target: { kind: 'version', version: 'v2' }, percentage: 1 } }],
  [
    'mirror: { service: web, percentage: 10% }',
    { mirror: { target: { kind: 'service', service: 'web' }, percentage: 0.1 } },
  ],
  [
    'timeouts: { perTry: 500ms, idle: 5m }',
    { timeouts: { request: 15_000, perTry: 500, connect: 1_000, idle: 300_000 } },
  ],
  [
    'retries: {}',
    {
      retries: {
        attempts: 2,
        on: ['connect-failure', 'reset', 'gateway-error'],
        methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
        backoff: 25,
        budget: { percentage: 0.2, minConcurrency: 3 },
      },
    },
  ],
  ['retries: 3', { retries: { attempts: 3, on: ['connect-failure', 'reset', 'gateway-error'] } }],
  [
    'retries: { on: [5xx, retriable-4xx, refused-stream, 503], methods: [post], backoff: 0 }',
    { retries: { on: ['5xx', 'retriable-4xx', 'refused-stream', 503], methods: ['POST'], backoff: 0 } },
  ],
  ['retries: { budget: 30% }', { retries: { budget: { percentage: 0.3, minConcurrency: 3 } } }],
  ['retries: { budget: { minConcurrency: 0 } }', { retries: { budget: { percentage: 0.2, minConcurrency: 0 } } }],
  ['connectionPool: {}', { connectionPool: { maxConnections: 1_024, maxPendingRequests: 1_024 } }],
  [
    'connectionPool: { maxConnections: 1, maxPendingRequests: 0 }',
    { connectionPool: { maxConnections: 1, maxPendingRequests: 0 } },
  ],
  [
    'circuitBreaker: {}',
    {
      circuitBreaker: {
        per: 'service',
        failureRate: 0.5,
        minimumRequests: 20,
        consecutiveFailures: undefined,
        window: 10_000,
        openFor: 10_000,
        probes: 1,
      },
    },
  ],
  [
    'circuitBreaker: { consecutiveFailures: 5, per: instance }',
    { circuitBreaker: { per: 'instance', failureRate: undefined, consecutiveFailures: 5 } },
  ],
  [
    'circuitBreaker: { consecutiveFailures: 5, failureRate: 20% }',
    { circuitBreaker: { failureRate: 0.2, consecutiveFailures: 5 } },
  ],
  [
    'circuitBreaker: { consecutiveFailures: 0 }',
    { circuitBreaker: { failureRate: 0.5, consecutiveFailures: undefined } },
  ],
  [
    'outlierDetection: {}',
    {
      outlierDetection: {
        consecutive5xx: 5,
        consecutiveGatewayFailure: 0,
        interval: 10_000,
        baseEjectionTime: 30_000,
        maxEjectionTime: 300_000,
        maxEjectionPercent: 0.5,
        successRateMinimumHosts: 5,
        successRateRequestVolume: 100,
        successRateStdevFactor: 1.9,
      },
    },
  ],
  [
    'outlierDetection: { baseEjectionTime: 10m }',
    { outlierDetection: { baseEjectionTime: 600_000, maxEjectionTime: 600_000 } },
  ],
];

test.each(good)('%s is understood', (text, policies) => {
  expect(readService('a', `services: { a: { ${text} }, web: {} }`)).toMatchObject(policies);
});

test('the shares of a split sum to the whole, whatever the weights are', () => {
  for (const weights of [[1, 1, 1], [1, 2, 4, 7], [0.1, 0.2], [1_000_000, 1], Array.from({ length: 97 }, () => 3)]) {
    const versions = weights.map((weight, index) => `v${index}: ${weight}`).join(', ');
    const shares = Object.values(readService('a', `services: { a: { split: { ${versions} } } }`).split?.shares ?? {});

    // Counted in the parts that percentages are written in, for the floats themselves do not add up.
    expect(shares.reduce((sum, share) => sum + Math.round(share * 1e8), 0)).toBe(1e8);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const [index, weight] of weights.entries()) expect(shares[index]).toBeCloseTo(weight / total, 7);
  }
});

describe('under defaults', () => {
  test('each service, and one that the file does not name, gets what they say, merged one level deep', () => {
    const { services, unlisted } = read(`
defaults:
  loadBalancer: { policy: least-request, choiceCount: 3, slowStart: 10s }
  timeouts: { perTry: 1s }
  retries: { attempts: 5, budget: { minConcurrency: 9 } }
  connectionPool: { maxConnections: 9 }
  circuitBreaker: { openFor: 1s }
  outlierDetection: { consecutive5xx: 2 }
services:
  plain: {}
  own:
    loadBalancer: { choiceCount: 4 }
    timeouts: { idle: 1s }
    retries: { backoff: 1s, budget: 10% }
    connectionPool: { maxPendingRequests: 8 }
    circuitBreaker: { probes: 2 }
    outlierDetection: { consecutiveGatewayFailure: 1 }
`);
    const below = {
      loadBalancer: { policy: { kind: 'least-request', choiceCount: 3 }, slowStart: 10_000 },
      timeouts: { perTry: 1_000, idle: 0 },
      retries: { attempts: 5, backoff: 25, budget: { percentage: 0.2, minConcurrency: 9 } },
      connectionPool: { maxConnections: 9, maxPendingRequests: 1_024 },
      circuitBreaker: { failureRate: 0.5, openFor: 1_000, probes: 1 },
      outlierDetection: { consecutive5xx: 2, consecutiveGatewayFailure: 0 },
    };

    expect(unlisted).toMatchObject({ allow: undefined, split: undefined, mirror: undefined, ...below });
    expect(services.get('plain')).toMatchObject(below);
    expect(services.get('own')).toMatchObject({
      loadBalancer: { policy: { kind: 'least-request', choiceCount: 4 }, slowStart: 10_000 },
      timeouts: { perTry: 1_000, idle: 1_000 },
      retries: { attempts: 5, backoff: 1_000, budget: { percentage: 0.1, minConcurrency: 3 } },
      connectionPool: { maxConnections: 9, maxPendingRequests: 8 },
      circuitBreaker: { failureRate: 0.5, openFor: 1_000, probes: 2 },
      outlierDetection: { consecutive5xx: 2, consecutiveGatewayFailure: 1 },
    });
  });

  const everything = `
  healthCheck: { tcp: true }
  retries: 2
  connectionPool: {}
  circuitBreaker: { failureRate: 20% }
  outlierDetection: {}
`;

  test.each(['healthCheck', 'retries', 'connectionPool', 'circuitBreaker', 'outlierDetection'] as const)(
    'a service switches off %s, and nothing else of what they say',
    (key) => {
      const { services, unlisted } = read(`defaults: ${everything}services: { a: { ${key}: false }, b: {} }`);

      expect(unlisted[key]).toBeDefined();
      expect(services.get('a')).toEqual({ ...services.get('b'), name: 'a', [key]: undefined });
    },
  );

  test.each(['healthCheck: { tcp: true }', 'retries: { attempts: 3 }', 'circuitBreaker: { probes: 2 }'])(
    'what is switched off in the defaults leaves { %s } of a service as it is',
    (text) => {
      const off = `defaults: { ${text.split(':')[0]}: false }\n`;
      const services = `services: { a: { ${text} }, b: {} }`;

      expect(read(off + services)).toEqual(read(services));
    },
  );

  test('a service that switched off the circuit that nothing opens is not blamed for it', () => {
    const found = mistakes(
      'defaults: { circuitBreaker: { failureRate: 0% } }\nservices: { a: { circuitBreaker: false } }',
    );

    expect(found.map(({ path }) => path)).toEqual(['defaults.circuitBreaker']);
  });

  test('a service of another policy leaves alone what only theirs looks at', () => {
    const { services } = read(`
defaults: { loadBalancer: { policy: ring-hash, hashOn: { header: x-user }, slowStart: 1s } }
services: { a: { loadBalancer: random }, b: { loadBalancer: maglev }, c: {} }
`);

    expect(['a', 'b', 'c'].map((name) => services.get(name)?.loadBalancer.policy)).toEqual([
      { kind: 'random' },
      { kind: 'maglev', hashOn: { kind: 'header', name: 'x-user' } },
      { kind: 'ring-hash', hashOn: { kind: 'header', name: 'x-user' } },
    ]);
    expect(services.get('a')?.loadBalancer.slowStart).toBe(1_000);
  });

  test('what to hash, without a policy, is for the services that do', () => {
    const { services, unlisted } = read(`
defaults: { loadBalancer: { hashOn: { path: true } } }
services: { a: {}, b: { loadBalancer: ring-hash } }
`);

    expect(unlisted.loadBalancer.policy).toEqual({ kind: 'round-robin' });
    expect(services.get('a')?.loadBalancer.policy).toEqual({ kind: 'round-robin' });
    expect(services.get('b')?.loadBalancer.policy).toEqual({ kind: 'ring-hash', hashOn: { kind: 'path' } });
  });
});

/** One mistake each, in a service `a` beside `web` and a worker: code, the text that is pointed at, message, hint. */
const bad: ReadonlyArray<readonly [string, string, string, string, string?]> = [
  ['allow: [wbe]', 'unknown_service', 'wbe', 'there is no service `wbe`', 'did you mean `web`?'],
  ['allow: [anonymus]', 'unknown_service', 'anonymus', '`anonymus`', 'did you mean `anonymous`?'],
  ['allow: [payments]', 'unknown_service', 'payments', '`payments`', 'web, worker, anonymous'],
  ['allow: web', 'invalid_value', 'web', 'a list of callers'],
  ['loadBalancer: lest-request', 'invalid_value', 'lest-request', 'one of `round-robin`', '`least-request`'],
  ['loadBalancer: 5', 'invalid_value', '5', 'a policy such as `least-request`, or a mapping'],
  ['loadBalancer: { polic: random }', 'unknown_key', 'polic', 'unknown key `polic`', '`policy`'],
  ['loadBalancer: { policy: LEAST_REQUEST }', 'invalid_value', 'LEAST_REQUEST', 'one of', '`least-request`'],
  [
    'loadBalancer: ring-hash',
    'contradiction',
    'loadBalancer',
    '`ring-hash` needs to know',
    'hashOn: { header: x-user }',
  ],
  ['loadBalancer: { policy: maglev }', 'contradiction', 'loadBalancer', '`maglev` needs', 'policy: maglev, hashOn'],
  [
    'loadBalancer: { hashOn: { path: true } }',
    'contradiction',
    'hashOn',
    '`round-robin`',
    '`policy: ring-hash` or `maglev`',
  ],
  [
    'loadBalancer: { policy: random, choiceCount: 3 }',
    'contradiction',
    'choiceCount',
    'means nothing to the policy `random`',
    '`policy: least-request` or `peak-ewma`',
  ],
  ['loadBalancer: { policy: peak-ewma, choiceCount: 11 }', 'invalid_value', '11', 'from 2 to 10'],
  ['loadBalancer: { policy: maglev, hashOn: {} }', 'contradiction', 'hashOn', 'one of `header`, `cookie`'],
  [
    'loadBalancer: { policy: maglev, hashOn: { header: a, cookie: b } }',
    'contradiction',
    'cookie',
    'either `header` or `cookie`, not both',
  ],
  ['loadBalancer: { policy: maglev, hashOn: { heder: a } }', 'unknown_key', 'heder', '`heder`', '`header`'],
  ['loadBalancer: { policy: maglev, hashOn: { path: false } }', 'invalid_value', 'false', 'expected true'],
  ['loadBalancer: { healthyPanicThreshold: half }', 'invalid_value', 'half', 'a percentage from 0% to 100%'],
  [
    'loadBalancer: { healthyPanicThreshold: 0.5 }',
    'invalid_value',
    '0.5',
    'a percentage from 0% to 100%',
    'write 50% (or 0.5%)',
  ],
  ['mirror: { version: v2, percentage: 0.25 }', 'invalid_value', '0.25', 'a percentage', 'write 25% (or 0.25%)'],
  ['retries: { budget: 0.05 }', 'invalid_value', '0.05', 'a percentage', 'write 5% (or 0.05%)'],
  ['retries: { budget: { percentage: "00.2" } }', 'invalid_value', '"00.2"', 'a percentage', 'write 20% (or 0.2%)'],
  ['circuitBreaker: { failureRate: 0.5 }', 'invalid_value', '0.5', 'a percentage', 'write 50% (or 0.5%)'],
  ['outlierDetection: { maxEjectionPercent: 0.1 }', 'invalid_value', '0.1', 'a percentage', 'write 10% (or 0.1%)'],
  ['loadBalancer: { healthyPanicThreshold: 101 }', 'invalid_value', '101', 'a percentage from 0% to 100%'],
  ['loadBalancer: { stickyCookie: "a b" }', 'invalid_value', '"a b"', 'the name of a cookie'],
  ['split: {}', 'contradiction', 'split', 'no version gets anything'],
  ['split: { v1: 0, v2: 0% }', 'contradiction', 'split', 'no version gets anything', 'above 0'],
  ['split: { v1: 90%, v2: 5% }', 'contradiction', 'split', 'sum to 95%, not to 100%', 'weights'],
  ['split: { v1: 60%, v2: 60% }', 'contradiction', 'split', 'sum to 120%'],
  ['split: { v1: 33.3%, v2: 66.6% }', 'contradiction', 'split', 'sum to 99.9%'],
  ['split: { v1: 90%, v2: 1 }', 'contradiction', 'split', 'percentages and weights', 'or none'],
  ['split: { v1: ninety }', 'invalid_value', 'ninety', 'a percentage such as `90%`, or a weight'],
  ['split: { v1: -1 }', 'invalid_value', '-1', 'a percentage such as `90%`, or a weight'],
  ['split: { v_: 1 }', 'invalid_value', 'v_', 'a version such as `v2`'],
  ['split: v1', 'invalid_value', 'v1', 'versions and their shares'],
  ['split: { versions: { v1: x } }', 'invalid_value', 'x', 'a percentage such as `90%`, or a weight'],
  ['split: { versions: { v1: 1 }, bye: 1 }', 'unknown_key', 'bye', '`bye`', '`by`'],
  ['split: { by: { cookie: user } }', 'invalid_value', 'split', 'found nothing'],
  ['split: { versions: { v1: 1 }, by: {} }', 'contradiction', 'by', 'one of `header`'],
  ['mirror: {}', 'contradiction', 'mirror', 'one of `version`, `service` is needed'],
  ['mirror: { version: v2, service: web }', 'contradiction', 'service', 'either `version` or `service`'],
  ['mirror: { service: webb }', 'unknown_service', 'webb', 'there is no service `webb`', '`web`'],
  ['mirror: { service: a }', 'contradiction', 'a', 'cannot mirror itself', '`version`'],
  ['mirror: { service: worker }', 'contradiction', 'worker', 'cannot be called'],
  ['mirror: { version: v2, percentage: 200% }', 'invalid_value', '200%', 'a percentage from 0% to 100%'],
  ['timeouts: { perTry: soon }', 'invalid_value', 'soon', 'a duration such as'],
  ['timeouts: { request: 5 }', 'invalid_value', '5', 'a duration such as', 'did you mean `5s`?'],
  ['timeouts: { connect: 1.5 }', 'invalid_value', '1.5', 'a duration such as', 'did you mean `1.5s`?'],
  ['timeouts: { idle: "500" }', 'invalid_value', '"500"', 'a duration such as', 'did you mean `500ms`?'],
  ['retries: 0', 'invalid_value', '0', 'a whole number from 1 to 10 (or `false`)'],
  [
    'retries: often',
    'invalid_value',
    'often',
    'a number of attempts such as `2`, a mapping with `attempts`, or `false`',
  ],
  ['retries: off', 'invalid_value', 'off', 'or `false`'],
  ['retries: true', 'invalid_value', 'true', 'or `false`'],
  ['retries: { atempts: 2 }', 'unknown_key', 'atempts', '`atempts`', '`attempts`'],
  [
    'retries: { on: [connect-failed] }',
    'invalid_value',
    'connect-failed',
    'one of `connect-failure`',
    '`connect-failure`',
  ],
  ['retries: { on: [200] }', 'invalid_value', '200', 'a status from 400 to 599'],
  ['retries: { on: reset }', 'invalid_value', 'reset', 'a list of conditions'],
  ['retries: { methods: ["GET POST"] }', 'invalid_value', '"GET POST"', 'an HTTP method'],
  ['retries: { budget: much }', 'invalid_value', 'much', 'a percentage from 0% to 100%'],
  ['retries: { budget: { percent: 20% } }', 'unknown_key', 'percent', '`percent`', '`percentage`'],
  ['connectionPool: { maxConnections: 0 }', 'invalid_value', '0', 'from 1'],
  ['circuitBreaker: { failureRate: 0 }', 'contradiction', 'circuitBreaker', 'nothing opens this circuit', 'above 0'],
  ['circuitBreaker: off', 'invalid_value', 'off', '`failureRate` and `consecutiveFailures`, or `false`'],
  ['healthCheck: 0', 'invalid_value', '0', 'or `false`'],
  ['connectionPool: { maxConections: 5 }', 'unknown_key', 'maxConections', 'unknown key', '`maxConnections`'],
  ['circuitBreaker: { per: version }', 'invalid_value', 'version', '`service`, `instance`'],
  ['circuitBreaker: { window: 0 }', 'invalid_value', '0', 'a duration'],
  [
    'outlierDetection: { consecutive5xxErrors: 5 }',
    'unknown_key',
    'consecutive5xxErrors',
    'unknown key',
    '`consecutive5xx`',
  ],
  ['outlierDetection: { maxEjectionPercent: all }', 'invalid_value', 'all', 'a percentage'],
  ['outlierDetection: { successRateStdevFactor: 1900 }', 'invalid_value', '1900', 'a number from 0 to 100'],
  ['routes: [{ path: /, to: {} }]', 'invalid_value', 'to', 'a version such as `v2`'],
  ['routes: [{ to: { version: v2 } }]', 'contradiction', '{ to: { version: v2 } }', 'a route needs', '`path: /`'],
  ['routes: [{ cookies: { "a b": c } }]', 'invalid_value', '"a b"', 'the name of a cookie'],
  ['routes: [{ cookies: { a: "b;c" } }]', 'invalid_value', '"b;c"', 'the value of a cookie'],
  [
    'routes: [{ query: { a: 1, b: 2 } }, { query: { b: 2, a: 1 }, to: { version: v2 } }]',
    'duplicate_route',
    '{ query: { b: 2, a: 1 }, to: { version: v2 } }',
    '`services.a.routes[0]`',
  ],
  [
    'routes: [{ cookies: { a: 1, b: 2 } }, { cookies: { b: 2, a: 1 } }]',
    'duplicate_route',
    '{ cookies: { b: 2, a: 1 } }',
    '`services.a.routes[0]`',
  ],
];

test.each(bad)('%s is a mistake, shown where it stands', (text, code, pointedAt, message, hint = '') => {
  const [found, ...others] = mistakes(`services:
  a: { ${text} }
  web: {}
  worker: { command: x, expose: false }
`);

  expect(others).toEqual([]);
  expect(found).toMatchObject({ code, line: 2 });
  expect(found?.source?.text.slice(found.source.start, found.source.start + found.source.length)).toBe(pointedAt);
  expect(found?.message).toContain(message);
  expect(found?.hint ?? '').toContain(hint);
});

test.each([
  ['{ loadBalancer: ring-hash }', 'needs to know'],
  ['{ loadBalancer: { policy: random, hashOn: { path: true } } }', 'means nothing'],
  ['{ circuitBreaker: { failureRate: 0% } }', 'nothing opens'],
])('the defaults %s are a mistake, once', (defaults, message) => {
  expect(mistakes(`defaults: ${defaults}\nservices: { a: {}, b: {} }`).map((found) => found.message)).toEqual([
    expect.stringContaining(message),
  ]);
});

test.each(['allow', 'split', 'mirror'])('%s is a service’s own affair', (key) => {
  expect(mistakes(`defaults: { ${key}: {} }`)).toMatchObject([{ code: 'unknown_key' }]);
});

test('a mistake in one key of a policy hides none in the next', () => {
  const found = mistakes(
    'services: { a: { loadBalancer: { policy: rnd, slowStrt: 1s, choiceCount: 1 }, retries: { attempts: x, on: [x, 7] } } }',
  );

  expect(found.map(({ path }) => path)).toEqual([
    'services.a.loadBalancer.policy',
    'services.a.loadBalancer.slowStrt',
    'services.a.loadBalancer.choiceCount',
    'services.a.retries.attempts',
    'services.a.retries.on[0]',
    'services.a.retries.on[1]',
  ]);
});

test('a mistake in the defaults brings none with it in the services that build on them', () => {
  const found = mistakes(`
defaults: { loadBalancer: { policy: ring-hash, hashOn: { header: "a b" } } }
services: { a: { loadBalancer: { policy: maglev } } }
`);

  expect(found).toMatchObject([{ code: 'invalid_value', path: 'defaults.loadBalancer.hashOn.header' }]);
});

test('keys of requests are refused for a worker, whom nobody calls', () => {
  const keys = [
    'allow: []',
    'loadBalancer: random',
    'split: { v1: 1 }',
    'mirror: { version: v2 }',
    'timeouts: { idle: 1s }',
    'retries: 2',
    'connectionPool: {}',
    'circuitBreaker: {}',
    'outlierDetection: {}',
    'healthCheck: false',
  ];
  const found = mistakes(`services: { a: { command: x, expose: false, ${keys.join(', ')} } }`);

  expect(found.map(({ path }) => path)).toEqual(keys.map((key) => `services.a.${key.split(':')[0]}`));
});

test('a route for a cookie, a parameter or another version is not that of the whole host', () => {
  const route = (more: string) => `services: { a: { routes: [{ host: b.localhost, ${more} }] }, b: {} }`;

  expect(mistakes(route('cookies: { beta: 1 }'))).toEqual([]);
  expect(mistakes(route('query: { beta: 1 }'))).toEqual([]);
  expect(mistakes(route('to: { version: v2 }'))).toMatchObject([{ code: 'duplicate_route' }]);
});
