import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { platform } from 'node:process';
import { readStat } from '../foundation/proc-stat.js';

/** A program and everything it starts: on POSIX a process group, led by the program; on Windows the tree below it. */
export type Group = number;

/** Sends a signal to every process of the group. Nobody there, or nobody of ours, is all right. */
export function signalGroup(group: Group, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (platform === 'win32') {
    // Windows has no signal that asks; a tree is ended from its root.
    spawnSync('taskkill', ['/pid', String(group), '/T', '/F'], {
      windowsHide: true,
    });
    return;
  }
  try {
    process.kill(-group, signal);
  } catch {
    // ESRCH: all have ended. EPERM: what is left belongs to another user (sudo), or to nobody any more (macOS).
  }
}

/** Does a process of the group still run, one that we may end? */
export function isGroupAlive(group: Group): boolean {
  try {
    process.kill(platform === 'win32' ? group : -group, 0);
  } catch {
    return false;
  }
  return platform !== 'linux' || hasLivingMember(group);
}

/**
 * Signal 0 also reaches zombies. A container whose first process does not reap keeps the grandchildren's for ever, and
 * each stop would wait for them in vain.
 */
function hasLivingMember(group: Group): boolean {
  if (isLivingMember(String(group), group)) return true;
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isLivingMember(name, group));
}

function isLivingMember(pid: string, group: Group): boolean {
  const [state, , processGroup] = readStat(pid) ?? [];
  return processGroup === String(group) && state !== undefined && !['Z', 'X'].includes(state);
}
