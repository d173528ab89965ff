import { expect, test } from 'vitest';
import { mistakes, read } from './read.js';

const services = 'services: { a: {}, web: {}, worker: { command: x, expose: false } }';

test('a scenario is its steps in the order of their times, and of the file where they are the same', () => {
  const { scenarios } = read(`${services}
scenarios:
  black-friday:
    - { at: 1m, clear: all }
    - { at: 0s, service: a, fault: { delay: 200ms } }
    - { at: 10s, service: web, faults: [{ abort: 503 }, { blackhole: true }], rateLimit: 5/s }
    - { at: 10s, service: a, concurrency: 3, bandwidth: { down: 1KiB/s } }
    - { at: 0, clear: web }
  empty: []
`);

  expect([...scenarios.keys()]).toEqual(['black-friday', 'empty']);
  expect(scenarios.get('black-friday')).toMatchObject({
    name: 'black-friday',
    steps: [
      { at: 0, action: { kind: 'shape', service: 'a', shape: { faults: [{ effect: { kind: 'delay', time: 200 } }] } } },
      { at: 0, action: { kind: 'clear', service: 'web' } },
      {
        at: 10_000,
        action: {
          service: 'web',
          shape: { faults: [{ effect: { kind: 'abort' } }, { effect: { kind: 'blackhole' } }], rateLimit: { rate: 5 } },
        },
      },
      { at: 10_000, action: { service: 'a', shape: { concurrency: { limit: 3 }, bandwidth: { down: 1_024 } } } },
      { at: 60_000, action: { kind: 'clear', service: undefined } },
    ],
  });
});

test('a step says nothing of the keys that it does not name', () => {
  const { scenarios } = read(`${services}\nscenarios: { s: [{ at: 0, service: a, rateLimit: 5/s }] }`);

  const [step] = scenarios.get('s')?.steps ?? [];
  expect(step?.action.kind === 'shape' && Object.keys(step.action.shape)).toEqual(['rateLimit']);
});

test('that a service meets no faults at all is something to say', () => {
  const { scenarios } = read(`${services}\nscenarios: { s: [{ at: 0, service: a, faults: [] }] }`);

  expect(scenarios.get('s')?.steps).toEqual([
    { at: 0, action: { kind: 'shape', service: 'a', shape: { faults: [] } } },
  ]);
});

test('without scenarios there are none', () => {
  expect(read('{}').scenarios).toEqual(new Map());
});

/** One mistake each, in a step: code, the text that is pointed at, message, hint. */
const bad: ReadonlyArray<readonly [string, string, string, string, string?]> = [
  ['{ service: a, faults: [] }', 'invalid_value', '{ service: a, faults: [] }', 'a duration such as', ''],
  ['{ at: 5, clear: all }', 'invalid_value', '5', 'a duration', 'did you mean `5s`?'],
  ['{ at: 0 }', 'contradiction', '{ at: 0 }', 'one of `service`, `clear` is needed here'],
  ['{ at: 0, clear: a, service: a, faults: [] }', 'contradiction', 'clear', 'either `service` or `clear`, not both'],
  ['{ at: 0, service: a }', 'contradiction', '{ at: 0, service: a }', 'one of `fault`, `rateLimit`'],
  ['{ at: 0, clear: a, rateLimit: 1/s }', 'contradiction', 'rateLimit', '`rateLimit` needs a `service`'],
  ['{ at: 0, service: a, fault: { delay: 1s }, faults: [] }', 'contradiction', 'faults', 'either `fault` or `faults`'],
  ['{ at: 0, service: aa, faults: [] }', 'unknown_service', 'aa', 'there is no service `aa`', '`a`'],
  ['{ at: 0, service: worker, faults: [] }', 'contradiction', 'worker', '`worker` is a worker: it cannot be called'],
  ['{ at: 0, clear: every }', 'unknown_service', 'every', 'there is no service `every`', 'a, web, worker, all'],
  ['{ at: 0, service: a, fault: {} }', 'contradiction', 'fault', 'one of `delay`, `abort`'],
  [
    '{ at: 0, service: a, fault: { delay: 1s, match: { caller: wbe } } }',
    'unknown_service',
    'wbe',
    'no service',
    '`web`',
  ],
  ['{ at: 0, service: a, faults: [{ delay: 1s, match: { caller: x } }] }', 'unknown_service', 'x', 'no service `x`'],
  ['{ at: 0, service: a, rateLimit: false }', 'invalid_value', 'false', 'a rate such as `100/s`, or a mapping'],
  ['{ at: 0, service: a, concurrency: false }', 'invalid_value', 'false', '`adaptive`, or a mapping with `limit`'],
  ['{ at: 0, service: a, bandwidth: false }', 'invalid_value', 'false', 'a mapping with keys such as `up` and `down`'],
  ['{ at: 0, service: a, retries: 2 }', 'unknown_key', 'retries', 'unknown key `retries`', 'the keys here are `at`'],
];

test.each(bad)('the step %s is a mistake, shown where it stands', (step, code, pointedAt, message, hint = '') => {
  const found = mistakes(`${services}\nscenarios: { s: [${step}] }`);

  // A key that is unknown leaves nothing to be said of the service.
  const [first, ...others] = found.filter((diagnostic) => code !== 'unknown_key' || diagnostic.code === 'unknown_key');
  expect(others).toEqual([]);
  expect(first).toMatchObject({ code, line: 2 });
  expect(first?.source?.text.slice(first.source.start, first.source.start + first.source.length)).toBe(pointedAt);
  expect(first?.message).toContain(message);
  expect(first?.hint ?? '').toContain(hint);
});

test.each(['Black_Friday', 'a.b', '-a', 'a'.repeat(64)])('%s is no name of a scenario', (name) => {
  expect(mistakes(`scenarios: { ${name}: [] }`)).toMatchObject([
    { code: 'invalid_value', message: expect.stringContaining('the name of a scenario: a DNS label') },
  ]);
});

test('a service that is broken is not missed by a scenario as well', () => {
  const found = mistakes('services: { a: { replicas: x } }\nscenarios: { s: [{ at: 0, service: a, faults: [] }] }');

  expect(found.map(({ path }) => path)).toEqual(['services.a.replicas']);
});
