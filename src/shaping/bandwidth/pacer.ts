import type { Cancel, Clock } from '../../foundation/clock.js';
import { WaitQueue } from '../wait-queue.js';

/** Milliseconds between two grants, where the rate gives at least a byte in them: short enough that nobody sees the steps. */
const tick = 10;

interface Asking {
  readonly most: number;
  grant(bytes: number): void;
}

/**
 * Lets so many bytes per second pass, over all who ask. What is due is computed from the moment at which somebody began to
 * ask, and never added up: after each second, exactly the rate has passed, however late timers are. Who waits is served in
 * turn, a small portion at a time, so that of several everybody gets the same. A rest saves nothing up.
 */
export class Pacer {
  readonly #clock: Clock;
  #rate: number;
  readonly #queue = new WaitQueue<Asking>();
  #cancelTimer: Cancel | undefined;
  /** Milliseconds of the monotonic clock, and the bytes that have passed since. */
  #since = 0;
  #passed = 0;

  /** @param rate bytes per second */
  constructor(rate: number, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  update(rate: number): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#begin();
    if (this.#cancelTimer !== undefined) this.#wait();
  }

  /** Asks to let some bytes pass; `grant` is called once, and then it may be asked again. The answer takes the question back. */
  ask(most: number, grant: (bytes: number) => void): Cancel {
    const leave = this.#queue.join({ most, grant });
    if (this.#cancelTimer === undefined) {
      this.#begin();
      this.#wait();
    }
    return leave;
  }

  #begin(): void {
    this.#since = this.#clock.monotonic();
    this.#passed = 0;
  }

  /** Until the next bytes are due: no sooner than a tick, and not before there is a whole one. */
  #wait(): void {
    this.#cancelTimer?.();
    const nextByte = this.#since + ((this.#passed + 1) / this.#rate) * 1_000 - this.#clock.monotonic();
    this.#cancelTimer = this.#clock.after(Math.max(tick, Math.ceil(nextByte)), () => this.#deal());
  }

  /** What is due goes to all who ask, a portion each in turn, until nothing is left of it or of them. */
  #deal(): void {
    let due = Math.floor(((this.#clock.monotonic() - this.#since) * this.#rate) / 1_000) - this.#passed;
    const portion = Math.max(1, Math.ceil(due / Math.max(1, this.#queue.length)));
    while (due > 0) {
      const next = this.#queue.next();
      if (next === undefined) break;
      const bytes = Math.min(portion, next.most, due);
      due -= bytes;
      this.#passed += bytes;
      next.grant(bytes);
    }
    if (due > 0) this.#begin(); // nobody wanted the rest: it is not saved up
    if (this.#queue.length > 0) this.#wait();
    else this.#cancelTimer = undefined;
  }
}
