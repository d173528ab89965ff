import { EventEmitter } from 'node:events';
import type { Key } from '../../src/cli/keys.js';
import { KeyDecoder } from '../../src/cli/keys.js';
import type { EndSignal, Terminal } from '../../src/cli/terminal.js';

/** A terminal in memory: what was written to it is read, and its keys, lines, signals and size are a test's to give. */
export class FakeTerminal implements Terminal {
  readonly stdout: FakeOutput;
  readonly stderr: FakeOutput;
  readonly environment: Record<string, string | undefined>;
  readonly directory: string;
  readonly isInteractive: boolean;
  readonly self: Terminal['self'];
  /** Pids that are said to run. */
  readonly running = new Set<number>();
  /** How long the command asked to wait, each time, in milliseconds. */
  readonly pauses: number[] = [];
  /** How often the command was suspended. */
  suspended = 0;
  time = Date.UTC(2026, 0, 1);
  readonly #closed = new AbortController();
  readonly #events = new EventEmitter();
  readonly #keyReaders = new Set<(key: Key) => void>();
  readonly #wakes = new Set<() => void>();
  /** What would be written if it ended now. */
  readonly lastWords = new Set<string>();

  constructor(options: FakeTerminalOptions = {}) {
    const { isTerminal = false, columns = 80, rows = 24 } = options;
    this.stdout = new FakeOutput(isTerminal, columns, rows);
    this.stderr = new FakeOutput(isTerminal, columns, rows);
    this.environment = { ...options.environment };
    this.directory = options.directory ?? '/nowhere';
    this.isInteractive = isTerminal;
    this.self = options.self ?? { node: process.execPath, script: '/nowhere/mesh.js' };
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  now(): number {
    return this.time;
  }

  /** Time passes at once, unless a test waits with `whenPaused` and lets it pass with `tick`. */
  async pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.pauses.push(milliseconds);
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#wakes.delete(wake);
        resolve();
      };
      this.#wakes.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
      this.#events.emit('paused');
    });
    this.time += milliseconds;
  }

  async boundOutput(): Promise<void> {}

  /** Resolves when the command waits again. */
  whenPaused(): Promise<void> {
    return new Promise((resolve) => this.#events.once('paused', resolve));
  }

  /** Lets every wait of the command be over. */
  tick(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  async isRunning(pid: number): Promise<boolean> {
    return this.running.has(pid);
  }

  leaveUnread(): void {}

  /** Resolves when a test lets it `continue`. */
  suspend(): Promise<void> {
    this.suspended++;
    return new Promise((resolve) => this.#events.once('continue', resolve));
  }

  /** Goes on after a `suspend`. */
  continue(): void {
    this.#events.emit('continue');
  }

  /** Nobody reads the output any more. */
  close(): void {
    this.#closed.abort();
  }

  signal(name: EndSignal): void {
    this.#events.emit(name);
  }

  /** What a terminal sends for a key, such as `q` or `\u001b[A`; Esc alone is followed by nothing. */
  press(...keys: string[]): void {
    for (const sent of keys) {
      const decoder = new KeyDecoder();
      for (const key of [...decoder.feed(Buffer.from(sent)), ...decoder.flush()]) {
        for (const handler of [...this.#keyReaders]) handler(key);
      }
    }
  }

  /** Somebody asks it to stop for a while, or it goes on after it was stopped. */
  stop(): void {
    this.#events.emit('stop');
  }

  type(line: string): void {
    this.#events.emit('line', line);
  }

  resize(columns: number, rows: number): void {
    this.stdout.size = { columns, rows };
    this.#events.emit('resize');
  }

  /** How many handlers the command has left behind: 0 after it has ended. */
  get listeners(): number {
    const others = this.#keyReaders.size + this.lastWords.size;
    return this.#events.eventNames().reduce((sum, name) => sum + this.#events.listenerCount(name), others);
  }

  onSignal = (signal: EndSignal, handler: () => void) => this.#on(signal, handler);
  onResize = (handler: () => void) => this.#on('resize', handler);
  onLine = (handler: (line: string) => void) => this.#on('line', handler);
  onKey = (handler: (key: Key) => void) => {
    this.#keyReaders.add(handler);
    return () => void this.#keyReaders.delete(handler);
  };
  onStop = (handler: () => void) => this.#on('stop', handler);
  onContinue = (handler: () => void) => this.#on('continue', handler);
  atExit = (text: string) => {
    this.lastWords.add(text);
    return () => void this.lastWords.delete(text);
  };

  #on(name: string, handler: (value: string) => void): () => void {
    this.#events.on(name, handler);
    return () => {
      this.#events.off(name, handler);
    };
  }
}

export interface FakeTerminalOptions {
  /** Default: both streams are pipes. */
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Record<string, string | undefined>;
  readonly directory?: string;
  readonly self?: Terminal['self'];
}

class FakeOutput {
  text = '';
  size: { columns: number; rows: number };
  readonly isTerminal: boolean;

  constructor(isTerminal: boolean, columns: number, rows: number) {
    this.isTerminal = isTerminal;
    this.size = { columns, rows };
  }

  write = (text: string): void => {
    this.text += text;
  };
  /** Characters that the reader is said not to have taken. */
  untaken = 0;
  backlog = () => this.untaken;
  #onTaken: Array<() => void> = [];
  flushed = () => new Promise<void>((resolve) => (this.untaken === 0 ? resolve() : this.#onTaken.push(resolve)));

  /** The reader takes everything. */
  take(): void {
    this.untaken = 0;
    for (const resolve of this.#onTaken.splice(0)) resolve();
  }

  columns = () => this.size.columns;
  rows = () => this.size.rows;
  colorDepth = () => 4;
}
