// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { describe, expect, test } from 'vitest';
import { grpcStatusNames } from '../../src/config/grpc-status.js';
import type { FaultConfig, FaultMatch, ShapingConfigs } from '../../src/config/shaping-configs.js';
import { mistakes, read, readService } from './read.js';

/** What a service says of how its traffic is shaped, and what the mesh makes of it, in full. */
const good: ReadonlyArray<readonly [string, Partial<ShapingConfigs>]> = [
  ['{}', { rateLimit: undefined, concurrency: undefined, bandwidth: undefined, faults: [] }],
  [
    '{ rateLimit: 100/s }',
    { rateLimit: { rate: 100, burst: 1, by: { kind: 'service' }, excess: 'delay', maxDelay: 2_000 } },
  ],
  [
    '{ rateLimit: { rate: 30/m, burst: 20, by: client, maxDelay: 500ms } }',
    { rateLimit: { rate: 0.5, burst: 20, by: { kind: 'client' }, excess: 'delay', maxDelay: 500 } },
  ],
  [
    '{ rateLimit: { rate: 36/h, by: caller, excess: reject } }',
    { rateLimit: { rate: 0.01, burst: 1, by: { kind: 'caller' }, excess: 'reject', maxDelay: 0 } },
  ],
  [
    '{ rateLimit: { rate: "${RATE}", by: header:X-User } }',
    { rateLimit: { rate: 7, burst: 1, by: { kind: 'header', name: 'x-user' }, excess: 'delay', maxDelay: 2_000 } },
  ],
  [
    '{ rateLimit: { rate: 1/s, by: cookie:User } }',
    { rateLimit: { rate: 1, burst: 1, by: { kind: 'cookie', name: 'User' }, excess: 'delay', maxDelay: 2_000 } },
  ],
  ['{ concurrency: 50 }', { concurrency: { limit: 50, queue: 100, maxWait: 1_000, priorityHeader: undefined } }],
  [
    '{ concurrency: adaptive }',
    { concurrency: { limit: 'adaptive', queue: 100, maxWait: 1_000, priorityHeader: undefined } },
  ],
  [
    '{ concurrency: { limit: "${LIMIT}", queue: 0, maxWait: 5s, priority: { header: X-Priority } } }',
    { concurrency: { limit: 9, queue: 0, maxWait: 5_000, priorityHeader: 'x-priority' } },
  ],
  ['{ bandwidth: { up: 64KiB/s } }', { bandwidth: { up: 65_536, down: undefined, per: 'exchange' } }],
  [
    '{ bandwidth: { up: 1B/s, down: 1MiB/s, per: service } }',
    { bandwidth: { up: 1, down: 1_048_576, per: 'service' } },
  ],
  ['{ faults: [] }', { faults: [] }],
];

test.each(good)('a service that says %s is understood', (text, shaping) => {
  const service = readService('a', `services: { a: ${text}, web: {} }`, { RATE: '7/s', LIMIT: '9' });

  const asked = Object.keys(shaping).map((key) => [key, Reflect.get(service, key)]);
  expect(Object.fromEntries(asked)).toEqual(shaping);
});

const everyAttempt: FaultMatch = {
  path: undefined,
  method: undefined,
  headers: {},
  caller: undefined,
  version: undefined,
  instance: undefined,
};

const effects: ReadonlyArray<readonly [string, FaultConfig['effect']]> = [
  ['delay: 300ms', { kind: 'delay', time: 300, jitter: 0, distribution: 'uniform' }],
  ['delay: 300ms, jitter: 300ms', { kind: 'delay', time: 300, jitter: 300, distribution: 'uniform' }],
  [
    'delay: 0, jitter: 1s, distribution: exponential',
    { kind: 'delay', time: 0, jitter: 1_000, distribution: 'exponential' },
  ],
  [
    'delay: 1s, jitter: 2s, distribution: normal',
    { kind: 'delay', time: 1_000, jitter: 2_000, distribution: 'normal' },
  ],
  ['abort: 503', { kind: 'abort', status: 503 }],
  ['abort: "${STATUS}"', { kind: 'abort', status: 429 }],
  ['abort: grpc:14', { kind: 'grpc-abort', grpcStatus: 14 }],
  ['reset: before-head', { kind: 'reset', after: undefined }],
  ['reset: 10KiB', { kind: 'reset', after: 10_240 }],
  ['reset: 0', { kind: 'reset', after: 0 }],
  ['throttle: 64KiB/s', { kind: 'throttle', rate: 65_536 }],
  ['slowClose: 2s', { kind: 'slow-close', time: 2_000 }],
  ['truncate: 1KiB', { kind: 'truncate', after: 1_024 }],
  ['corrupt: 0.1%', { kind: 'corrupt', share: 0.001 }],
  ['blackhole: true', { kind: 'blackhole' }],
  ['mock: {}', { kind: 'mock', answer: { status: 200, headers: {}, body: { kind: 'text', text: '' } } }],
  [
    'mock: { status: 418, headers: { X-A: 1 }, body: "${BODY} $${x}" }',
    { kind: 'mock', answer: { status: 418, headers: { 'X-A': '1' }, body: { kind: 'text', text: 'tea ${x}' } } },
  ],
  [
    'mock: { file: answers/empty.json }',
    { kind: 'mock', answer: { status: 200, headers: {}, body: { kind: 'file', file: '/shop/answers/empty.json' } } },
  ],
];

