// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { diffSnapshots, formatDiff } from '../../src/config/diff.js';
import { printSnapshot, toMeshFile, withoutSecrets } from '../../src/config/print.js';
import { errorOf, mistakes, read } from './read.js';

const alerts = (list: string) => `services: { orders: {}, web: { command: x, expose: false } }\nalerts: ${list}`;

test('an alert has all that it does not say: it fires at once, for as long as it is so, and tells the terminal', () => {
  expect(read(alerts('[{ name: slow, when: p99 > 500ms }]')).alerts).toEqual([
    {
      name: 'slow',
      service: undefined,
      when: { text: 'p99 > 500ms', metric: 'p99', operator: '>', threshold: 500 },
      for: 0,
      keepFiringFor: 0,
      labels: {},
      notify: [{ kind: 'terminal' }],
    },
  ]);
});

test('and all that it says', () => {
  const text = alerts(`
  - name: down
    service: orders
    when: healthy_instances < 2
    for: 30s
    keepFiringFor: 1m
    labels: { severity: page, team: 7, who: "\${WHO}" }
    notify: [terminal, { webhook: "\${HOOK:-http://127.0.0.1:9093/x}" }, { command: "say $NAME \${NAME}" }]`);

  expect(read(text, { WHO: 'ann' }).alerts).toMatchObject([
    {
      service: 'orders',
      for: 30_000,
      keepFiringFor: 60_000,
      labels: { severity: 'page', team: '7', who: 'ann' },
      notify: [
        { kind: 'terminal' },
        { kind: 'webhook', url: 'http://127.0.0.1:9093/x' },
        { kind: 'command', command: 'say $NAME ${NAME}', directory: '/shop' },
      ],
    },
  ]);
});

/** What is meant stands between « and ». */
test.each([
  ['[{ name: a, service: «oders», when: queue > 1 }]', 'there is no service `oders`', '`orders`'],
  ['[{ name: a, service: «web», when: queue > 1 }]', '`web` is a worker: it cannot be called'],
  ['[{ name: a, when: queue > 1 }, { name: «a», when: queue > 2 }]', 'is called `a` already', 'number 1'],
  ['[{ name: a, when: error_rate > «100%» }]', '`error_rate` is never > 100%'],
  ['[{ name: a, when: success_rate <= «100%» }]', '`success_rate` is always <= 100%'],
  ['[{ name: a, when: "requests < «0/s»" }]', '`requests` is never < 0/s'],
  ['[{ name: a, when: p99 > «2m» }]', '`p99` is never > 2m'],
  ['[{ name: a, when: queue > 1, notify: [«slack»] }]', '`{ webhook: URL }` or `{ command: … }`, found `slack`'],
  ['[{ name: a, when: queue > 1, labels: { «alertname»: b } }]', '`alertname` is a label that the mesh itself gives'],
  ['[{ name: a, when: queue > 1, labels: { «service»: b } }]', '`service` is a label that the mesh itself gives'],
  ['[{ name: a, when: instances >= «0» }]', '`instances` is always >= 0'],
  ['[{ name: a, when: «budget» < 10% }]', '`budget` is that of an `slo`, and no service has one', 'slo: 99.9%'],
  ['[{ name: a, when: «burn_rate» > 2, service: orders }]', 'of an `slo`, and `orders` has none'],
  ['[{ name: a, when: queue > 1, notify: [«{}»] }]', 'one of `webhook`, `command` is needed here'],
  ['[{ name: a, when: queue > 1, notify: [{ «command»: a, webhook: "http://a" }] }]', 'not both'],
])('%s is one mistake, told at its place', (list, message, hint = '') => {
  const found = mistakes(alerts(list.replace(/[«»]/g, '')));

  const column = 'alerts: '.length + list.indexOf('«') + 1;
  const endColumn = 'alerts: '.length + list.indexOf('»');
  expect(found).toEqual([
    expect.objectContaining({ message: expect.stringContaining(message), line: 2, column, endColumn }),
  ]);
  expect(found[0]?.hint ?? '').toContain(hint);
});

test.each([
  ['where the service has one', 'services: { a: { slo: 99% }, b: {} }', 'service: a,'],
  ['where some service has one', 'services: { a: {}, b: { slo: 99% } }', ''],
  ['where `defaults` give one', 'services: { a: {} }\ndefaults: { slo: 99% }', 'service: a,'],
  ['where `defaults` give one to those that are registered', 'services: {}\ndefaults: { slo: 99% }', ''],
])('a budget can be watched %s', (_, file, service) => {
  const text = `${file}\nalerts: [{ name: x, ${service} when: budget < 10% }, { name: y, ${service} when: budget > 100% }]`;
  expect(mistakes(text).map(({ message }) => message)).toEqual(['`budget` is never > 100%']);
  expect(mistakes(text.replace('budget > 100%', 'budget < 0'))).toEqual([]);
});

