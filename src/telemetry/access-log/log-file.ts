import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogFileConfig } from '../../config/snapshot.js';
import { turnOver } from '../../foundation/numbered-files.js';

/** Whose requests they were is nobody else's business. */
const ownerOnly = 0o600;

/** A pipe that nobody reads is an error then, and not a thread that waits for ever. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** A file of lines that does not grow without limit: a full one is `<file>.1` from then on, that `<file>.2`, and the oldest goes. */
export class LogFile {
  readonly #config: LogFileConfig;
  #opened: OpenFile | undefined;

  constructor(config: LogFileConfig) {
    this.#config = config;
  }

  /** Makes the file, and its folder, where there is none. */
  async open(): Promise<void> {
    await this.#current();
  }

  /**
   * Appends of these lines those that the file has room for, and one in any case.
   *
   * @returns how many bytes they have
   * @throws when not all of these are in it; then none is
   */
  async append(lines: Buffer): Promise<number> {
    let { file, size } = await this.#current();
    let length = lengthWithin(lines, this.#config.maxSize - size);
    if (length === 0 && size > 0) {
      await this.#rotate();
      ({ file, size } = await this.#current());
      length = lengthWithin(lines, this.#config.maxSize);
    }
    if (length === 0) length = lines.indexOf(lineBreak) + 1;
    try {
      await file.appendFile(lines.subarray(0, length));
    } catch (error) {
      await file.truncate(size).catch(() => {}); // half a line would spoil the next one, too
      throw error;
    }
    return length;
  }

  async close(): Promise<void> {
    await this.#opened?.file.close();
    this.#opened = undefined;
  }

  /** Who turns logs over by himself (logrotate) has moved the file away, or cut it: it is looked at each time. */
  async #current(): Promise<{ file: FileHandle; size: number }> {
    const { path } = this.#config;
    const there = await stat(path).catch(() => undefined);
    const known = this.#opened;
    if (known !== undefined && there?.ino === known.inode && there.dev === known.device) {
      return { file: known.file, size: there.size };
    }
    await this.close();
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, appending, ownerOnly);
    const { ino: inode, dev: device, size } = await file.stat();
    this.#opened = { file, inode, device };
    return { file, size };
  }

  async #rotate(): Promise<void> {
    await this.close();
    await turnOver(this.#config.path, this.#config.maxFiles);
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly inode: number;
  readonly device: number;
}

const lineBreak = 0x0a;

/** Of whole lines at the beginning, as many bytes as have room. */
function lengthWithin(lines: Buffer, room: number): number {
  if (lines.length <= room) return lines.length;
  return room <= 0 ? 0 : lines.lastIndexOf(lineBreak, room - 1) + 1;
}
