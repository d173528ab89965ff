import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { env, platform } from 'node:process';
import type { Readable } from 'node:stream';
import type { ProbeConfig } from '../../config/snapshot.js';
import { printable, shorten } from '../../foundation/text.js';
import { formatSize } from '../../foundation/units.js';
import type { ProbeResult } from '../verdict.js';
import type { Probe } from './probe.js';

/** Bytes. Whoever prints more is no check and is ended: to read on for ever would take the time of the requests. */
const longestOutput = 1024 * 1024;

/** Characters of the output that are kept: the last line is in them, as far as anybody reads it. */
const keptOutput = 1_000;

/**
 * A command that must end with 0, as Kubernetes' exec probe. HOST, PORT and INSTANCE in its environment say who is meant.
 * What it leaves running is ended with it, or each check would leave one more.
 *
 * @param instance id of the instance that is checked
 */
export function probeCommand({ command, directory }: CommandConfig, instance: string): Probe {
  return ({ host, port }, signal) =>
    new Promise((resolve) => {
      const child = start(command, directory, { ...env, HOST: host, PORT: String(port), INSTANCE: instance });
      const output = new Output([child.stdout, child.stderr], () => killGroup(child));
      const abandon = () => {
        killGroup(child);
        output.close(); // a daemon that has left the group may hold it open
      };
      signal.addEventListener('abort', abandon, { once: true });
      const finish = (result: ProbeResult) => {
        signal.removeEventListener('abort', abandon);
        resolve(result);
      };
      child.on('error', (error) => finish({ kind: 'failed', reason: notStarted(error, directory) }));
      child.on('exit', () => killGroup(child));
      child.on('close', (code, killedBy) => finish(resultOf(code ?? killedBy, output)));
    });
}

type CommandConfig = Extract<ProbeConfig, { kind: 'command' }>;

function start(command: string, directory: string, environment: NodeJS.ProcessEnv) {
  const isWindows = platform === 'win32';
  const [shell, parameters] = isWindows
    ? ['cmd.exe', ['/d', '/s', '/c', `"${command}"`]]
    : ['/bin/sh', ['-c', command]];
  return spawn(shell, parameters, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !isWindows, // it leads a group, so that all of it can be ended
    windowsHide: true,
    windowsVerbatimArguments: isWindows,
  });
}

function killGroup({ pid, exitCode }: ReturnType<typeof start>): void {
  if (pid === undefined) return;
  if (platform === 'win32') {
    // There are no groups: what has lost its root is not found any more.
    if (exitCode === null) spawnSync('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: all have ended. EPERM: what is left belongs to another user (sudo).
  }
}

/** What a command prints, of which the last line is kept. */
class Output {
  readonly #streams: readonly Readable[];
  #length = 0;
  #tail = '';

  constructor(streams: readonly Readable[], onTooLong: () => void) {
    this.#streams = streams;
    for (const stream of streams) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#length += text.length;
        this.#tail = (this.#tail + text).slice(-keptOutput);
        if (this.isTooLong) onTooLong();
      });
    }
  }

  get isTooLong(): boolean {
    return this.#length > longestOutput;
  }

  /** Made safe for a terminal, and short. */
  get lastLine(): string {
    const lines = this.#tail.trimEnd().split(/[\r\n]/);
    return shorten(printable((lines.at(-1) ?? '').trim()));
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}

/** @param end a code, or the signal by which it was ended */
function resultOf(end: number | NodeJS.Signals | null, { isTooLong, lastLine }: Output): ProbeResult {
  if (isTooLong) return { kind: 'failed', reason: `printed more than ${formatSize(longestOutput)}` };
  if (end === 0) return { kind: 'passed' };
  const how = typeof end === 'number' ? `ended with ${end}` : `ended by ${end}`;
  return { kind: 'failed', reason: lastLine === '' ? how : `${how}: ${lastLine}` };
}

/** Node says ENOENT of the shell when it is the folder that is missing. */
function notStarted(error: NodeJS.ErrnoException, directory: string): string {
  return error.code === 'ENOENT' && !existsSync(directory) ? `the folder ${directory} does not exist` : error.message;
}
