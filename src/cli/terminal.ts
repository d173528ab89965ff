import { writeSync } from 'node:fs';
import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline';
import { isatty, WriteStream } from 'node:tty';
import { readStat } from '../foundation/proc-stat.js';
import type { Key } from './keys.js';
import { KeyDecoder } from './keys.js';
import { isSameFile, Outlet } from './outlet.js';
import { showsUnicode, withPlainSigns } from './unicode.js';

/** One of the two streams on which a command speaks. */
export interface Output {
  /** Never waits for the reader. */
  write(text: string): void;
  /** Characters that the reader has not taken yet. */
  backlog(): number;
  /** Resolves when the reader has taken everything. */
  flushed(): Promise<void>;
  readonly isTerminal: boolean;
  /** Size in characters; 80 × 24 off a terminal, and on one that does not know. */
  columns(): number;
  rows(): number;
  /** Bits of colour that the terminal can show: 1, 4, 8 or 24. */
  colorDepth(): number;
}

/** Signals that ask a program to end, and what a shell sees when they did. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
export type EndSignal = keyof typeof signalExitCodes;

/** Everything outside that a command may touch, handed in: a test is a terminal, too. Each `on…` answers how to end it. */
export interface Terminal {
  /** Data. */
  readonly stdout: Output;
  /** Messages. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the command was called: an absolute folder. */
  readonly directory: string;
  /** A person sits there: both ends are a terminal, and it is no CI. */
  readonly isInteractive: boolean;
  /** How to start this program again. */
  readonly self: { readonly node: string; readonly script: string };
  /** Aborted when nobody reads stdout any more (`mesh top | head`), or the terminal is gone. */
  readonly closed: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds, or when the signal is aborted. Keeps the program alive meanwhile. */
  pause(milliseconds: number, signal?: AbortSignal): Promise<void>;
  isRunning(pid: number): Promise<boolean>;
  onSignal(signal: EndSignal, handler: () => void): () => void;
  onResize(handler: () => void): () => void;
  /** Lines typed, each ended with enter. */
  onLine(handler: (line: string) => void): () => void;
  /** Keys as they are pressed; Ctrl-C is one of them. */
  onKey(handler: (key: Key) => void): () => void;
  /** Somebody asks this program to stop for a while (SIGTSTP). It does not by itself as long as this is listened to. */
  onStop(handler: () => void): () => void;
  /** It was stopped, and goes on. */
  onContinue(handler: () => void): () => void;
  /** Is written to stdout when the program ends, even by an error that nobody has caught. */
  atExit(text: string): () => void;
  /** From now on, what nobody reads is not waited for at the end: others wait for the end of this program. */
  leaveUnread(): void;
  /** From now on the file to which both outputs go, opened to append, is turned over when it is full. */
  boundOutput(path: string): Promise<void>;
  /** Stops this program and those of its job, as Ctrl-Z does, and resolves when it goes on; at once where nothing could wake it. */
  suspend(): Promise<void>;
}

/** Milliseconds for a reader, at the end of a program for which others wait. */
const impatience = 1_000;

/** What only the very edge does with its terminal. */
export interface ProcessTerminal extends Terminal {
  /**
   * Resolves when all that was said has been taken by its reader; or, where that is not waited for, after a second.
   * `failure` is why some of it was lost, such as a disk that is full.
   */
  flush(): Promise<{ isDone: boolean; failure: Error | undefined }>;
}

/** The terminal of this process. */
export function processTerminal(): ProcessTerminal {
  const closed = new AbortController();
  const { stdin, env: environment } = process;
  const out = new Outlet(1, () => closed.abort());
  const err = isSameFile(1, 2) ? out : new Outlet(2, () => {});
  const stdout = outputOf(1, out, environment);
  let isPatient = true;
  return {
    stdout,
    stderr: outputOf(2, err, environment),
    environment,
    directory: process.cwd(),
    isInteractive: stdin.isTTY === true && stdout.isTerminal && !environment.CI,
    self: { node: process.execPath, script: process.argv[1] ?? '' },
    closed: closed.signal,
    now: () => Date.now(),
    pause,
    isRunning,
    onSignal: (signal, handler) => listen(process, signal, handler),
    onResize: (handler) => listen(process.stdout, 'resize', handler),
    onLine: readLines,
    onKey: readKeys,
    onStop: (handler) => listen(process, 'SIGTSTP', handler),
    onContinue: (handler) => listen(process, 'SIGCONT', handler),
    atExit,
    leaveUnread() {
      isPatient = false;
    },
    async boundOutput(path) {
      const { logLimits, OutputFile } = await import('./output-file.js'); // of all commands, one needs it
      const file = new OutputFile(1, path, logLimits);
      out.beforeWrite = (bytes) => file.makeRoomFor(bytes);
    },
    suspend,
    async flush() {
      const all = Promise.all([out.flushed(), err.flushed()]).then(() => true);
      const late = new AbortController();
      const isDone = await (isPatient ? all : Promise.race([all, pause(impatience, late.signal).then(() => false)]));
      late.abort();
      return { isDone, failure: out.failure ?? err.failure };
    },
  };
}

