import { appendFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outlet } from '../../src/cli/outlet.js';
import type { OutputFileLimits } from '../../src/cli/output-file.js';
import { OutputFile } from '../../src/cli/output-file.js';

let folder = '';
let opened: FileHandle | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-output-'));
});

afterEach(async () => {
  await opened?.close();
  opened = undefined;
  await rm(folder, { recursive: true });
});

/** A file that is open to append, as the mesh in the background has its own, and what writes to it. */
async function begin(limits: OutputFileLimits) {
  const path = join(folder, 'mesh.log');
  opened = await open(path, 'a', 0o600);
  const outlet = new Outlet(opened.fd, () => {});
  const file = new OutputFile(opened.fd, path, limits);
  outlet.beforeWrite = (bytes) => file.makeRoomFor(bytes);
  const write = async (...texts: string[]) => {
    for (const text of texts) {
      outlet.write(text);
      await outlet.flushed();
    }
  };
  return { path, outlet, write, handle: opened };
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

test('an output that is full is kept under a number, and the oldest goes', async () => {
  const { write } = await begin({ maxSize: 8, maxFiles: 3 });
  await write('one\n', 'two\n', 'three\n', 'four\n', '5\n', '6\n', 'seven\n', 'eight\n');
  expect(await contents()).toEqual({
    'mesh.log': 'eight\n',
    'mesh.log.1': '6\nseven\n',
    'mesh.log.2': 'four\n5\n',
  });
});

test('it stays the same file: the last words of Node itself stand in it, behind what was written since', async () => {
  const { write, path, handle } = await begin({ maxSize: 8, maxFiles: 2 });
  const { ino } = await stat(path);
  await write('one\ntwo\n', 'three\n');
  await handle.appendFile('Uncaught\n');
  expect(await contents()).toEqual({ 'mesh.log': 'three\nUncaught\n', 'mesh.log.1': 'one\ntwo\n' });
  expect((await stat(path)).ino).toBe(ino);
  expect((await stat(`${path}.1`)).mode & 0o777).toBe(0o600);
});

test('what Node itself has written is turned over with the rest', async () => {
  const { write, handle } = await begin({ maxSize: 8, maxFiles: 2 });
  await write('one\n');
  await handle.appendFile('a warning\n');
  await write('two\n', 'three\n');
  expect(await contents()).toEqual({ 'mesh.log': 'three\n', 'mesh.log.1': 'one\na warning\ntwo\n' });
});

test('nothing is lost that Node itself writes while the file is turned over', async () => {
  const { outlet, path } = await begin({ maxSize: 16 * 1_024 ** 2, maxFiles: 2 });
  outlet.write(`${'x'.repeat(16 * 1_024 ** 2 - 1)}\n`);
  await outlet.flushed();
  let isOver = false;
  outlet.write('one\n');
  const over = outlet.flushed().then(() => {
    isOver = true;
  });
  let count = 0;
  while (!isOver) {
    appendFileSync(path, `warning ${count++}\n`);
    await turn();
  }
  await over;
  const { 'mesh.log.1': full = '', 'mesh.log': current = '' } = await contents();
  const told = (full + current).split('\n').filter((line) => line.startsWith('warning'));
  expect(told).toEqual(Array.from({ length: count }, (_, at) => `warning ${at}`));
  expect(full).toMatch(/^x+\n/);
  expect(current).toMatch(/^one$/m);
});

test('one that is long already is turned over with the first line', async () => {
  await writeFile(join(folder, 'mesh.log'), 'of before\n');
  const { write } = await begin({ maxSize: 8, maxFiles: 2 });
  await write('one\n');
  expect(await contents()).toEqual({ 'mesh.log': 'one\n', 'mesh.log.1': 'of before\n' });
});

test('what is written in one turn stays together, in order, however much it is', async () => {
  const { outlet } = await begin({ maxSize: 100, maxFiles: 100 });
  const lines = Array.from({ length: 500 }, (_, at) => `line ${at}\n`);
  for (const [at, line] of lines.entries()) {
    outlet.write(line);
    if (at % 7 === 0) await outlet.flushed();
  }
  await outlet.flushed();
  const files = Object.entries(await contents());
  const inOrder = files.sort(([left], [right]) => numberOf(right) - numberOf(left));
  expect(inOrder.map(([, text]) => text).join('')).toBe(lines.join(''));
  expect(files.length).toBeGreaterThan(40);
  for (const [, text] of files) expect(text.length).toBeLessThanOrEqual(100);
});

test('one that somebody else has moved away is left alone', async () => {
  const { write, path } = await begin({ maxSize: 8, maxFiles: 3 });
  await write('one\ntwo\n');
  await rename(path, `${path}.old`);
  await writeFile(path, 'another\n');
  await write('three\n');
  expect(await contents()).toEqual({ 'mesh.log': 'another\n', 'mesh.log.old': 'one\ntwo\nthree\n' });
});

test('where it cannot be turned over it grows, and is tried again', async () => {
  const { write, path } = await begin({ maxSize: 8, maxFiles: 2 });
  await mkdir(`${path}.1`);
  await write('one\ntwo\n', 'three\n');
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\nthree\n');
  await rm(`${path}.1`, { recursive: true });
  await write('four\n');
  expect(await contents()).toEqual({ 'mesh.log': 'four\n', 'mesh.log.1': 'one\ntwo\nthree\n' });
});

function numberOf(name: string): number {
  return Number(name.split('.')[2] ?? 0);
}
