import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { isGroupAlive, signalGroup } from '../../src/supervisor/process-group.js';

test('a group lives for as long as one of its processes does, even without its leader', async () => {
  const leader = spawn('/bin/sh', ['-c', 'sleep 600 & exit 0'], { detached: true, stdio: 'ignore' });
  const group = leader.pid ?? 0;
  await once(leader, 'exit');
  expect(isGroupAlive(group)).toBe(true);

  signalGroup(group, 'SIGTERM');

  await vi.waitFor(() => expect(isGroupAlive(group)).toBe(false));
  signalGroup(group, 'SIGKILL');
});

test.runIf(process.platform === 'linux')('a group of zombies is dead, though signals still reach it', async () => {
  // The parent becomes a program that never asks how its child has ended.
  const parent = spawn('/bin/sh', ['-c', 'setsid sleep 0.1 & echo $!; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(parent.stdout, 'data');
  const group = Number(line);
  await vi.waitFor(() => expect(isGroupAlive(group)).toBe(true));

  await vi.waitFor(() => expect(isGroupAlive(group)).toBe(false));

  expect(process.kill(-group, 0)).toBe(true);
  parent.kill('SIGKILL');
});
