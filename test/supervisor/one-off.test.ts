import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/foundation/clock.js';
import type { OneOff } from '../../src/supervisor/one-off.js';
import { runOneOff } from '../../src/supervisor/one-off.js';

const node = `'${process.execPath}'`;

function running(command: string, changes: Partial<OneOff> = {}, signal = new AbortController().signal) {
  const lines: string[] = [];
  const oneOff: OneOff = {
    command,
    directory: tmpdir(),
    environment: { PATH: process.env.PATH ?? '', GREETING: 'hello' },
    input: 'what it reads',
    clock: systemClock,
    onLine: (text) => lines.push(text),
    ...changes,
  };
  return { lines, end: runOneOff(oneOff, signal) };
}

test('a command is given its input and its environment, and nothing else; what it prints is told in lines', async () => {
  const { lines, end } = running('cat; echo; echo "$GREETING $HOME."; echo oops >&2');

  expect(await end).toEqual({ kind: 'code', code: 0 });
  expect(lines.filter((line) => line !== 'oops')).toEqual(['what it reads', 'hello .']);
  expect(lines).toContain('oops');
});

test.each([
  ['exit 3', { kind: 'code', code: 3 }],
  ['kill -9 $$', { kind: 'signal', signal: 'SIGKILL' }],
  ['true', { kind: 'code', code: 0 }],
])('`%s` ends as %j, whether or not it reads its input', async (command, end) => {
  expect(await running(command, { input: 'x'.repeat(1_000_000) }).end).toEqual(end);
});

test('one that is not to go on is ended with all that it has started', async () => {
  const ending = new AbortController();
  const { lines, end } = running('sleep 60 & echo $!; wait', {}, ending.signal);
  await expect.poll(() => lines).toHaveLength(1);

  ending.abort();

  expect(await end).toEqual({ kind: 'signal', signal: 'SIGTERM' });
  await expect.poll(() => isThere(Number(lines[0]))).toBe(false); // once init has taken notice of it
});

test('what it has started is given a moment to leave in good order, as it is itself', async () => {
  const ending = new AbortController();
  const tidy = `trap 'sleep 0.1; echo tidied; exit' TERM; echo ready; while :; do sleep 0.05; done`;
  const { lines, end } = running(`sh -c "${tidy}" & wait`, {}, ending.signal);
  await expect.poll(() => lines).toEqual(['ready']);

  ending.abort();

  expect(await end).toEqual({ kind: 'signal', signal: 'SIGTERM' });
  expect(lines).toContain('tidied');
});

test('one that does not heed SIGTERM is killed', async () => {
  const ending = new AbortController();
  const { lines, end } = running("trap '' TERM; echo ready; while :; do sleep 0.05; done", {}, ending.signal);
  await expect.poll(() => lines).toEqual(['ready']);

  ending.abort();

  expect(await end).toEqual({ kind: 'signal', signal: 'SIGKILL' });
});

test('what a command leaves running is ended with it', async () => {
  const { lines, end } = running('sleep 60 & echo $!');

  expect(await end).toEqual({ kind: 'code', code: 0 });
  await expect.poll(() => isThere(Number(lines[0]))).toBe(false);
});

test('one that prints without end is ended, and memory has an end, too', async () => {
  const { lines, end } = running(
    "yes 'a line of many words, so that few of them are sixty-four kibibytes ........................'",
  );

  await expect(end).rejects.toThrow('it printed more than 64KiB');
  expect(lines.join('\n').length).toBeLessThanOrEqual(64 * 1_024);
});

test('a thousand lines are enough, however short they are', async () => {
  const { lines, end } = running('yes');

  await expect(end).rejects.toThrow('it printed more than 1000 lines');
  expect(lines).toHaveLength(1_000);
});

test('a daemon that has left the group and holds the output open is not waited for', async () => {
  const daemon = `require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' })`;
  const { lines, end } = running(`${node} -e "const {pid} = ${daemon}; console.log(pid); process.exit()"; echo done`);
  try {
    expect(await end).toEqual({ kind: 'code', code: 0 });
    expect(lines).toEqual([expect.stringMatching(/^\d+$/), 'done']);
  } finally {
    process.kill(Number(lines[0]));
  }
});

test('a folder that is not there is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-one-off-'));
  await rm(folder, { recursive: true });

  await expect(running('true', { directory: folder }).end).rejects.toThrow(`the folder ${folder} does not exist`);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
