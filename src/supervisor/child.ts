import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { platform } from 'node:process';
import type { Readable } from 'node:stream';
import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import { LineSplitter } from './line-splitter.js';
import type { OutputLine } from './output.js';
import { Pace } from './pace.js';
import type { Group } from './process-group.js';
import type { Exit } from './restart.js';
import { shellScript } from './shell.js';

export interface ChildSpec {
  /** Run by the shell. */
  readonly command: string;
  readonly directory: string;
  /** All of it; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  onLine(stream: OutputLine['stream'], text: string): void;
}

/** A program that runs, leading a process group of its own: Ctrl-C in the terminal is the mesh's to pass on. */
export interface Child {
  readonly pid: number;
  /** Its id is the pid of its leader. */
  readonly group: Group;
  /** Resolves when the program has ended; its children may still run, and print. */
  readonly exited: Promise<Exit>;
  /** Takes what is left in the pipes; to be called when the group has ended. */
  closeOutput(): Promise<void>;
}

/** Milliseconds for the last output: whoever holds the pipes open longer has left the group, and is not waited for. */
const outputPatience = 500;

/** Resolves in the same turn when the program runs. Rejects with an error whose message says in words why it does not. */
export async function spawnChild(spec: ChildSpec): Promise<Child> {
  const isWindows = platform === 'win32';
  const [shell, parameters] = isWindows
    ? ['cmd.exe', ['/d', '/s', '/c', `"${spec.command}"`]]
    : ['/bin/sh', ['-c', shellScript(spec.command)]];
  const child = spawn(shell, parameters, {
    cwd: spec.directory,
    env: { ...spec.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: !isWindows, // a group of its own; on Windows it would be a console window of its own
    windowsHide: true,
    windowsVerbatimArguments: isWindows,
  });
  const streams = [
    readLines(child.stdout, spec.clock, (text) => spec.onLine('stdout', text)),
    readLines(child.stderr, spec.clock, (text) => spec.onLine('stderr', text)),
  ];
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { kind: 'code', code: code ?? 0 } : { kind: 'signal', signal }),
    );
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = await once(child, 'error'); // Node tells of a failed spawn one turn later
    throw new Error(reasonOf(error, spec));
  }
  return {
    pid,
    group: pid,
    exited,
    async closeOutput() {
      for (const stream of streams) stream.hurry();
      const done = new AbortController();
      await Promise.race([closed, pause(spec.clock, outputPatience, done.signal)]);
      done.abort();
      for (const stream of streams) stream.close();
    },
  };
}

interface LineReader {
  /** Nobody prints any more: what is left comes at once. */
  hurry(): void;
  close(): void;
}

function readLines(stream: Readable, clock: Clock, tell: (text: string) => void): LineReader {
  const splitter = new LineSplitter(tell);
  const pace = new Pace(stream, clock);
  stream.on('data', (chunk: Buffer) => pace.took(chunk.length, splitter.push(chunk)));
  return {
    hurry: () => pace.end(),
    close() {
      stream.destroy();
      splitter.flush();
    },
  };
}

/** Node says ENOENT of the shell when it is the folder that is missing. */
function reasonOf(error: NodeJS.ErrnoException, { directory }: ChildSpec): string {
  return error.code === 'ENOENT' && !existsSync(directory) ? `the folder ${directory} does not exist` : error.message;
}
