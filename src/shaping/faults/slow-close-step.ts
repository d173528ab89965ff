import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Cancel, Clock } from '../../foundation/clock.js';
import type { Fields } from '../../http1/fields.js';

/** Passes the bytes on, but the last of them and their end later: where a length is given, the last byte is the end. Toxiproxy: slow_close. */
export class SlowCloseStep implements BodyStep {
  readonly #time: number;
  readonly #clock: Clock;
  readonly #rooms: StepRooms;
  #last: Buffer = nothing;
  #cancel: Cancel = () => {};

  /** @param time milliseconds */
  constructor(time: number, clock: Clock, rooms: StepRooms) {
    this.#time = time;
    this.#clock = clock;
    this.#rooms = rooms;
  }

  get held(): number {
    return this.#last.length;
  }

  get holdsNothing(): boolean {
    return this.held === 0 && this.#rooms.behind.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    const { behind } = this.#rooms;
    if (this.held > 0) behind.write(this.#last);
    this.#last = Buffer.from(bytes.subarray(-1));
    return bytes.length === 1 || behind.write(bytes.subarray(0, -1));
  }

  end(trailers: Fields): void {
    this.#cancel = this.#clock.after(this.#time, () => {
      if (this.held > 0) this.#rooms.behind.write(this.#last);
      this.#last = nothing;
      this.#rooms.behind.end(trailers);
    });
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

const nothing = Buffer.alloc(0);
