import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:process';
import type { Readable } from 'node:stream';
import type { Cancel, Clock } from '../foundation/clock.js';
import { formatSize } from '../foundation/units.js';
import { LineSplitter } from './line-splitter.js';
import { signalGroup } from './process-group.js';
import type { Exit } from './restart.js';
import { shellScript } from './shell.js';
import { stopTree } from './stop-tree.js';

export interface OneOff {
  /** Run by the shell. */
  readonly command: string;
  readonly directory: string;
  /** All of it; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it reads; whether it does is its own affair. */
  readonly input: string;
  readonly clock: Clock;
  onLine(text: string): void;
}

/** Bytes. Whoever prints more tells nobody anything, and to read on for ever would take the time of the requests. */
const longestOutput = 64 * 1_024;

/** Lines: each is news of the mesh, and costs more than its bytes. */
const mostLines = 1_000;

/** Milliseconds from SIGTERM to SIGKILL. */
const stopLimit = 1_000;

/** Milliseconds for the last output: whoever holds the pipes open longer has left the group, and is not waited for. */
const outputPatience = 500;

/**
 * Runs a command to its end, or ends it when the signal aborts. What it leaves running is ended with it, or each call would
 * leave one more.
 *
 * @throws an error whose message says in words why it does not run, or was ended
 */
export function runOneOff(oneOff: OneOff, signal: AbortSignal): Promise<Exit> {
  return new Promise((resolve, reject) => {
    const child = start(oneOff);
    const { pid } = child;
    child.once('error', (error) => reject(new Error(reasonOf(error, oneOff))));
    if (pid === undefined) return;
    let stopping: Promise<unknown> = Promise.resolve();
    const stop = () => {
      stopping = stopTree(pid, stopLimit, oneOff.clock);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    const output = new Output([child.stdout, child.stderr], oneOff.onLine, () => signalGroup(pid, 'SIGKILL'));
    child.stdin.on('error', () => {}).end(oneOff.input); // EPIPE: it does not read it
    let cancel: Cancel = () => {};
    child.once('exit', async () => {
      signal.removeEventListener('abort', stop);
      await stopping;
      signalGroup(pid, 'SIGKILL');
      cancel = oneOff.clock.after(outputPatience, () => output.close());
    });
    child.once('close', (code, killedBy) => {
      cancel();
      output.flush();
      if (output.surplus !== undefined) reject(new Error(`it printed more than ${output.surplus}`));
      else resolve(killedBy === null ? { kind: 'code', code: code ?? 0 } : { kind: 'signal', signal: killedBy });
    });
  });
}

function start({ command, directory, environment }: OneOff) {
  const isWindows = platform === 'win32';
  const [shell, parameters] = isWindows
    ? ['cmd.exe', ['/d', '/s', '/c', `"${command}"`]]
    : ['/bin/sh', ['-c', shellScript(command)]];
  return spawn(shell, parameters, {
    cwd: directory,
    env: { ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !isWindows, // it leads a group, so that all of it can be ended
    windowsHide: true,
    windowsVerbatimArguments: isWindows,
  });
}

/** What a command prints, in lines; each stream has its own, so that they do not mix within one. */
class Output {
  readonly #streams: readonly Readable[];
  readonly #splitters: LineSplitter[] = [];
  #length = 0;
  #lines = 0;

  constructor(streams: readonly Readable[], onLine: (text: string) => void, onTooLong: () => void) {
    this.#streams = streams;
    for (const stream of streams) {
      const splitter = new LineSplitter((line) => {
        if (++this.#lines <= mostLines) onLine(line);
      });
      this.#splitters.push(splitter);
      stream.on('data', (chunk: Buffer) => {
        this.#length += chunk.length;
        if (this.#length <= longestOutput) splitter.push(chunk);
        if (this.surplus !== undefined) onTooLong();
      });
    }
  }

  /** Of what there was too much, and how much there may be. */
  get surplus(): string | undefined {
    if (this.#lines > mostLines) return `${mostLines} lines`;
    return this.#length > longestOutput ? formatSize(longestOutput) : undefined;
  }

  /** Who has left the group may hold them open. */
  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  flush(): void {
    for (const splitter of this.#splitters) splitter.flush();
  }
}

/** Node says ENOENT of the shell when it is the folder that is missing. */
function reasonOf(error: NodeJS.ErrnoException, { directory }: OneOff): string {
  return error.code === 'ENOENT' && !existsSync(directory) ? `the folder ${directory} does not exist` : error.message;
}
