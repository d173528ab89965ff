import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/diagnostic.js';
import { loadFile } from '../../src/config/load.js';
import { MeshError } from '../../src/foundation/errors.js';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-source-'));
  file = join(folder, 'mesh.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

async function failure(path: string): Promise<MeshError> {
  const error = await loadFile(path, {}).catch((thrown: unknown) => thrown);
  return error instanceof MeshError ? error : expect.fail(`no MeshError: ${error}`);
}

test('a file is read, and its folder names the mesh', async () => {
  await writeFile(file, '\ufeffservices: { a: { command: x, directory: sub } }\r\n');

  const snapshot = await loadFile(file, {});

  expect(snapshot).toMatchObject({ file, directory: folder });
  expect(snapshot.name).toMatch(/^mesh-source-/);
  expect(snapshot.services.get('a')?.process?.directory).toBe(join(folder, 'sub'));
});

test('a file that is not there says so, and how to get one', async () => {
  const error = await failure(file);

  expect(error).toMatchObject({ code: 'config_not_found', exitCode: 2 });
  expect(error.message).toContain(file);
  expect(error.hint).toContain('mesh init');
});

test.each<[string, (path: string) => Promise<unknown>, string]>([
  ['an empty file', (path) => writeFile(path, ''), 'it is empty'],
  ['a file of blanks', (path) => writeFile(path, ' \n\n'), 'it is empty'],
  ['a file in Latin-1', (path) => writeFile(path, Buffer.from('name: caf\xe9', 'latin1')), 'it is not UTF-8 text'],
  ['a file in UTF-16', (path) => writeFile(path, Buffer.from('\ufeffname: a', 'utf16le')), 'it is not UTF-8 text'],
  ['a file of more than 1 MiB', (path) => writeFile(path, `#${' '.repeat(1_048_576)}`), 'it is larger than 1 MiB'],
])('%s gets one clear line', async (_, write, reason) => {
  await write(file);

  const error = await failure(file);

  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ code: 'config_unreadable', exitCode: 2 });
  expect(error.message.split('\n')[0]).toBe(`${file}: error: the mesh file cannot be read: ${reason}`);
});

test('a directory gets one clear line', async () => {
  expect((await failure(folder)).message.split('\n')[0]).toBe(
    `${folder}: error: the mesh file cannot be read: it is a directory`,
  );
});

test('a path through a file is no mesh file', async () => {
  await writeFile(file, 'name: a');

  expect(await failure(join(file, 'mesh.yaml'))).toMatchObject({ code: 'config_not_found' });
});

test('a file of exactly 1 MiB is read', async () => {
  await writeFile(file, `name: a\n#${' '.repeat(1_048_576 - 10)}\n`);

  expect(await loadFile(file, {})).toMatchObject({ name: 'a' });
});

test('a file of 50 MB is refused, and never read whole', async () => {
  await writeFile(file, '');
  await truncate(file, 50_000_000);
  const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;

  expect((await failure(file)).message).toContain('larger than 1 MiB');
  expect(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
});

test.skipIf(process.platform === 'win32')('an endless file is not read to its end', async () => {
  expect((await failure('/dev/zero')).message).toContain('larger than 1 MiB');
});

/** Root may read everything, and Windows has other permissions. */
const cannotForbid = process.platform === 'win32' || process.getuid?.() === 0;

test.skipIf(cannotForbid)('a file that may not be read says so', async () => {
  await writeFile(file, 'name: a', { mode: 0o000 });

  expect((await failure(file)).message).toContain('you may not read it');
});
