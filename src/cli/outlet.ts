import { fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';
import { errnoOf } from '../foundation/errors.js';

const writeSome = promisify(write);

/** Milliseconds until a pipe that another program has made non-blocking, and that is full, is tried again. */
const fullPipePause = 10;

/** The reader has gone: a closed pipe, a terminal that was closed. No reason to end with a stack trace. */
const readerGone = new Set(['EPIPE', 'EIO']);

/**
 * Writes to a file descriptor in order, and never waits for whoever reads it. Node writes to terminals and pipes
 * synchronously: a terminal that is stopped (Ctrl-S) or a pager that is not scrolled would stop the gateway with it.
 */
export class Outlet {
  readonly #descriptor: number;
  readonly #onClosed: () => void;
  #waiting: string[] = [];
  #backlog = 0;
  #isWriting = false;
  #isClosed = false;
  readonly #onFlushed: Array<() => void> = [];
  /** Called before each piece, with its length in bytes; nothing is written meanwhile. */
  beforeWrite: ((bytes: number) => Promise<void>) | undefined;
  /** The first reason why text was lost that the reader could have read, such as a disk that is full. */
  failure: Error | undefined;

  constructor(descriptor: number, onClosed: () => void) {
    this.#descriptor = descriptor;
    this.#onClosed = onClosed;
  }

  /** Characters that nobody has taken yet. */
  get backlog(): number {
    return this.#backlog;
  }

  write(text: string): void {
    if (this.#isClosed) return;
    this.#waiting.push(text);
    this.#backlog += text.length;
    if (!this.#isWriting) void this.#writeAll();
  }

  /** Resolves when everything was taken, or is lost. */
  flushed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isWriting) this.#onFlushed.push(resolve);
      else resolve();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('');
      this.#waiting = [];
      await this.#writeWhole(Buffer.from(text));
      this.#backlog -= text.length;
    }
    this.#isWriting = false;
    for (const resolve of this.#onFlushed.splice(0)) resolve();
  }

  async #writeWhole(bytes: Buffer): Promise<void> {
    await this.beforeWrite?.(bytes.length);
    let written = 0;
    while (written < bytes.length && !this.#isClosed) {
      try {
        written += (await writeSome(this.#descriptor, bytes, written)).bytesWritten;
      } catch (error) {
        if (errnoOf(error) === 'EAGAIN') await new Promise((resolve) => setTimeout(resolve, fullPipePause));
        else return this.#fail(error);
      }
    }
  }

  #fail(error: unknown): void {
    if (!readerGone.has(errnoOf(error) ?? '')) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
      return;
    }
    this.#isClosed = true;
    this.#waiting = [];
    this.#onClosed();
  }
}

/** Do both lead to the same file, terminal or pipe? Then they share one outlet, or what is written to one would overtake the other. */
export function isSameFile(one: number, other: number): boolean {
  const [first, second] = [fstatSync(one), fstatSync(other)];
  return first.dev === second.dev && first.ino === second.ino;
}
