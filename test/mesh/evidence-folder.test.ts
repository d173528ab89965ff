import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/clock.js';
import { EvidenceFolder } from '../../src/mesh/evidence-folder.js';

const at = Date.UTC(2026, 0, 1, 12, 0, 0, 5);

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mesh-evidence-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function keeping(path = join(directory, 'alerts')) {
  const warnings: string[] = [];
  const files: string[] = [];
  const folder = new EvidenceFolder(path, { clock: systemClock, warn: (message) => warnings.push(message) });
  const write = (name: string, service = 'orders', firedAt = at, text = '{}') =>
    folder.write({ name, service }, firedAt, text, (file) => files.push(file));
  return { folder, write, warnings, files };
}

test('what was found is in a file of its own, for its owner alone', async () => {
  const { folder, write, files } = keeping();

  write('orders are failing', 'orders', at, '{"a":1}');
  await folder.close();

  const file = join(directory, 'alerts', '2026-01-01T12-00-00-005Z-orders-are-failing-orders.json');
  expect(files).toEqual([file]);
  expect(await readFile(file, 'utf8')).toBe('{"a":1}\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'alerts'))).mode & 0o777).toBe(0o700);
});

test.each([
  ['../../etc/passwd', 'etc-passwd'],
  ['..', ''],
  ['a\u0000b\\c:d*e?"<>|f\n', 'a-b-c-d-e-f'],
  ['Größer als 5 %', 'gr-er-als-5'],
  ['遅い', ''],
  ['CON', 'con'],
  ['x'.repeat(300), 'x'.repeat(60)],
])('no name leads elsewhere: %j', async (name, slug) => {
  const { folder, write } = keeping();

  write(name);
  await folder.close();

  const expected = ['2026-01-01T12-00-00-005Z', slug, 'orders.json'].filter((part) => part !== '').join('-');
  expect(await readdir(join(directory, 'alerts'))).toEqual([expected]);
});

test('alerts whose names differ in signs alone do not write over one another', async () => {
  const { folder, write, files } = keeping();

  write('p99 > 1s');
  write('p99 < 1s');
  write('p99 = 1s');
  await folder.close();

  expect(new Set(files).size).toBe(3);
});

test('nor do they where each fires for several services at once', async () => {
  const { folder, write, files } = keeping();

  for (const name of ['🔥', '💥']) for (const service of ['orders', 'web']) write(name, service);
  await folder.close();

  expect(new Set(files).size).toBe(4);
  expect(await readdir(join(directory, 'alerts'))).toHaveLength(4);
});

test('the newest fifty are kept, over all runs, and what is not its own is left alone', async () => {
  const path = join(directory, 'alerts');
  await mkdir(path);
  await writeFile(join(path, 'notes.json'), '{}');
  await writeFile(join(path, '2025-01-01T00-00-00-000Z-old-orders.json'), '{}');
  await writeFile(join(path, '2025-01-01T00-00-00-001Z-half-orders.json.tmp'), '{');
  for (let count = 0; count < 52; count++) {
    const { folder, write } = keeping();
    write('a', 'orders', at + count);
    await folder.close();
  }

  const names = await readdir(path);
  expect(names).toHaveLength(51);
  expect(names).toContain('notes.json');
  expect(names.filter((name) => name !== 'notes.json').sort()[0]).toBe('2026-01-01T12-00-00-007Z-a-orders.json');
});

test('a folder that cannot be written is told once, and again after it could be', async () => {
  await writeFile(join(directory, 'alerts'), 'a file in its place');
  const { folder, write, warnings, files } = keeping();
  write('one');
  write('two');
  await folder.close();
  expect(warnings).toEqual([expect.stringMatching(/^what is found when alerts fire is not saved: Cannot write /)]);
  expect(files).toEqual([]);

  await rm(join(directory, 'alerts'));
  write('three');
  await folder.close();
  expect(files).toHaveLength(1);
  await rm(join(directory, 'alerts'), { recursive: true });
  await writeFile(join(directory, 'alerts'), 'once more');
  write('four');
  await folder.close();
  expect(warnings).toHaveLength(2);
});

test('what could not be written takes no room', async () => {
  const path = join(directory, 'alerts');
  const inTheWay = '2026-01-01T12-00-00-005Z-a-orders.json';
  await mkdir(join(path, inTheWay, 'more'), { recursive: true });
  const { folder, write, warnings } = keeping();

  write('a');
  await folder.close();

  expect(warnings).toHaveLength(1);
  expect(await readdir(path)).toEqual([inTheWay]);
});

test('twenty wait for a slow disk, and no more', async () => {
  const { folder, write, warnings, files } = keeping();

  for (let count = 0; count < 25; count++) write('a', 'orders', at + count);
  await folder.close();

  expect(files).toHaveLength(20);
  expect(warnings).toEqual([expect.stringContaining('the disk is too slow')]);
});
