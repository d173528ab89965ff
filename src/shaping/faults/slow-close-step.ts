import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Cancel, Clock } from '../../foundation/clock.js';
import type { Fields } from '../../http1/fields.js';

/** Passes the bytes on, and their end later. Toxiproxy: slow_close. */
export class SlowCloseStep implements BodyStep {
  readonly held = 0;
  readonly #time: number;
  readonly #clock: Clock;
  readonly #rooms: StepRooms;
  #cancel: Cancel = () => {};

  /** @param time milliseconds */
  constructor(time: number, clock: Clock, rooms: StepRooms) {
    this.#time = time;
    this.#clock = clock;
    this.#rooms = rooms;
  }

  get holdsNothing(): boolean {
    return this.#rooms.behind.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    return this.#rooms.behind.write(bytes);
  }

  end(trailers: Fields): void {
    this.#cancel = this.#clock.after(this.#time, () => this.#rooms.behind.end(trailers));
  }

  fail(): void {
    this.#rooms.behind.fail();
  }

  resume(): void {
    this.#rooms.more();
  }

  stop(): void {
    this.#cancel();
  }
}
