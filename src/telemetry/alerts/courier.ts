import type { Cancel, Clock } from '../../foundation/clock.js';
import { pause } from '../../foundation/clock.js';
import { messageOf } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import type { Notice } from './notice.js';

/** Whoever is told of alerts. */
export interface Receiver {
  /** For people: `webhook http://127.0.0.1:9093/hook`. */
  readonly name: string;
  /** Milliseconds for one try. */
  readonly timeLimit: number;
  /** Tells it; to be given up when the signal aborts, whose reason says why. */
  deliver(notice: Notice, signal: AbortSignal): Promise<Delivery>;
}

export type Delivery =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly reason: string; readonly mayHelpToRepeat: boolean };

export interface CourierRooms {
  readonly clock: Clock;
  /** Told once when notices begin to be lost, and again only when one was delivered in between. */
  readonly warn: (message: string) => void;
}

/** How a receiver fares. */
export interface CourierNumbers {
  readonly name: string;
  readonly delivered: number;
  readonly lost: number;
  readonly waiting: number;
  /** Why a try has failed; undefined: the last one has not. */
  readonly failure: string | undefined;
}

/** Alerts that wait for one receiver: more are no news any more, but a mesh that is on fire. */
const mostWaiting = 100;

/** Milliseconds. Each pause is twice as long as the one before, while a receiver fails. */
const pauses = { first: 500, longest: 30_000 };

/** Tries of one notice: with these pauses they take a minute, and longer where each of them hangs. */
const mostTries = 8;

/** Milliseconds, from when it was to be sent: an alert that comes later than that misleads. */
const longestAge = 5 * 60_000;

/** Milliseconds that the end of the mesh waits for receivers. */
const closeLimit = 2_000;

interface Entry {
  readonly notice: Notice;
  /** Of the monotonic clock. */
  readonly since: number;
  tries: number;
}

/**
 * Brings notices to one receiver, one at a time and none of them twice at once; nobody waits for it. A receiver that fails
 * is tried again with growing pauses, the notices in turns: one that it never takes does not keep it from the others.
 */
export class Courier {
  readonly #receiver: Receiver;
  readonly #rooms: CourierRooms;
  /** By key, the next one first. */
  readonly #waiting = new Map<string, Entry>();
  readonly #hurry = new AbortController();
  readonly #end = new AbortController();
  #isBusy = false;
  /** All that is under way. */
  #work: Promise<void> = Promise.resolve();
  #delivered = 0;
  #lost = 0;
  #failures = 0;
  #failure: string | undefined;
  #isWarned = false;

  constructor(receiver: Receiver, rooms: CourierRooms) {
    this.#receiver = receiver;
    this.#rooms = rooms;
  }

  get numbers(): CourierNumbers {
    return {
      name: this.#receiver.name,
      delivered: this.#delivered,
      lost: this.#lost,
      waiting: this.#waiting.size,
      failure: this.#failure,
    };
  }

  send(notice: Notice): void {
    if (this.#hurry.signal.aborted) return;
    this.#waiting.set(notice.key, { notice, since: this.#rooms.clock.monotonic(), tries: 0 });
    const [oldest] = this.#waiting.values();
    if (oldest !== undefined && this.#waiting.size > mostWaiting) this.#lose(oldest, 'too many wait for it');
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#work = this.#bringAll();
  }

  /** What was not tried yet is tried once, for as long as that is bearable. Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#hurry.abort();
    const isDone = new AbortController();
    await Promise.race([this.#work, pause(this.#rooms.clock, closeLimit, isDone.signal)]);
    isDone.abort();
    this.#end.abort(new Error('the mesh stops'));
    await this.#work;
  }

  async #bringAll(): Promise<void> {
    for (let [entry] = this.#waiting.values(); entry !== undefined; [entry] = this.#waiting.values()) {
      if (this.#isOver(entry)) this.#lose(entry, this.#failure ?? 'there was no time left');
      else await this.#bring(entry);
    }
    this.#isBusy = false;
  }

  #isOver({ since, tries }: Entry): boolean {
    if (tries > 0 && this.#hurry.signal.aborted) return true;
    return this.#end.signal.aborted || tries >= mostTries || this.#rooms.clock.monotonic() - since > longestAge;
  }

  async #bring(entry: Entry): Promise<void> {
    entry.tries++;
    const delivery = await this.#try(entry.notice);
    if (delivery.kind === 'delivered') {
      this.#delivered++;
      this.#failures = 0;
      this.#failure = undefined;
      this.#isWarned = false;
      this.#take(entry);
      return;
    }
    this.#failure = delivery.reason;
    this.#failures++;
    if (!delivery.mayHelpToRepeat || this.#isOver(entry)) this.#lose(entry, delivery.reason);
    else if (this.#take(entry)) this.#waiting.set(entry.notice.key, entry); // behind the others
    if (delivery.mayHelpToRepeat && this.#waiting.size > 0) await this.#rest();
  }

  /** Whoever has just failed is not asked again so soon. */
  async #rest(): Promise<void> {
    const growth = Math.min(this.#failures - 1, mostTries);
    await pause(this.#rooms.clock, Math.min(pauses.first * 2 ** growth, pauses.longest), this.#hurry.signal);
  }

  async #try(notice: Notice): Promise<Delivery> {
    const { timeLimit } = this.#receiver;
    const limit = new AbortController();
    const isLate = new Error(`it took longer than ${formatDuration(timeLimit)}`);
    const cancel: Cancel = this.#rooms.clock.after(timeLimit, () => limit.abort(isLate));
    try {
      return await this.#receiver.deliver(notice, AbortSignal.any([limit.signal, this.#end.signal]));
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error), mayHelpToRepeat: false };
    } finally {
      cancel();
    }
  }

  /** Is it still the last word on its alert? Then it waits no more. */
  #take({ notice }: Entry): boolean {
    return this.#waiting.get(notice.key)?.notice === notice && this.#waiting.delete(notice.key);
  }

  #lose(entry: Entry, reason: string): void {
    if (!this.#take(entry)) return; // later news of the same waits
    this.#lost++;
    if (this.#isWarned) return;
    this.#isWarned = true;
    this.#rooms.warn(`alerts are lost on their way to the ${this.#receiver.name}: ${reason}`);
  }
}
