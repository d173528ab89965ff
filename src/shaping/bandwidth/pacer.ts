import type { Cancel, Clock } from '../../foundation/clock.js';
import { WaitQueue } from '../wait-queue.js';

/**
 * Milliseconds between two portions, where the rate gives at least a byte in them: short enough that nobody sees the steps.
 * What is due in the next of them may pass at once, so that small bodies are not held up where the rate is no matter.
 */
const tick = 10;

interface Asking {
  readonly most: number;
  grant(bytes: number): void;
}

/**
 * Lets so many bytes per second pass, over all who ask: a bucket of one tick's worth, which is all that a rest saves up. What is
 * due is computed from the moment at which bytes began to flow, and never added up: while somebody waits, the rate passes to
 * the byte, however late timers are. Who waits is served in turn, a small portion at a time, so that of several everybody
 * gets the same.
 */
export class Pacer {
  readonly #clock: Clock;
  #rate: number;
  readonly #queue = new WaitQueue<Asking>();
  #cancelTimer: Cancel | undefined;
  /** Milliseconds of the monotonic clock, and the bytes that have passed since. */
  #since: number;
  #passed = 0;

  /** Bytes that pass at once behind a rest. @param rate bytes per second */
  static burstAt(rate: number): number {
    return Math.floor((tick * rate) / 1_000);
  }

  /** @param rate bytes per second */
  constructor(rate: number, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  update(rate: number): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#begin();
    if (this.#cancelTimer !== undefined) this.#wait();
  }

  /** @returns how many of so many bytes pass at once: none while others wait */
  take(most: number): number {
    if (this.#queue.length > 0) return 0;
    this.#forgetRest();
    const bytes = Math.max(0, Math.min(most, this.#due()));
    this.#passed += bytes;
    return bytes;
  }

  /** All of them at once, or none. */
  takeAll(bytes: number): boolean {
    const taken = this.take(bytes);
    if (taken === bytes) return true;
    this.#passed -= taken;
    return false;
  }

  /** Asks to let some bytes pass; `grant` is called once, later, and then it may be asked again. The answer takes the question back. */
  ask(most: number, grant: (bytes: number) => void): Cancel {
    const leave = this.#queue.join({ most, grant });
    if (this.#cancelTimer === undefined) this.#wait();
    return leave;
  }

  #begin(): void {
    this.#since = this.#clock.monotonic();
    this.#passed = 0;
  }

  /** Where all that has passed is paid for, the time since then was a rest. */
  #forgetRest(): void {
    if (this.#since + (this.#passed / this.#rate) * 1_000 < this.#clock.monotonic()) this.#begin();
  }

  /** Bytes that may pass by now. */
  #due(): number {
    return Math.floor(((this.#clock.monotonic() + tick - this.#since) * this.#rate) / 1_000) - this.#passed;
  }

  /** Until the next bytes are due: no sooner than a tick, and not before there is a whole one. */
  #wait(): void {
    this.#cancelTimer?.();
    const nextByte = this.#since + ((this.#passed + 1) / this.#rate) * 1_000 - tick - this.#clock.monotonic();
    this.#cancelTimer = this.#clock.after(Math.max(tick, Math.ceil(nextByte)), () => this.#deal());
  }

  /** What is due goes to all who ask, a portion each in turn, until nothing is left of it or of them. */
  #deal(): void {
    let due = this.#due();
    const portion = Math.max(1, Math.ceil(due / Math.max(1, this.#queue.length)));
    while (due > 0) {
      const next = this.#queue.next();
      if (next === undefined) break;
      const bytes = Math.min(portion, next.most, due);
      due -= bytes;
      this.#passed += bytes;
      next.grant(bytes);
    }
    this.#cancelTimer = undefined;
    if (this.#queue.length > 0) this.#wait();
    else this.#forgetRest();
  }
}
