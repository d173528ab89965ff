import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccessLogConfig } from '../../../src/config/snapshot.js';
import type { Exchange } from '../../../src/exchange/exchange.js';
import { MeshError } from '../../../src/foundation/errors.js';
import type { AccessBatch } from '../../../src/telemetry/access-log/access-log.js';
import { AccessLog } from '../../../src/telemetry/access-log/access-log.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

const client = { host: '127.0.0.1', port: 50_000 };

let folder = '';
let clock = new ManualClock();
let printed: AccessBatch[] = [];
let warnings: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mesh-log-'));
  clock = new ManualClock();
  printed = [];
  warnings = [];
});

afterEach(() => rm(folder, { recursive: true }));

function logOf(config: AccessLogConfig): AccessLog {
  const log = new AccessLog({
    clock,
    print: (batch) => printed.push(batch),
    warn: (message) => warnings.push(message),
  });
  log.configure(config);
  return log;
}

function toFile(name = 'access.log', format: 'text' | 'json' = 'text'): AccessLogConfig {
  return { format, file: { path: join(folder, name), maxSize: Infinity, maxFiles: 5 } };
}

const toConsole: AccessLogConfig = { format: 'text', file: undefined };

async function begin(log: AccessLog, target: string): Promise<Exchange> {
  const exchange = exchangeOf({ target }, undefined, clock.monotonic());
  await log.layer(exchange, async () => {});
  return exchange;
}

async function request(log: AccessLog, target: string): Promise<void> {
  (await begin(log, target)).finish({ kind: 'answered', status: 200 });
}

async function targetsIn(name = 'access.log'): Promise<string[]> {
  const text = await readFile(join(folder, name), 'utf8');
  return [...text.matchAll(/orders\.localhost(\S+)/g)].map(([, target = '']) => target);
}

function printedTargets(): Array<Array<string | undefined>> {
  return printed.map(({ entries }) => entries.map((entry) => entry.request?.target));
}

test('requests of one moment are printed together, when they are over', async () => {
  const log = logOf(toConsole);
  const slow = await begin(log, '/slow');
  await request(log, '/a');
  await request(log, '/b');
  expect(printed).toEqual([]);

  clock.advance(200);
  expect(printedTargets()).toEqual([['/a', '/b']]);

  clock.advance(800);
  slow.finish({ kind: 'abandoned' });
  clock.advance(200);
  expect(printedTargets()).toEqual([['/a', '/b'], ['/slow']]);
  expect(printed[1]?.entries[0]).toMatchObject({ at: clock.now() - 200, request: { duration: 1_000 } });
});

test('many requests do not wait for the moment to pass', async () => {
  const log = logOf(toConsole);
  for (let count = 0; count < 600; count++) await request(log, `/${count}`);
  expect(printed.map(({ entries }) => entries.length)).toEqual([256, 256]);

  clock.advance(200);
  expect(printedTargets().flat()).toEqual(Array.from({ length: 600 }, (_, count) => `/${count}`));
});

test('a log that is off keeps nothing and sets no timer', async () => {
  const log = logOf({ format: 'off' });
  await request(log, '/a');
  log.turnedAway(client, { kind: 'front' }, new MeshError('bad_request'));
  expect(clock.pending).toBe(0);

  log.configure(toConsole);
  clock.advance(1_000);
  expect(printed).toEqual([]);
});

test('who never came to a request has a line, too', () => {
  const log = logOf(toConsole);
  log.turnedAway(client, { kind: 'service', service: 'orders' }, new MeshError('head_too_large'));
  clock.advance(200);

  expect(printed[0]?.entries).toMatchObject([
    { client, service: 'orders', status: 431, errorType: 'head_too_large', request: undefined },
  ]);
});

test('the end of the mesh writes down what is left', async () => {
  const log = logOf(toFile());
  await request(log, '/a');
  await log.close();
  await request(log, '/late');

  expect(await targetsIn()).toEqual(['/a']);
  expect(clock.pending).toBe(0);
});

