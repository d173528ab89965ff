import type { Readable } from 'node:stream';
import type { Cancel, Clock } from '../foundation/clock.js';

/**
 * How much of a program's output is taken per second, and at once after a quiet time. It is far more than anybody reads; a
 * program that prints without end would have the whole event loop, and the gateway with it would stand still.
 */
const perSecond = { lines: 20_000, bytes: 2_000_000 } as const;
/** Seconds of it. */
const atOnce = 0.5;

/** Slows a stream down when too much comes: it is paused, the pipe is full, and the program waits as it would for a terminal. */
export class Pace {
  readonly #stream: Readable;
  readonly #clock: Clock;
  /** Seconds of the pace that were taken in advance. */
  #owed = 0;
  #since: number;
  #cancel: Cancel = () => {};
  #isOver = false;

  constructor(stream: Readable, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** So much was taken just now. */
  took(bytes: number, lines: number): void {
    if (this.#isOver) return;
    const now = this.#clock.monotonic();
    const elapsed = (now - this.#since) / 1_000;
    this.#since = now;
    this.#owed = Math.max(0, this.#owed - elapsed) + Math.max(bytes / perSecond.bytes, lines / perSecond.lines);
    if (this.#owed <= atOnce) return;
    this.#stream.pause();
    this.#cancel = this.#clock.after((this.#owed - atOnce) * 1_000, () => this.#stream.resume());
  }

  /** The program has ended: its last words are taken as they come. */
  end(): void {
    this.#isOver = true;
    this.#cancel();
    this.#stream.resume();
  }
}
