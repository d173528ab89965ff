import { spawn } from 'node:child_process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ProcessMeter } from '../../src/supervisor/process-numbers.js';
import type { ProcessState, ProcessStatus } from '../../src/supervisor/supervisor.js';

const testLinux = test.skipIf(process.platform !== 'linux');

/** A shell that runs Node and waits for it, in a group of their own: as a program of the mesh. */
function spawnGroup(program: string): number {
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" -e "${program}"; true`], { detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error('no shell');
  onTestFinished(() => void process.kill(-pid, 'SIGKILL'));
  return pid;
}

function status(state: ProcessState, restarts = 0): ProcessStatus {
  return { service: 'orders', replica: 'orders-1', state, restarts, crashLooping: false, lastLines: () => [] };
}

const ready = (pid: number): ProcessState => ({ kind: 'ready', pid, port: undefined });
const busy = 'for (;;);';
const idle = 'setInterval(() => {}, 1000)';
const megabyte = 1_024 * 1_024;

testLinux('what a program takes is told with what it has started, and over its restarts', async () => {
  const meter = new ProcessMeter();
  const first = spawnGroup(busy);
  const read = (state: ProcessState) => meter.read([status(state)])[0];
  await vi.waitFor(() => expect(read(ready(first))?.cpuSeconds).toBeGreaterThan(0.3), 20_000);
  expect(read(ready(first))?.residentBytes).toBeGreaterThan(20 * megabyte); // Node's, and not the shell's

  const before = read(ready(first))?.cpuSeconds ?? Number.NaN;
  const second = spawnGroup(idle);
  expect(read(ready(second))?.cpuSeconds).toBeGreaterThanOrEqual(before);
  expect(read({ kind: 'stopped' })).toMatchObject({ cpuSeconds: expect.any(Number), residentBytes: undefined });
  expect(read({ kind: 'stopped' })?.cpuSeconds).toBeGreaterThanOrEqual(before);
});

test('what was never seen to run has no numbers but its restarts', () => {
  const [numbers] = new ProcessMeter().read([status({ kind: 'failed', reason: 'no such file' }, 3)]);

  expect(numbers).toEqual({
    service: 'orders',
    replica: 'orders-1',
    restarts: 3,
    cpuSeconds: undefined,
    residentBytes: undefined,
  });
});
