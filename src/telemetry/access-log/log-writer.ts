import type { LogFileConfig } from '../../config/snapshot.js';
import { messageOf } from '../../foundation/errors.js';
import { LogFile } from './log-file.js';

/** Characters that wait for a slow disk: seconds of a busy mesh, and little memory. */
const longestBacklog = 4 * 1_024 ** 2;

export interface LogWriterRooms {
  /** Who wrote to the file before has closed it. */
  readonly free: Promise<void>;
  /** A line, for the log itself, that so many are missing. */
  readonly gap: (count: number, reason: string) => string;
  /** Told once, when lines begin to be lost. */
  readonly warn: (message: string) => void;
}

/** Writes lines to a file, in order, and keeps nobody waiting: what the disk is too slow or too full for is left out and counted. */
export class LogWriter {
  readonly #path: string;
  readonly #file: LogFile;
  readonly #rooms: LogWriterRooms;
  #waiting: string[] = [];
  #backlog = 0;
  #isWriting = false;
  /** All that is under way. */
  #work: Promise<void>;
  #lost = 0;
  #reason = '';
  #isWarned = false;

  constructor(config: LogFileConfig, rooms: LogWriterRooms) {
    this.#path = config.path;
    this.#file = new LogFile(config);
    this.#rooms = rooms;
    this.#work = rooms.free.then(() => this.#file.open()).catch((error: unknown) => this.#lose(0, messageOf(error)));
  }

  /** @param text lines, each with its end */
  write(text: string): void {
    if (this.#backlog + text.length > longestBacklog) {
      this.#lose(linesOf(text), 'the disk is too slow');
      return;
    }
    this.#waiting.push(text);
    this.#backlog += text.length;
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#work = this.#work.then(() => this.#writeAll());
  }

  /** Resolves when all of it is written, or is lost. */
  async close(): Promise<void> {
    await this.#work;
    await this.#tellGap().catch(() => {}); // it was told as a warning, too
    await this.#file.close().catch(() => {}); // nobody could do anything about it
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('');
      this.#waiting = [];
      this.#backlog = 0;
      await this.#writeWhole(text);
    }
    this.#isWriting = false;
  }

  async #writeWhole(text: string): Promise<void> {
    let rest = Buffer.from(text);
    try {
      await this.#tellGap();
      while (rest.length > 0) rest = rest.subarray(await this.#file.append(rest));
      this.#isWarned = this.#lost > 0; // what is lost from here on is news again
    } catch (error) {
      this.#lose(linesOf(rest.toString()), messageOf(error));
    }
  }

  /** The file takes lines again: it says itself how many it has not. */
  async #tellGap(): Promise<void> {
    const count = this.#lost;
    if (count > 0) await this.#file.append(Buffer.from(`${this.#rooms.gap(count, this.#reason)}\n`));
    this.#lost -= count;
  }

  #lose(count: number, reason: string): void {
    this.#lost += count;
    this.#reason = reason;
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#rooms.warn(`the access log ${this.#path} is left with gaps: ${reason}`);
  }
}

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}
