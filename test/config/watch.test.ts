import { appendFile, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FileWatch } from '../../src/config/watch.js';
import { quietTime, watchFile } from '../../src/config/watch.js';
import { systemClock } from '../../src/foundation/clock.js';
import { ManualClock } from '../support/manual-clock.js';

let folder = '';
let file = '';
let watch: FileWatch;
const onChange = vi.fn();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-watch-'));
  file = join(folder, 'mesh.yaml');
  await writeFile(file, 'name: a');
  onChange.mockReset();
  watch = await watchFile(file, { onChange, clock: systemClock });
});

afterEach(async () => {
  await watch.close();
  await rm(folder, { recursive: true });
});

/** Resolves when so many changes have been told of. */
function changes(count: number): Promise<void> {
  return vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(count), { timeout: 5_000, interval: 5 });
}

test('a file that is written in place has changed, each time', async () => {
  await writeFile(file, 'name: b');
  await changes(1);

  await appendFile(file, '\n');
  await changes(2);
});

test('a file that an editor replaces has changed, each time', async () => {
  for (const [index, name] of ['b', 'c', 'd'].entries()) {
    await writeFile(join(folder, '.mesh.yaml.swp'), `name: ${name}`);
    await rename(join(folder, '.mesh.yaml.swp'), file);
    await changes(index + 1);
  }
});

test('an editor that moves the old file away and writes a new one is seen, and so is its next write', async () => {
  await rename(file, `${file}~`);
  await writeFile(file, 'name: b');
  await changes(1);

  await writeFile(file, 'name: c');
  await changes(2);
});

test('a file that vanishes is no change, and its return is one, and so is its next write', async () => {
  const told: string[] = [];
  const other = await watchFile(join(folder, 'other.yaml'), { onChange: () => told.push('other'), clock: systemClock });
  await unlink(file);
  // A change elsewhere in the folder that is told after the removal: that one was seen, and said nothing.
  await writeFile(join(folder, 'other.yaml'), 'x');
  await vi.waitFor(() => expect(told).toEqual(['other']), { timeout: 5_000, interval: 5 });
  await other.close();
  expect(onChange).not.toHaveBeenCalled();

  await writeFile(file, 'name: b');
  await changes(1);

  await writeFile(file, 'name: c');
  await changes(2);
});

test('a burst of writes is one change, after it is quiet', async () => {
  const clock = new ManualClock();
  const quiet = vi.fn();
  const slow = await watchFile(file, { onChange: quiet, clock });
  for (const name of ['b', 'c', 'd']) {
    await writeFile(file, `name: ${name}`);
    // The other watch has the system's clock: when it tells, this one has seen the write too.
    await vi.waitFor(() => expect(onChange).toHaveBeenCalled(), { timeout: 5_000, interval: 5 });
    onChange.mockClear();
    expect(clock.pending).toBe(1);
    clock.advance(quietTime - 1);
  }
  expect(quiet).not.toHaveBeenCalled();

  clock.advance(1);
  expect(quiet).toHaveBeenCalledTimes(1);
  expect(clock.pending).toBe(0);
  await slow.close();
});

test('other files of the folder are nobody’s business', async () => {
  const told: string[] = [];
  const other = await watchFile(join(folder, 'other.yaml'), { onChange: () => told.push('other'), clock: systemClock });
  await writeFile(join(folder, 'mesh.yaml.bak'), 'x');
  await writeFile(join(folder, 'other.yaml'), 'x');
  await vi.waitFor(() => expect(told).toEqual(['other']), { timeout: 5_000, interval: 5 });
  await other.close();

  expect(onChange).not.toHaveBeenCalled();
});

test.skipIf(process.platform === 'win32')('a mesh file that is a link is watched where it points', async () => {
  const link = join(folder, 'linked.yaml');
  await symlink(file, link);
  const followed = vi.fn();
  const linked = await watchFile(link, { onChange: followed, clock: systemClock });

  await writeFile(file, 'name: b');
  await vi.waitFor(() => expect(followed).toHaveBeenCalledTimes(1), { timeout: 5_000, interval: 5 });
  await linked.close();
});

test('after it is closed nothing follows, not even of a change that was seen', async () => {
  const clock = new ManualClock();
  const late = vi.fn();
  const closed = await watchFile(file, { onChange: late, clock });
  await writeFile(file, 'name: b');
  await changes(1);
  expect(clock.pending).toBe(1);
  await closed.close();
  clock.advance(quietTime);

  expect(late).not.toHaveBeenCalled();
});
