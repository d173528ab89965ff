import type { Cancel, Clock } from '../../foundation/clock.js';
import { WaitQueue } from '../wait-queue.js';

/** How fast requests leave, and how many of them at once after a rest. */
export interface Pace {
  /** Per second. */
  readonly rate: number;
  readonly burst: number;
}

/** What became of one that stood in a line. */
export type Turn = 'passed' | 'left';

/**
 * Milliseconds. When the process has stood still (the machine slept, a debugger held it), those whose turn came meanwhile
 * would all leave at once, and that is the flood which a limit is there to prevent: no more than this is made up for.
 */
const longestLag = 1_000;

/**
 * The requests of one key: a token bucket that starts full, and the line of those who wait for a token. It is the generic
 * cell rate algorithm: no token is ever poured in, but the moment at which the next one is there is computed from when the
 * bucket was last full and how many have passed since. So a timer that fires late delays one departure, and none behind it,
 * and after a million departures nothing has added up.
 */
export class Bucket {
  readonly #clock: Clock;
  #pace: Pace;
  /** Milliseconds of the monotonic clock: the bucket was full then. */
  #fullAt: number;
  /** Tokens, since then: whole ones, as far as the pace has not been changed meanwhile. */
  #taken = 0;
  readonly #line = new WaitQueue<(turn: Turn) => void>();
  #cancelTimer: Cancel | undefined;

  /** @param now milliseconds of the monotonic clock, as its first request has read them: a later reading would make it wait */
  constructor(pace: Pace, clock: Clock, now: number) {
    this.#pace = pace;
    this.#clock = clock;
    this.#fullAt = now;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** It has rested for long enough to be as good as a new one. */
  isFull(now: number): boolean {
    return this.#fullAt + (this.#taken * 1_000) / this.#pace.rate <= now;
  }

  /** Takes a token, where there is one. Nobody overtakes: while somebody waits, there is none. */
  take(now: number): boolean {
    if (this.#line.length > 0) return false;
    if (this.isFull(now)) this.#rebase(now, 0);
    if (this.#due(0) > now) return false;
    this.#taken++;
    return true;
  }

  /** Milliseconds that one more would wait in the line; less than 0 when a timer is late. */
  wait(now: number): number {
    return this.#due(this.#line.length) - now;
  }

  /** Takes the last place in the line; the answer leaves it, and does nothing once the turn has come. */
  join(settle: (turn: Turn) => void): () => void {
    const quit = this.#line.join(settle);
    this.#cancelTimer ??= this.#awaitNext(this.#clock.monotonic());
    return () => {
      const before = this.#line.length;
      quit();
      if (this.#line.length === before) return;
      if (this.#line.length === 0) this.#stopTimer();
      settle('left');
    };
  }

  /** Another pace from now on: what was spent is spent, and who waits goes on waiting. */
  update(pace: Pace): void {
    const now = this.#clock.monotonic();
    const spent = Math.max(0, this.#taken - ((now - this.#fullAt) * this.#pace.rate) / 1_000);
    this.#rebase(now, Math.min(spent, pace.burst));
    this.#pace = pace;
    this.#stopTimer();
    this.#release(now);
  }

  /** There is no limit any more: whoever waits passes. */
  open(): void {
    this.#stopTimer();
    for (let settle = this.#line.next(); settle !== undefined; settle = this.#line.next()) settle('passed');
  }

  /** Lets all pass whose time has come: timers count in milliseconds, and of a fast line several are due in one of them. */
  #release(now: number): void {
    this.#fullAt += Math.max(0, now - longestLag - this.#due(0));
    while (this.#line.length > 0 && this.#due(0) <= now) {
      this.#taken++;
      this.#line.next()?.('passed');
    }
    if (this.#line.length > 0) this.#cancelTimer = this.#awaitNext(now);
  }

  /** A timer may fire up to a millisecond early: then nobody is released, and it is set again for the rest. */
  #awaitNext(now: number): Cancel {
    return this.#clock.after(this.#due(0) - now, () => {
      this.#cancelTimer = undefined;
      this.#release(this.#clock.monotonic());
    });
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** When there is a token for one that has so many in front of it: one multiplication from when the bucket was full. */
  #due(ahead: number): number {
    const short = this.#taken + ahead + 1 - this.#pace.burst;
    return this.#fullAt + (Math.max(0, short) * 1_000) / this.#pace.rate;
  }

  #rebase(fullAt: number, taken: number): void {
    this.#fullAt = fullAt;
    this.#taken = taken;
  }
}
