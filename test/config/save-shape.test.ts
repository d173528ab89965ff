import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/diagnostic.js';
import { saveDraft } from '../../src/config/draft.js';
import { loadText } from '../../src/config/load.js';
import { readShape } from '../../src/config/read-shape.js';
import type { ShapeChange } from '../../src/config/save-shape.js';
import { draftShape } from '../../src/config/save-shape.js';
import { shapeText } from '../../src/config/shaping-text.js';
import { anyShape } from './shapes.js';

const root = new URL('../..', import.meta.url).pathname;

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-save-'));
  file = join(folder, 'mesh.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

async function after(text: string, change: ShapeChange, service = 'orders'): Promise<string> {
  await writeFile(file, text);
  await saveDraft(await draftShape(file, service, change, {}));
  return readFile(file, 'utf8');
}

const set = (values: Record<string, unknown>): ShapeChange => ({ kind: 'set', values });
const slow = set({ faults: [{ delay: '200ms', percentage: '10%' }] });
const clear: ShapeChange = { kind: 'clear' };

test.each([
  [
    'behind the last key, before comments and blank lines',
    'services:\n  orders:   # ours\n    listen: 5001 # fixed\n\n    # the end of orders\n\n  # theirs\n  web: {}\n',
    'services:\n  orders:   # ours\n    listen: 5001 # fixed\n    faults: [{ delay: 200ms, percentage: 10% }]\n\n    # the end of orders\n\n  # theirs\n  web: {}\n',
  ],
  [
    'behind a list and a text of several lines',
    'services:\n  orders:\n    command: |\n      one\n      two\n\n  web: {}\n',
    'services:\n  orders:\n    command: |\n      one\n      two\n    faults: [{ delay: 200ms, percentage: 10% }]\n\n  web: {}\n',
  ],
  [
    'in a file that ends without a line break',
    'services:\n    orders:\n        instances:\n        - 127.0.0.1:1',
    'services:\n    orders:\n        instances:\n        - 127.0.0.1:1\n        faults: [{ delay: 200ms, percentage: 10% }]',
  ],
  [
    'with the line breaks of Windows',
    'services:\r\n  orders:\r\n    listen: 5001\r\n  web: {}\r\n',
    'services:\r\n  orders:\r\n    listen: 5001\r\n    faults: [{ delay: 200ms, percentage: 10% }]\r\n  web: {}\r\n',
  ],
  [
    'behind a byte order mark',
    '\ufeffservices:\n  orders:\n    listen: 5001\n',
    '\ufeffservices:\n  orders:\n    listen: 5001\n    faults: [{ delay: 200ms, percentage: 10% }]\n',
  ],
  [
    'into an empty mapping',
    'services: {orders: {}, web:   { }}\n',
    'services: {orders: { faults: [{ delay: 200ms, percentage: 10% }] }, web:   { }}\n',
  ],
  [
    'into a mapping in braces, with tabs in it',
    'services:\n  orders: {listen:\t5001,\t# fixed\n   \t version: "1.10"  # quoted\n  }\n',
    'services:\n  orders: {listen:\t5001,\t# fixed\n   \t version: "1.10", faults: [{ delay: 200ms, percentage: 10% }]  # quoted\n  }\n',
  ],
  [
    'into JSON',
    '{"services": {"orders": {"listen": 5001}}}',
    '{"services": {"orders": {"listen": 5001, faults: [{ delay: 200ms, percentage: 10% }]}}}',
  ],
  [
    'in place of a list',
    "services:\n  orders:\n    faults: # slow\n      - abort: 503\n      - { delay: 1s }\n\n    # five\n    version: '1.10'\n",
    "services:\n  orders:\n    faults: [{ delay: 200ms, percentage: 10% }] # slow\n\n    # five\n    version: '1.10'\n",
  ],
  [
    'in place of what is in one line, before its comment',
    'services:\n  orders: &it\n    "faults" :   [{ abort: 503 }]   # all of them\n    listen: 5001\n',
    'services:\n  orders: &it\n    "faults" : [{ delay: 200ms, percentage: 10% }]   # all of them\n    listen: 5001\n',
  ],
  [
    'in place of an alias, and its anchor stays',
    'x-slow: &slow\n  - delay: 1s\nservices:\n  orders:\n    faults: *slow\n  web:\n    faults: *slow\n',
    'x-slow: &slow\n  - delay: 1s\nservices:\n  orders:\n    faults: [{ delay: 200ms, percentage: 10% }]\n  web:\n    faults: *slow\n',
  ],
  [
    'over what a merge key gives',
    'x-base: &base { faults: [{ abort: 503 }], listen: 5001 }\nservices:\n  orders:\n    <<: *base\n    version: v1\n  web: {}\n',
    'x-base: &base { faults: [{ abort: 503 }], listen: 5001 }\nservices:\n  orders:\n    <<: *base\n    version: v1\n    faults: [{ delay: 200ms, percentage: 10% }]\n  web: {}\n',
  ],
  [
    'beside lines that a printer would fold, and keys out of order',
    `services:\n  web: { command: "${'a b '.repeat(60)}" }\n  orders:\n    version:   v1\nname:    'shop'   \n`,
    `services:\n  web: { command: "${'a b '.repeat(60)}" }\n  orders:\n    version:   v1\n    faults: [{ delay: 200ms, percentage: 10% }]\nname:    'shop'   \n`,
  ],
])('a shape is saved %s', async (_, before, wanted) => {
  expect(await after(before, slow)).toBe(wanted);
});

test('each key has its own line, and those that are not said stay as they are', async () => {
  const text = 'services:\n  orders:\n    rateLimit: 5/s # few\n    bandwidth: { up: 1KiB/s }\n';
  const values = { rateLimit: { rate: '100/s', burst: 20 }, concurrency: 50 };

  expect(await after(text, set(values))).toBe(
    'services:\n  orders:\n    rateLimit: { rate: 100/s, burst: 20 } # few\n    bandwidth: { up: 1KiB/s }\n    concurrency: 50\n',
  );
});

test.each([
  [
    'whole lines',
    'services:\n  orders:\n    rateLimit: 5/s # few\n    # five\n    listen: 5001\n    faults:\n      - abort: 503\n      - { delay: 1s } # slow\n\n  web: {}\n',
    'services:\n  orders:\n    # five\n    listen: 5001\n\n  web: {}\n',
  ],
  ['all there is', 'services:\n  orders:\n    faults:\n      - abort: 503\n', 'services:\n  orders:\n    {}\n'],
  [
    'in braces, first, between and last',
    'services: { orders: { rateLimit: 5/s, listen: 5001, concurrency: 5, version: v1, faults: [] } }\n',
    'services: { orders: { listen: 5001, version: v1 } }\n',
  ],
  [
    'in braces of several lines',
    'services:\n  orders: {\n    rateLimit: 5/s,\n    listen: 5001, # five\n    faults: []\n  }\n',
    'services:\n  orders: {\n    listen: 5001, # five\n  }\n',
  ],
  [
    'at the end of a file',
    'services:\n  orders:\n    listen: 1\n    faults: []',
    'services:\n  orders:\n    listen: 1\n',
  ],
  ['nothing', 'services:\n  orders: { listen: 5001 }\n', 'services:\n  orders: { listen: 5001 }\n'],
])('a shape is taken out: %s', async (_, before, wanted) => {
  expect(await after(before, clear)).toBe(wanted);
});

test.each([
  ['services: { web: {} }\n', slow, '`orders` does not stand under `services` of '],
  ['x: 1\n', slow, 'unknown key'],
  ['x-o: &o { listen: 5001 }\nservices:\n  orders: *o\n', slow, '`orders` is an alias in '],
  ['x-s: &s { orders: { listen: 5001 } }\nservices: *s\n', slow, '`orders` is an alias in '],
  [
    'x-s: &s { orders: { listen: 5001 } }\nservices:\n  <<: *s\n  web: {}\n',
    slow,
    '`orders` does not stand under `services` of ',
  ],
  ['services:\n  orders: &o\n    version: v1\n  web:\n    <<: *o\n', slow, 'share what `orders` says'],
  ['services:\n  orders:\n    faults: &f []\n  web:\n    faults: *f\n', slow, 'the anchor `&f`, which others name'],
  [
    'x-o: &o { faults: [{ abort: 503 }] }\nservices:\n  orders:\n    <<: *o\n',
    clear,
    '`faults` of `orders` comes from a merge key',
  ],
  ['services:\n  orders:\n    ? version\n    : v1\n', slow, 'do not begin their lines'],
  [
    'defaults: { bandwidth: { up: 1KiB/s } }\nservices:\n  orders: {}\n',
    set({ bandwidth: { down: '1KiB/s' } }),
    '`defaults` of ',
  ],
  ['services:\n  orders: {}\n', set({ faults: [{ delay: 'fast' }] }), 'faults[0].delay: expected a duration'],
  ['services:\n  orders: {}\n', set({ faults: [{ delay: '1s', match: { caller: 'wbe' } }] }), 'no service `wbe`'],
])('%j is refused, and stays as it is', async (text, change, message) => {
  await expect(after(text, change)).rejects.toThrow(message);
  expect(await readFile(file, 'utf8')).toBe(text);
});

test('a file with mistakes is refused with all of them', async () => {
  const refused = after('services:\n  orders: { listn: 1 }\n  web: { replicas: many }\n', slow);

  await expect(refused).rejects.toSatisfy(
    (error) => error instanceof ConfigError && error.diagnostics.map(({ line }) => line).join() === '2,3',
  );
});

test('what `defaults` would add to a shape is said in full', async () => {
  const text = 'defaults: { rateLimit: { rate: 1/s, burst: 7 } }\nservices:\n  orders: {}\n';
  const saved = await after(text, set({ rateLimit: '100/s' }));

  expect(saved).toContain('rateLimit: { rate: 100/s, burst: 1, by: service, excess: delay, maxDelay: 2s }');
});

test('what was said at run time is read for no variables in the file either', async () => {
  const saved = await after('services: { orders: {} }\n', set({ faults: [{ mock: { body: 'a $' + '{HOME} $ b' } }] }));

  expect(saved).toContain('{ mock: { body: "a $${HOME} $ b" } }');
});

test('a file that was changed in the meantime is left alone', async () => {
  await writeFile(file, 'services:\n  orders: {}\n');
  const draft = await draftShape(file, 'orders', slow, {});
  await writeFile(file, 'services:\n  orders: { version: v2 }\n');

  await expect(saveDraft(draft)).rejects.toMatchObject({
    code: 'file_inaccessible',
    message: expect.stringContaining('it was changed in the meantime'),
  });
  expect(await readFile(file, 'utf8')).toBe('services:\n  orders: { version: v2 }\n');
  expect(await readdir(folder)).toEqual(['mesh.yaml']);
});

test('a saved file keeps its mode and its link, and nothing is left beside it', async () => {
  const link = join(folder, 'link.yaml');
  await writeFile(file, 'services:\n  orders: {}\n');
  await chmod(file, 0o640);
  await symlink(file, link);
  await saveDraft(await draftShape(link, 'orders', slow, {}));

  expect(await readFile(file, 'utf8')).toContain('faults');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect((await readdir(folder)).sort()).toEqual(['link.yaml', 'mesh.yaml']);
});

test('the example, with all of its comments, takes a shape in one line more', async () => {
  const example = await readFile(join(root, 'mesh.example.yaml'), 'utf8');
  const saved = await after(example, slow, 'payments');
  const lines = saved.split('\n');
  const added = lines.findIndex((line) => line.includes('faults: [{ delay: 200ms'));

  expect(lines.toSpliced(added, 1).join('\n')).toBe(example);
  expect(await after(saved, clear, 'payments')).toBe(example);
});

/** The same service in ways in which people write one; `web` is a caller that faults may name. */
const layouts = [
  'services:\n  orders: {}\n  a: {}\n',
  'services: { a: {}, orders: { version: v1 } }\n',
  '# shop\r\nservices:\r\n  orders:\r\n    version: v1 # one\r\n\r\n  a: {}\r\n',
  'services:\n  a: {}\n  orders:\n    faults:\n      - delay: 1s\n    rateLimit: 7/m\n    concurrency: { limit: 3 }\n    version: v1',
];

test('any shape that is saved is there when the file is loaded, and gone when it is cleared', async () => {
  await fc.assert(
    fc.asyncProperty(anyShape, fc.constantFrom(...layouts), async (drawn, layout) => {
      const values = shapeText(drawn);
      const reading = readShape(values, folder);
      const saved = await after(layout, set(values));
      const { services } = loadText(saved, { file, directory: folder, environment: {} });
      await saveDraft(await draftShape(file, 'orders', clear, {}));
      const cleared = loadText(await readFile(file, 'utf8'), { file, directory: folder, environment: {} });

      expect(reading.kind).toBe('shape');
      expect(services.get('orders')).toMatchObject(reading.kind === 'shape' ? { ...reading.shape } : {});
      expect(cleared.services.get('orders')).toMatchObject({
        rateLimit: undefined,
        concurrency: undefined,
        bandwidth: undefined,
        faults: [],
      });
    }),
    { numRuns: 60 },
  );
});

test('what takes back a default stays, for a shape never says it', async () => {
  const text =
    'defaults: { concurrency: 40 }\nservices:\n  orders:\n    concurrency: false\n    rateLimit: 5/s # tuned\n';
  await writeFile(file, text);
  const draft = await draftShape(file, 'orders', clear, {});
  expect(draft.after).toBe('defaults: { concurrency: 40 }\nservices:\n  orders:\n    concurrency: false\n');
  expect(draft.keys).toEqual(['rateLimit']);
});
