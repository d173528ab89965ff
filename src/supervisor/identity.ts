import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:process';
import { promisify } from 'node:util';
import { readStat } from '../foundation/proc-stat.js';

/**
 * What tells a process from every other that ever had its pid: the moment of its start, on Linux in ticks since a boot
 * that has an id itself, elsewhere by `ps` to the second. Undefined when there is no such process (a zombie is none), or no
 * such knowledge (Windows).
 */
export async function identityOf(pid: number): Promise<string | undefined> {
  if (platform === 'linux') {
    const { 0: state, 19: startTime } = readStat(pid) ?? [];
    const boot = bootId();
    const isThere = startTime !== undefined && state !== 'Z';
    return isThere && boot !== undefined ? `${boot} ${startTime}` : undefined;
  }
  if (platform === 'win32') return undefined;
  const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], {
    env: { LC_ALL: 'C', TZ: 'UTC' },
  }).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}

/** Is there such a process, whosever it is? */
export async function isRunning(pid: number): Promise<boolean> {
  return platform === 'win32' ? answersSignals(pid) : (await identityOf(pid)) !== undefined;
}

/** Ticks are counted from a boot: without its id, a process of another boot might have the same. */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
