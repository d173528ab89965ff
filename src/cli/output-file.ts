import { appendFileSync, closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { accessLogDefaults } from '../config/schema/telemetry.js';
import { firstOf, makeRoom } from '../foundation/numbered-files.js';

export interface OutputFileLimits {
  /** Bytes. */
  readonly maxSize: number;
  /** The one that is written to among them; at least 2. */
  readonly maxFiles: number;
}

/** Of `.mesh/mesh.log`: as those of an access log. */
export const logLimits: OutputFileLimits = accessLogDefaults;

/**
 * The file to which both outputs of this process go, kept from growing for ever: one that is full is copied to `<file>.1` and
 * emptied. It is not moved away, as an access log is: Node and V8 have it open as well, and could not be given another. What they
 * say before a crash must stand in the file that people look at, and not in one that is deleted next. Whoever opened it for
 * them did so to append (O_APPEND): what comes goes to its end, wherever that is by then.
 */
export class OutputFile {
  readonly #descriptor: number;
  readonly #path: string;
  readonly #limits: OutputFileLimits;
  /** Bytes that it has, as far as they were written here. */
  #size: number;

  constructor(descriptor: number, path: string, limits: OutputFileLimits) {
    this.#descriptor = descriptor;
    this.#path = path;
    this.#limits = limits;
    this.#size = fstatSync(descriptor).size;
  }

  /** To be called before so many bytes are written, with nothing else under way. Where it cannot be turned over, it is tried again when as much has come once more. */
  async makeRoomFor(bytes: number): Promise<void> {
    if (this.#size > 0 && this.#size + bytes > this.#limits.maxSize) {
      this.#size = 0;
      await this.#turnOver().catch(() => {}); // a log that is too long is better than none
    }
    this.#size += bytes;
  }

  async #turnOver(): Promise<void> {
    if (!this.#isThere()) return; // somebody has moved it, and looks after it
    const first = firstOf(this.#path);
    await makeRoom(this.#path, this.#limits.maxFiles);
    await copyFile(this.#path, first);
    const { size } = await stat(first);
    // In one go: whatever Node itself has written meanwhile is not lost.
    appendFileSync(first, this.#readFrom(size));
    truncateSync(this.#path);
  }

  #isThere(): boolean {
    const [own, there] = [fstatSync(this.#descriptor), statSync(this.#path)];
    return own.ino === there.ino && own.dev === there.dev;
  }

  #readFrom(position: number): Buffer {
    const file = openSync(this.#path, 'r');
    try {
      const rest = Buffer.alloc(Math.max(0, fstatSync(file).size - position));
      return rest.subarray(0, readSync(file, rest, 0, rest.length, position));
    } finally {
      closeSync(file);
    }
  }
}
