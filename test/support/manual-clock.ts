import { setImmediate as turn } from 'node:timers/promises';
import type { Cancel, Clock } from '../../src/foundation/clock.js';

/** A clock that stands still until a test moves it. Timers run in the order in which they fall due, at their own time. */
export class ManualClock implements Clock {
  #elapsed = 0;
  #wall: number;
  readonly #timers = new Set<Timer>();

  /** @param wall milliseconds since 1970 at the start */
  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = { due: this.#elapsed + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many timers wait: 0 after a close, when nothing leaks. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer; undefined when none waits. */
  get next(): number | undefined {
    const timer = this.#due(Infinity);
    return timer && timer.due - this.#elapsed;
  }

  /** Moves time on, and runs all that falls due on the way, timers that such a timer sets included. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) this.#run(next);
    this.#elapsed = Math.max(this.#elapsed, end); // what fell due may have moved it further
  }

  /** As `advance`, and lets what each timer set going (promises, local sockets) take its turns in between. */
  async elapse(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settle();
    for (let next = this.#due(end); next !== undefined; next = this.#due(end)) {
      this.#run(next);
      await settle();
    }
    this.#elapsed = Math.max(this.#elapsed, end); // what fell due may have moved it further
  }

  /** The wall clock jumps, as when the machine's time is set; no time passes. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#elapsed = Math.max(this.#elapsed, timer.due);
    timer.callback();
  }

  /** The earliest timer due by `end`; of two at the same time, the one that was set first. */
  #due(end: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && timer.due < (earliest?.due ?? Infinity)) earliest = timer;
    }
    return earliest;
  }
}

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/** A few turns of the event loop: enough for chains of promises that wait for nothing outside. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await turn();
}