test('who has switched off what `defaults` give has no budget', () => {
  const file = 'services: { a: { slo: false } }\ndefaults: { slo: 99% }';
  const [mistake] = mistakes(`${file}\nalerts: [{ name: x, service: a, when: budget < 1% }]`);
  expect(mistake?.message).toContain('`a` has none');
});

test('an slo that is wrong is one mistake, and not missed as well', () => {
  const found = mistakes('services: { a: { slo: many } }\nalerts: [{ name: x, service: a, when: budget < 1% }]');
  expect(found.map(({ message }) => message)).toEqual(['expected a percentage from 0% to 100%, found `many`']);
});

test.each([
  ['slo: 99.9%', { availability: 0.999, window: 3_600_000 }],
  ['slo: 99', { availability: 0.99, window: 3_600_000 }],
  ['slo: { availability: 99.95%, window: 90m }', { availability: 0.9995, window: 5_400_000 }],
  ['slo: false', undefined],
  ['expose: true', undefined],
])('%s', (key, slo) => {
  const snapshot = read(`services: { a: { ${key} } }`);
  expect(snapshot.services.get('a')?.slo).toEqual(slo);
  expect(read(printSnapshot(snapshot)).services.get('a')?.slo).toEqual(slo);
});

test('an slo under `defaults` holds for every service, and a service can say more or nothing', () => {
  const { services, unlisted } = read(`
defaults: { slo: { availability: 99%, window: 2h } }
services: { a: {}, b: { slo: { availability: 95% } }, c: { slo: false }, worker: { command: x, expose: false } }`);
  expect(services.get('a')?.slo).toEqual({ availability: 0.99, window: 7_200_000 });
  expect(services.get('b')?.slo).toEqual({ availability: 0.95, window: 7_200_000 });
  expect(services.get('c')?.slo).toBeUndefined();
  expect(services.get('worker')?.slo).toBeUndefined(); // nobody calls it
  expect(unlisted.slo).toEqual({ availability: 0.99, window: 7_200_000 });
});

test.each([
  ['services: { a: { slo: 100% } }', 1, 18, '100% leaves no error that could be spent'],
  ['services: { a: { slo: { availability: 100% } } }', 1, 25, '100% leaves no error'],
  ['services: { a: { slo: { availability: 0% } } }', 1, 25, '0% promises nothing'],
  ['services: { a: { slo: { availability: 99%, window: 59s } } }', 1, 44, 'a `window` of less than 1m'],
  ['services: { a: { command: x, expose: false, slo: 99% } }', 1, 45, '`slo` makes no sense here'],
])('%s is refused', (text, line, column, message) => {
  expect(mistakes(text)).toEqual([
    expect.objectContaining({ line, column, message: expect.stringContaining(message) }),
  ]);
});

test('a reload says which alerts have changed, and whose slo', () => {
  const before = read(
    'services: { a: { slo: 99% } }\nalerts: [{ name: x, when: queue > 1 }, { name: y z, when: queue > 2 }]',
  );
  const after = read(
    'services: { a: { slo: 98% } }\nalerts: [{ name: y z, when: queue > 3 }, { name: w, when: queue > 4 }]',
  );
  expect(formatDiff(diffSnapshots(before, after))).toBe('~a (slo) ~alerts (x, y z, w)');
  expect(diffSnapshots(before, before).empty).toBe(true);
  const defaults = read('services: { a: {} }\ndefaults: { slo: 99% }');
  expect(formatDiff(diffSnapshots(read('services: { a: {} }'), defaults))).toBe('~a (slo) ~defaults.slo');
});

const secret = alerts(
  '[{ name: a, when: queue > 1, notify: [{ webhook: "https://ann:hunter2@h.test/T0/s3cret?k=v" }] }]',
);

test('who logs in at a webhook is printed to nobody; where it is printed for others, the path is not either', () => {
  const snapshot = read(secret);
  expect(printSnapshot(snapshot)).toContain('webhook: https://***********@h.test/T0/s3cret?k=v');
  const [alert] = toMeshFile(withoutSecrets(snapshot)).alerts ?? [];
  expect(alert?.notify).toEqual([{ webhook: 'https://h.test/redacted' }]);
});

test.each([secret.replace('queue > 1', 'queue > x'), secret.replace('https:', 'htps:')])(
  'nor in a diagnostic: %j',
  (text) => {
    const message = errorOf(() => read(text))?.message ?? '';
    expect(message).toContain('https://***********@h.test'.replace('https', text.includes('htps') ? 'htps' : 'https'));
    expect(message).not.toMatch(/ann|hunter2/);
  },
);
