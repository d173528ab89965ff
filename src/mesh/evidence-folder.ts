import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import { messageOf } from '../foundation/errors.js';
import { writeWhole } from '../foundation/state-file.js';

/** Files: the oldest go. */
const most = 50;

/** Pieces that wait for a slow disk. */
const mostWaiting = 20;

/** Characters of an alert's name: a file system takes 255 bytes in all. */
const longestSlug = 60;

/** Milliseconds that the end of the mesh waits for a disk. */
const closeLimit = 2_000;

export interface EvidenceFolderRooms {
  readonly clock: Clock;
  /** Told once when something cannot be written, and again only when something was in between. */
  readonly warn: (message: string) => void;
}

/** `.mesh/alerts`: what was found when alerts fired, a file for each. A disk that is slow or full holds nobody up. */
export class EvidenceFolder {
  readonly #path: string;
  readonly #rooms: EvidenceFolderRooms;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isWarned = false;
  /** Of the files of one moment; at each look, all alerts that fire fire at once. */
  readonly #names = new Set<string>();
  #moment = Number.NaN;

  constructor(path: string, rooms: EvidenceFolderRooms) {
    this.#path = path;
    this.#rooms = rooms;
  }

  /** @param text JSON  @param onWritten told of the file when it is there */
  write(alert: AlertName, firedAt: number, text: string, onWritten: (file: string) => void): void {
    if (this.#waiting === mostWaiting) {
      this.#warn('the disk is too slow');
      return;
    }
    this.#waiting++;
    const file = join(this.#path, `${this.#unique(fileName(alert, firedAt), firedAt)}.json`);
    this.#work = this.#work
      .then(() => writeWhole(file, `${text}\n`))
      .then(() => {
        this.#isWarned = false;
        onWritten(file);
        return this.#prune();
      })
      .catch((error: unknown) => this.#warn(messageOf(error)))
      .finally(() => {
        this.#waiting--;
      });
  }

  /** Resolves when all is written, or when that takes too long. */
  async close(): Promise<void> {
    const isDone = new AbortController();
    await Promise.race([this.#work, pause(this.#rooms.clock, closeLimit, isDone.signal)]);
    isDone.abort();
  }

  /** Alerts whose names differ in signs alone may fire in the same millisecond, with others in between. */
  #unique(name: string, firedAt: number): string {
    if (firedAt !== this.#moment) this.#names.clear();
    this.#moment = firedAt;
    let unique = name;
    for (let count = 2; this.#names.has(unique); count++) unique = `${name}-${count}`;
    this.#names.add(unique);
    return unique;
  }

  /** Only what it has written itself, in whichever run, and what a kill has left half written. */
  async #prune(): Promise<void> {
    const own = (await readdir(this.#path)).filter((name) => ownName.test(name)).sort();
    const halves = own.filter((name) => name.endsWith('.tmp'));
    const whole = own.filter((name) => !name.endsWith('.tmp'));
    const tooMany = whole.slice(0, Math.max(0, whole.length - most));
    for (const name of [...halves, ...tooMany]) await rm(join(this.#path, name), { force: true });
  }

  #warn(reason: string): void {
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#rooms.warn(`what is found when alerts fire is not saved: ${reason}`);
  }
}

interface AlertName {
  readonly name: string;
  readonly service: string;
}

const ownName = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z-.+\.json(?:\.tmp)?$/;

/** `2026-11-29T01-02-03-456Z-orders-are-failing-orders`: in the order of their time, and no path of any system is in it. */
function fileName({ name, service }: AlertName, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[:.]/g, '-');
  return [time, slugOf(name), slugOf(service)].filter((part) => part !== '').join('-');
}

/** Letters and digits of ASCII alone: names come from outside, and file systems disagree about the others. */
function slugOf(name: string): string {
  const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, longestSlug).replace(/-$/, '');
}
