import { mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../../src/telemetry/access-log/log-file.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-log-'));
});

afterEach(() => rm(folder, { recursive: true }));

function logOf(maxSize: number, maxFiles: number, name = 'access.log'): LogFile {
  return new LogFile({ path: join(folder, name), maxSize, maxFiles });
}

async function write(log: LogFile, text: string): Promise<void> {
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(await log.append(rest));
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await textOf(name)])));
}

function textOf(name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8');
}

test('a file that is full is moved along, and the oldest goes', async () => {
  const log = logOf(8, 3);
  await write(log, 'one\ntwo\nthree\nfour\n5\n6\nseven\neight\n');
  await log.close();

  expect(await contents()).toEqual({
    'access.log': 'eight\n',
    'access.log.1': '6\nseven\n',
    'access.log.2': 'four\n5\n',
  });
});

test('of one file, only the newest lines stay', async () => {
  const log = logOf(8, 1);
  await write(log, 'one\ntwo\nthree\n');
  await log.close();

  expect(await contents()).toEqual({ 'access.log': 'three\n' });
});

test('whatever the sizes, lines stay whole, in order, and in files that are not too large', async () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', ' '), maxLength: 12 }).map((text) => `${text}\n`);
  const batches = fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { maxLength: 4 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: 1, max: 40 }), async (all, maxSize) => {
      const subfolder = `run-${run++}`;
      const log = logOf(maxSize, 1_000, `${subfolder}/access.log`);
      await log.open();
      for (const batch of all) await write(log, batch.join(''));
      await log.close();
      const files = (await readdir(join(folder, subfolder))).sort(byAge);
      const texts = await Promise.all(files.map((name) => textOf(`${subfolder}/${name}`)));
      expect(texts.join('')).toBe(all.flat().join(''));
      for (const text of texts) {
        const isOneLine = text.indexOf('\n') === text.length - 1;
        expect(Buffer.byteLength(text) <= maxSize || isOneLine).toBe(true);
      }
    }),
    { numRuns: 20 },
  );
});

test('a file that was moved away is opened anew', async () => {
  const log = logOf(Infinity, 5);
  await write(log, 'one\n');
  await rename(join(folder, 'access.log'), join(folder, 'yesterday.log'));
  await write(log, 'two\n');
  await log.close();

  expect(await contents()).toEqual({ 'access.log': 'two\n', 'yesterday.log': 'one\n' });
});

test('a file that was cut has room again', async () => {
  const log = logOf(8, 5);
  await write(log, 'one\ntwo\n');
  await truncate(join(folder, 'access.log'));
  await write(log, 'three\n');
  await log.close();

  expect(await contents()).toEqual({ 'access.log': 'three\n' });
});

test('what an earlier mesh wrote stays, and counts', async () => {
  const earlier = logOf(8, 5);
  await write(earlier, 'one\n');
  await earlier.close();
  const log = logOf(8, 5);
  await write(log, 'two\n');
  await write(log, 'three\n');
  await log.close();

  expect(await contents()).toEqual({ 'access.log': 'three\n', 'access.log.1': 'one\ntwo\n' });
});

test('a link stays a link, and the file behind it is moved along', async () => {
  await symlink(join(folder, 'real.log'), join(folder, 'link.log'));
  const log = logOf(8, 2, 'link.log');
  await write(log, 'one\ntwo\nthree\n');
  await log.close();

  expect(await contents()).toEqual({ 'link.log': 'three\n', 'real.log': 'three\n', 'real.log.1': 'one\ntwo\n' });
});

test('the folder is made, and only its owner reads the log', async () => {
  const log = logOf(8, 2, 'logs/of/access.log');
  await log.open();
  await log.close();

  expect((await stat(join(folder, 'logs/of/access.log'))).mode & 0o777).toBe(0o600);
});

test.runIf(process.platform === 'linux')('a full disk is an error', async () => {
  const log = new LogFile({ path: '/dev/full', maxSize: 8, maxFiles: 2 });
  await expect(log.append(Buffer.from('one\n'))).rejects.toMatchObject({ code: 'ENOSPC' });
  await log.close();
});

function byAge(one: string, other: string): number {
  const numberOf = (name: string) => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
  return numberOf(other) - numberOf(one);
}