test('a reload parts what was before from what comes after', async () => {
  const log = logOf(toFile('before.log'));
  await request(log, '/a');
  const slow = await begin(log, '/slow');
  log.configure(toFile('after.log'));
  await request(log, '/b');
  slow.finish({ kind: 'answered', status: 200 });
  log.configure(toConsole);
  await log.close();

  expect(await targetsIn('before.log')).toEqual(['/a']);
  expect(await targetsIn('after.log')).toEqual(['/b', '/slow']);
});

test('the same file under other rules keeps its order: who wrote before has finished', async () => {
  const log = logOf(toFile());
  const long = `/${'x'.repeat(8_000)}`;
  for (let count = 0; count < 200; count++) entryOfLong(log, long);
  log.configure({ format: 'text', file: { path: join(folder, 'access.log'), maxSize: 100_000_000, maxFiles: 2 } });
  await request(log, '/last');
  await log.close();

  expect((await targetsIn()).map((target) => target.length)).toEqual([...Array(200).fill(long.length), '/last'.length]);
});

test.runIf(process.platform === 'linux').each(['text', 'json'] as const)(
  'a full disk is told once, and when it is full no more, a log in %s says itself what is missing',
  async (format) => {
    const path = join(folder, 'access.log');
    await symlink('/dev/full', path);
    const log = logOf(toFile('access.log', format));
    for (let count = 0; count < 3; count++) await request(log, '/lost');
    clock.advance(200);
    await expect.poll(() => warnings).toEqual([expect.stringMatching(/access\.log is left with gaps: ENOSPC/)]);
    await unlink(path);
    await request(log, '/kept');
    await log.close();

    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(format === 'text' ? /3 lines are missing here: ENOSPC/ : /"mesh\.droppedLines":3/);
    expect(lines[1]).toContain('/kept');
    expect(warnings).toHaveLength(1);
  },
);

test.runIf(process.platform === 'linux')('what is missing at the very end is said there', async () => {
  const path = join(folder, 'access.log');
  await symlink('/dev/full', path);
  const log = logOf(toFile());
  await request(log, '/lost');
  clock.advance(200);
  await expect.poll(() => warnings).toHaveLength(1);
  await unlink(path);
  await log.close();

  expect(await readFile(path, 'utf8')).toMatch(/^\S+ - 1 line is missing here: ENOSPC[^\n]*\n$/);
});

test('a file that cannot be opened is told at the start, and once', async () => {
  await mkdir(join(folder, 'access.log')); // a folder stands in its place
  const log = logOf(toFile());
  await expect.poll(() => warnings).toEqual([expect.stringMatching(/access\.log is left with gaps: EISDIR/)]);
  await request(log, '/lost');
  await log.close();

  expect(warnings).toHaveLength(1);
});

test('a disk that is too slow is not waited for: lines are left out, counted, and the rest is whole', async () => {
  const log = logOf(toFile());
  const long = `/${'x'.repeat(8_000)}`;
  const sent = 2_000; // in one turn of the event loop no disk takes any
  for (let count = 0; count < sent; count++) entryOfLong(log, long);
  expect(warnings).toEqual([expect.stringMatching(/is left with gaps: the disk is too slow/)]);
  await log.close();

  const lines = (await readFile(join(folder, 'access.log'), 'utf8')).trimEnd().split('\n');
  const gaps = lines.flatMap((line) => /(\d+) lines are missing/.exec(line)?.[1] ?? []);
  expect(lines.length - gaps.length + gaps.reduce((sum, count) => sum + Number(count), 0)).toBe(sent);
});

test.runIf(process.platform === 'linux')('the end of the mesh does not wait for a pipe that nobody reads', async () => {
  const path = join(folder, 'access.log');
  execFileSync('mkfifo', [path]);
  const log = logOf(toFile());
  await request(log, '/lost');
  await log.close();

  expect(warnings).toEqual([expect.stringMatching(/is left with gaps: ENXIO/)]);
});

function entryOfLong(log: AccessLog, target: string): void {
  const exchange = exchangeOf({ target });
  void log.layer(exchange, async () => {});
  exchange.finish({ kind: 'answered', status: 200 });
}