test.each(effects)('the fault { %s } is understood, and met by every attempt', (text, effect) => {
  const { faults } = readService('a', `services: { a: { faults: [{ ${text} }] } }`, { STATUS: '429', BODY: 'tea' });

  expect(faults).toEqual([{ effect, percentage: 1, match: everyAttempt }]);
});

test('every status of gRPC has a number and a name', () => {
  const names = grpcStatusNames.map((name, number) => `{ abort: grpc:${name} }, { abort: grpc:${number} }`);
  const { faults } = readService('a', `services: { a: { faults: [${names.join(', ')}] } }`);

  expect(faults.map(({ effect }) => effect)).toEqual(
    grpcStatusNames.flatMap((_, grpcStatus) => [
      { kind: 'grpc-abort', grpcStatus },
      { kind: 'grpc-abort', grpcStatus },
    ]),
  );
  expect(grpcStatusNames).toHaveLength(17);
});

test('a fault is for those that it asks for, in one form', () => {
  const { faults } = readService(
    'a',
    `
services:
  a:
    faults:
      - blackhole: true
        percentage: 12.5%
        match: { path: /pay/, method: post, headers: { X-A: B }, caller: web, version: 1.10, instance: "[::1]:80" }
      - { blackhole: true, match: { caller: anonymous, instance: a-1 } }
  web: {}
`,
  );

  expect(faults).toMatchObject([
    {
      percentage: 0.125,
      match: {
        path: '/pay',
        method: 'POST',
        headers: { 'x-a': 'B' },
        caller: 'web',
        version: '1.10',
        instance: '[::1]:80',
      },
    },
    { percentage: 1, match: { caller: 'anonymous', instance: 'a-1' } },
  ]);
});

test.each(['high', 'normal', 'low', undefined])('a route gives its requests the priority %s', (priority) => {
  const more = priority === undefined ? '' : `, priority: ${priority}`;

  expect(readService('a', `services: { a: { routes: [{ path: /x${more} }] } }`).routes).toMatchObject([{ priority }]);
});

describe('under defaults', () => {
  const defaults = `
defaults:
  rateLimit: { rate: 100/s, burst: 20, by: client, maxDelay: 5s }
  concurrency: { limit: adaptive, queue: 7, priority: { header: x-p } }
  bandwidth: { up: 1KiB/s, per: service }
`;

  test('each service, and one that the file does not name, gets what they say, merged one level deep', () => {
    const { services, unlisted } = read(`${defaults}
services:
  plain: {}
  own: { rateLimit: 5/s, concurrency: { limit: 3, maxWait: 2s }, bandwidth: { down: 2KiB/s } }
  rejecting: { rateLimit: { rate: 5/s, excess: reject } }
`);
    const below = {
      rateLimit: { rate: 100, burst: 20, by: { kind: 'client' }, excess: 'delay', maxDelay: 5_000 },
      concurrency: { limit: 'adaptive', queue: 7, maxWait: 1_000, priorityHeader: 'x-p' },
      bandwidth: { up: 1_024, down: undefined, per: 'service' },
    };

    expect(unlisted).toMatchObject({ ...below, faults: [] });
    expect(services.get('plain')).toMatchObject(below);
    expect(services.get('own')).toMatchObject({
      rateLimit: { ...below.rateLimit, rate: 5 },
      concurrency: { limit: 3, queue: 7, maxWait: 2_000, priorityHeader: 'x-p' },
      bandwidth: { up: 1_024, down: 2_048, per: 'service' },
    });
    expect(services.get('rejecting')).toMatchObject({
      rateLimit: { rate: 5, burst: 20, excess: 'reject', maxDelay: 0 },
    });
  });

  test.each(['rateLimit', 'concurrency', 'bandwidth'] as const)(
    'a service switches off %s, and nothing else of what they say',
    (key) => {
      const { services, unlisted } = read(`${defaults}services: { a: { ${key}: false }, b: {} }`);

      expect(unlisted[key]).toBeDefined();
      expect(services.get('a')).toEqual({ ...services.get('b'), name: 'a', [key]: undefined });
    },
  );

  test.each(['rateLimit: 5/s', 'concurrency: 5', 'bandwidth: { up: 1B/s }'])(
    'what is switched off in the defaults leaves { %s } of a service as it is',
    (text) => {
      const services = `services: { a: { ${text} }, b: {} }`;

      expect(read(`defaults: { ${text.split(':')[0]}: false }\n${services}`)).toEqual(read(services));
    },
  );

  test('faults are a service’s own affair', () => {
    expect(mistakes('defaults: { faults: [] }')).toMatchObject([{ code: 'unknown_key' }]);
  });
});

