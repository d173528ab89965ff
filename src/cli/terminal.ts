import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline';
import type { WriteStream } from 'node:tty';

/** One of the two streams on which a command speaks. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Size in characters; 80 × 24 off a terminal. */
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
  onKey(handler: (key: string) => void): () => void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const closed = new AbortController();
  const { stdin, env: environment } = process;
  return {
    stdout: outputOf(process.stdout, environment, () => closed.abort()),
    stderr: outputOf(process.stderr, environment, () => {}),
    environment,
    directory: process.cwd(),
    isInteractive: stdin.isTTY === true && process.stdout.isTTY === true && !environment.CI,
    self: { node: process.execPath, script: process.argv[1] ?? '' },
    closed: closed.signal,
    now: () => Date.now(),
    pause,
    isRunning,
    onSignal: (signal, handler) => listen(process, signal, handler),
    onResize: (handler) => listen(process.stdout, 'resize', handler),
    onLine: readLines,
    onKey: readKeys,
  };
}

function outputOf(stream: WriteStream, environment: NodeJS.ProcessEnv, onClosed: () => void): Output {
  let isClosed = false;
  // EPIPE of a closed pipe, EIO of a terminal that went away: no reason to end with a stack trace.
  stream.on('error', () => {
    isClosed = true;
    onClosed();
  });
  const { NO_COLOR: _, FORCE_COLOR: __, NODE_DISABLE_COLORS: ___, ...rest } = environment;
  return {
    write(text) {
      if (!isClosed) stream.write(text);
    },
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
    // Without the variables that Node would obey here: the one rule about them is in color.ts.
    colorDepth: () => (stream.isTTY ? stream.getColorDepth(rest) : 4),
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

function readLines(handler: (line: string) => void): () => void {
  const reader: Interface = createInterface({ input: process.stdin });
  reader.on('line', handler);
  return () => {
    reader.close();
    process.stdin.pause();
  };
}

function readKeys(handler: (key: string) => void): () => void {
  const { stdin } = process;
  const onData = (data: Buffer) => {
    for (const key of data.toString()) handler(key);
  };
  stdin.setRawMode(true);
  stdin.on('data', onData);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