function outputOf(descriptor: 1 | 2, outlet: Outlet, environment: NodeJS.ProcessEnv): Output {
  // Only a terminal is asked for its size; Node's stream of a pipe or a file is not even opened.
  const screen = isatty(descriptor) && (descriptor === 1 ? process.stdout : process.stderr);
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_DISABLE_COLORS: ___, ...rest } = environment;
  const isPlain = screen !== false && !showsUnicode(environment); // a file or a pipe gets what was said, whatever the locale
  return {
    write: (text) => outlet.write(isPlain ? withPlainSigns(text) : text),
    backlog: () => outlet.backlog,
    flushed: () => outlet.flushed(),
    isTerminal: screen !== false,
    // 0 × 0 is the size of a terminal that nobody has told it: a serial line, `docker exec -t`.
    columns: () => (screen ? screen.columns : 0) || 80,
    rows: () => (screen ? screen.rows : 0) || 24,
    // Without the variables that Node would obey here: the one rule about them is in color.ts.
    colorDepth: () => (screen instanceof WriteStream ? screen.getColorDepth(rest) : 4),
  };
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal?.addEventListener('abort', finish);
  });
}

async function isRunning(pid: number): Promise<boolean> {
  const identity = await import('../supervisor/identity.js'); // of all commands, one needs it
  return identity.isRunning(pid);
}

function listen(source: NodeJS.EventEmitter, name: string, handler: () => void): () => void {
  source.on(name, handler);
  return () => {
    source.off(name, handler);
  };
}

/** Milliseconds between two looks whether a program in the background has the terminal again: bash sends no signal with `fg`. */
const backgroundPause = 500;

/** Read only while the terminal is ours: a program in the background (`mesh up &`) that reads is stopped by the system. */
function readLines(handler: (line: string) => void): () => void {
  const reader: Interface = createInterface({ input: process.stdin });
  let look: NodeJS.Timeout | undefined;
  const follow = () => {
    clearTimeout(look);
    if (isForeground()) return void reader.resume();
    reader.pause();
    look = setTimeout(follow, backgroundPause).unref();
  };
  follow();
  const unfollow = listen(process, 'SIGCONT', follow);
  reader.on('line', handler);
  return () => {
    clearTimeout(look);
    unfollow();
    reader.close();
    process.stdin.pause();
  };
}

/** The process group that has the terminal is that of this process: proc(5), `pgrp` and `tpgid`. Taken for granted where nothing tells. */
function isForeground(): boolean {
  const { 2: group, 5: foreground } = readStat(process.pid) ?? [];
  return group === foreground;
}

/** Milliseconds. A job that no shell holds is not stopped at all (POSIX: an orphaned process group), and would wait for ever. */
const stopPause = 100;

/** The whole job: the shell waits for `npx`, and not for what that has started. */
function suspend(): Promise<void> {
  return new Promise((resolve) => {
    const goOn = () => {
      clearTimeout(timer);
      process.off('SIGCONT', goOn);
      resolve();
    };
    process.on('SIGCONT', goOn);
    process.kill(0, 'SIGTSTP');
    const timer = setTimeout(goOn, stopPause);
  });
}

/** Milliseconds after which Esc is a key, and no longer the beginning of one: those of a slow line come close together, too. */
const escapePause = 50;

function readKeys(handler: (key: Key) => void): () => void {
  const { stdin } = process;
  const decoder = new KeyDecoder();
  let wait: NodeJS.Timeout | undefined;
  const onData = (data: Buffer) => {
    clearTimeout(wait);
    for (const key of decoder.feed(data)) handler(key);
    if (decoder.isWaiting) wait = setTimeout(() => decoder.flush().forEach(handler), escapePause);
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    clearTimeout(wait);
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

/** Node tells of the end before it prints what was not caught, and resets the modes of the terminal itself. */
function atExit(text: string): () => void {
  return listen(process, 'exit', () => {
    try {
      writeSync(1, text);
    } catch {
      // The terminal is gone, and needs nothing any more.
    }
  });
}