/** One mistake each, in a service `a` beside `web`: code, the text that is pointed at, message, hint. */
const bad: ReadonlyArray<readonly [string, string, string, string, string?]> = [
  ['rateLimit: 100', 'invalid_value', '100', 'a rate such as `100/s`', 'did you mean `100/s`?'],
  ['rateLimit: fast', 'invalid_value', 'fast', 'a rate such as `100/s`'],
  ['rateLimit: 0/s', 'invalid_value', '0/s', 'a rate such as `100/s`'],
  ['rateLimit: true', 'invalid_value', 'true', 'a rate such as `100/s`, a mapping with `rate`, or `false`'],
  ['rateLimit: []', 'invalid_value', 'rateLimit', 'a mapping with `rate`, or `false`'],
  ['rateLimit: {}', 'invalid_value', 'rateLimit', 'a rate such as `100/s`'],
  ['rateLimit: { burst: 5 }', 'invalid_value', 'rateLimit', 'a rate such as `100/s`, `30/m` or `0.5/s`, found nothing'],
  ['rateLimit: { rate: 5 }', 'invalid_value', '5', 'a rate such as `100/s`', 'did you mean `5/s`?'],
  ['rateLimit: { rate: 5/d }', 'invalid_value', '5/d', 'a rate such as `100/s`'],
  ['rateLimit: { rate: 5/s, brust: 5 }', 'unknown_key', 'brust', 'unknown key', '`burst`'],
  ['rateLimit: { rate: 5/s, burst: 0 }', 'invalid_value', '0', 'from 1 to 1000000'],
  ['rateLimit: { rate: 5/s, by: cleint }', 'invalid_value', 'cleint', '`header:NAME` or `cookie:NAME`', '`client`'],
  ['rateLimit: { rate: 5/s, by: header }', 'invalid_value', 'header', '`header:NAME`', 'did you mean `header:NAME`?'],
  ['rateLimit: { rate: 5/s, by: "cookie:a b" }', 'invalid_value', '"cookie:a b"', '`cookie:NAME`'],
  ['rateLimit: { rate: 5/s, excess: dely }', 'invalid_value', 'dely', 'one of `delay`, `reject`', '`delay`'],
  ['rateLimit: { rate: 5/s, maxDelay: 0 }', 'invalid_value', '0', 'a duration'],
  [
    'rateLimit: { rate: 5/s, excess: reject, maxDelay: 1s }',
    'contradiction',
    'maxDelay',
    'means nothing beside `excess: reject`',
  ],
  ['concurrency: 0', 'invalid_value', '0', 'a whole number from 1 to 1000000, or `adaptive`'],
  ['concurrency: adaptiv', 'invalid_value', 'adaptiv', 'or `adaptive`', 'did you mean `adaptive`?'],
  [
    'concurrency: true',
    'invalid_value',
    'true',
    'a number such as `50`, `adaptive`, a mapping with `limit`, or `false`',
  ],
  ['concurrency: { queue: 5 }', 'invalid_value', 'concurrency', 'or `adaptive`, found nothing'],
  ['concurrency: { limit: adaptve }', 'invalid_value', 'adaptve', 'or `adaptive`', 'did you mean `adaptive`?'],
  ['concurrency: { limit: 5, queue: -1 }', 'invalid_value', '-1', 'from 0 to 1000000'],
  ['concurrency: { limit: 5, maxwait: 1s }', 'unknown_key', 'maxwait', 'unknown key', '`maxWait`'],
  ['concurrency: { limit: 5, priority: {} }', 'invalid_value', 'priority', 'the name of a header field'],
  ['concurrency: { limit: 5, priority: x-p }', 'invalid_value', 'x-p', 'a mapping with keys such as `header`'],
  ['bandwidth: {}', 'contradiction', 'bandwidth', '`up`, `down` or both are needed here'],
  ['bandwidth: { per: service }', 'contradiction', 'bandwidth', '`up`, `down` or both are needed here'],
  ['bandwidth: 64KiB/s', 'invalid_value', '64KiB/s', 'a mapping with `up`, `down` or both, or `false`'],
  ['bandwidth: { down: 64KiB }', 'invalid_value', '64KiB', 'bytes per second', 'did you mean `64KiB/s`?'],
  ['bandwidth: { down: 64KB/s }', 'invalid_value', '64KB/s', 'bytes per second, such as `64KiB/s`'],
  ['bandwidth: { up: 0B/s }', 'invalid_value', '0B/s', 'bytes per second'],
  ['bandwidth: { up: 1B/s, per: client }', 'invalid_value', 'client', '`exchange`, `service`'],
  ['faults: { delay: 1s }', 'invalid_value', 'faults', 'a list of faults'],
  ['faults: [delay]', 'invalid_value', 'delay', 'a mapping with keys such as `delay` and `jitter`'],
  ['faults: false', 'invalid_value', 'false', 'a list of faults'],
  ['faults: [{ percentage: 5% }]', 'contradiction', '{ percentage: 5% }', 'one of `delay`, `abort`'],
  ['faults: [{ delay: 1s, abort: 503 }]', 'contradiction', 'abort', 'either `delay` or `abort`, not both'],
  ['faults: [{ blackhole: true, mock: {} }]', 'contradiction', 'mock', 'either `blackhole` or `mock`, not both'],
  ['faults: [{ abrot: 503 }]', 'unknown_key', 'abrot', 'unknown key', 'did you mean `abort`?'],
  ['faults: [{ delay: 5 }]', 'invalid_value', '5', 'a duration', 'did you mean `5s`?'],
  ['faults: [{ abort: 503, jitter: 1s }]', 'contradiction', 'jitter', '`jitter` belongs to `delay`, not to `abort`'],
  [
    'faults: [{ mock: {}, distribution: normal }]',
    'contradiction',
    'distribution',
    '`distribution` belongs to `delay`, not to `mock`',
  ],
  ['faults: [{ delay: 1s, distribution: normal }]', 'contradiction', 'distribution', 'that of `jitter`'],
  [
    'faults: [{ delay: 1s, jitter: 1.5s }]',
    'contradiction',
    'jitter',
    '`jitter` of 1.5s is longer than the `delay` of 1s',
  ],
  ['faults: [{ delay: 1s, jitter: 1s, distribution: nromal }]', 'invalid_value', 'nromal', 'one of', '`normal`'],
  ['faults: [{ abort: 199 }]', 'invalid_value', '199', 'a status from 200 to 599'],
  ['faults: [{ abort: 600 }]', 'invalid_value', '600', 'a status from 200 to 599'],
  ['faults: [{ abort: grpc:17 }]', 'invalid_value', 'grpc:17', 'one of gRPC such as `grpc:UNAVAILABLE`'],
  ['faults: [{ abort: grpc:UNAVALABLE }]', 'invalid_value', 'grpc:UNAVALABLE', 'gRPC', 'mean `grpc:UNAVAILABLE`?'],
  ['faults: [{ abort: unavailable }]', 'invalid_value', 'unavailable', 'gRPC', 'did you mean `grpc:UNAVAILABLE`?'],
  ['faults: [{ reset: befor-head }]', 'invalid_value', 'befor-head', '`before-head`, or a size such as `10KiB`'],
  ['faults: [{ reset: 10 }]', 'invalid_value', '10', '`before-head`, or a size such as `10KiB`'],
  ['faults: [{ throttle: 64KiB }]', 'invalid_value', '64KiB', 'bytes per second', 'did you mean `64KiB/s`?'],
  ['faults: [{ slowClose: 0 }]', 'invalid_value', '0', 'a duration'],
  ['faults: [{ truncate: 1KB }]', 'invalid_value', '1KB', 'a size such as `64KiB`'],
  ['faults: [{ corrupt: 0.1 }]', 'invalid_value', '0.1', 'a percentage', 'write 10% (or 0.1%)'],
  ['faults: [{ blackhole: false }]', 'invalid_value', 'false', 'expected true'],
  ['faults: [{ mock: { body: a, file: b } }]', 'contradiction', 'file', 'either `body` or `file`, not both'],
  ['faults: [{ mock: { status: 204, body: a } }]', 'contradiction', 'body', 'an answer of status 204 has no body'],
  ['faults: [{ mock: { status: 304, file: a } }]', 'contradiction', 'file', 'an answer of status 304 has no body'],
  ['faults: [{ mock: { body: { a: 1 } } }]', 'invalid_value', 'body', 'text (JSON in quotes), found a mapping'],
  ['faults: [{ mock: { status: 100 } }]', 'invalid_value', '100', 'from 200 to 599'],
  [
    'faults: [{ mock: { headers: { Content-Length: 5 } } }]',
    'contradiction',
    'Content-Length',
    'the mesh says `Content-Length` itself',
  ],
  ['faults: [{ mock: { headers: { a: b, A: c } } }]', 'duplicate_key', 'A', 'duplicate header `A`'],
  ['faults: [{ delay: 1s, percentage: 101% }]', 'invalid_value', '101%', 'a percentage from 0% to 100%'],
  ['faults: [{ delay: 1s, match: { pth: / } }]', 'unknown_key', 'pth', 'unknown key', '`path`'],
  ['faults: [{ delay: 1s, match: { path: a } }]', 'invalid_value', 'a', 'a path prefix such as `/api`'],
  ['faults: [{ delay: 1s, match: { headers: { a: 1, A: 2 } } }]', 'duplicate_key', 'A', 'duplicate header `A`'],
  ['faults: [{ delay: 1s, match: { caller: wbe } }]', 'unknown_service', 'wbe', 'no service `wbe`', '`web`'],
  ['faults: [{ delay: 1s, match: { caller: anonymus } }]', 'unknown_service', 'anonymus', 'no service', '`anonymous`'],
  ['faults: [{ delay: 1s, match: { instance: "a b" } }]', 'invalid_value', '"a b"', 'the id or the address'],
  ['faults: [{ delay: 1s, match: { instance: "a:b" } }]', 'invalid_value', '"a:b"', 'the id or the address'],
  ['routes: [{ path: /, priority: hihg }]', 'invalid_value', 'hihg', 'one of `high`, `normal`, `low`', '`high`'],
  ['routes: [{ priority: high }]', 'contradiction', '{ priority: high }', 'a route needs a `host`'],
];

test.each(bad)('%s is a mistake, shown where it stands', (text, code, pointedAt, message, hint = '') => {
  const [found, ...others] = mistakes(`services:\n  a: { ${text} }\n  web: {}\n`);

  expect(others).toEqual([]);
  expect(found).toMatchObject({ code, line: 2 });
  expect(found?.source?.text.slice(found.source.start, found.source.start + found.source.length)).toBe(pointedAt);
  expect(found?.message).toContain(message);
  expect(found?.hint ?? '').toContain(hint);
});

test('a mistake in one fault hides none in the next, nor in the limits beside it', () => {
  const found = mistakes(
    'services: { a: { faults: [{ delay: x }, { abort: 5, percentage: y }], rateLimit: { rate: z, burst: 0 } } }',
  );

  expect(found.map(({ path }) => path)).toEqual([
    'services.a.faults[0].delay',
    'services.a.faults[1].abort',
    'services.a.faults[1].percentage',
    'services.a.rateLimit.rate',
    'services.a.rateLimit.burst',
  ]);
});

test('routes that differ in priority alone match the same', () => {
  expect(mistakes('services: { a: { routes: [{ path: /x }, { path: /x, priority: low }] } }')).toMatchObject([
    { code: 'duplicate_route' },
  ]);
});

test('traffic to a worker, whom nobody calls, is not shaped', () => {
  const keys = ['rateLimit: 1/s', 'concurrency: 1', 'bandwidth: { up: 1B/s }', 'faults: []'];
  const found = mistakes(`services: { a: { command: x, expose: false, ${keys.join(', ')} } }`);

  expect(found.map(({ path }) => path)).toEqual(keys.map((key) => `services.a.${key.split(':')[0]}`));
});

test.each([0, 42, 4_294_967_295])('the seed of chance is %d', (seed) => {
  expect(read(`seed: ${seed}`).seed).toBe(seed);
});

test('without a seed there is none', () => {
  expect(read('{}').seed).toBeUndefined();
});

test.each(['-1', '4294967296', '0.5', 'abc', 'true'])('%s is no seed', (seed) => {
  expect(mistakes(`seed: ${seed}`)).toMatchObject([
    { code: 'invalid_value', message: expect.stringContaining('a whole number from 0 to 4294967295') },
  ]);
});
