import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Cancel } from '../../foundation/clock.js';
import type { Fields } from '../../http1/fields.js';
import type { Pacer } from './pacer.js';

/** Bytes that it holds at most before it takes no more: enough for the next portion of all but the fastest. */
const enough = 16 * 1024;

/** Passes a body on as fast as its pacer allows. */
export class PacedStep implements BodyStep {
  readonly #pacer: Pacer;
  readonly #rooms: StepRooms;
  #waiting: Buffer[] = [];
  #held = 0;
  #trailers: Fields | undefined;
  #isBehindFull = false;
  #cancelAsking: Cancel | undefined;

  constructor(pacer: Pacer, rooms: StepRooms) {
    this.#pacer = pacer;
    this.#rooms = rooms;
  }

  get held(): number {
    return this.#held;
  }

  get holdsNothing(): boolean {
    return this.#held === 0 && this.#rooms.behind.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    this.#waiting.push(bytes);
    this.#held += bytes.length;
    this.#ask();
    return this.#held < enough;
  }

  end(trailers: Fields): void {
    this.#trailers = trailers;
    if (this.#held === 0) this.#rooms.behind.end(trailers);
  }

  fail(): void {
    this.stop();
    this.#rooms.behind.fail();
  }

  resume(): void {
    this.#isBehindFull = false;
    this.#ask();
  }

  stop(): void {
    this.#cancelAsking?.();
    this.#cancelAsking = undefined;
    this.#waiting = [];
    this.#held = 0;
  }

  #ask(): void {
    if (this.#held === 0 || this.#isBehindFull || this.#cancelAsking !== undefined) return;
    const atOnce = this.#pacer.take(this.#held);
    if (atOnce > 0) this.#pass(atOnce);
    else this.#cancelAsking = this.#pacer.ask(this.#held, (bytes) => this.#grant(bytes));
  }

  #grant(bytes: number): void {
    this.#cancelAsking = undefined;
    this.#pass(bytes);
  }

  #pass(bytes: number): void {
    const wasFull = this.#held >= enough;
    for (let rest = bytes; rest > 0; ) {
      const piece = this.#shift(rest);
      rest -= piece.length;
      this.#isBehindFull = !this.#rooms.behind.write(piece);
    }
    if (wasFull && this.#held < enough && this.#trailers === undefined) this.#rooms.more();
    if (this.#held === 0 && this.#trailers !== undefined) this.#rooms.behind.end(this.#trailers);
    else this.#ask();
  }

  /** The next bytes, no more than so many and no more than lie in one piece. */
  #shift(most: number): Buffer {
    const [first = nothing] = this.#waiting;
    if (first.length <= most) this.#waiting.shift();
    else this.#waiting[0] = first.subarray(most);
    const taken = first.length <= most ? first : first.subarray(0, most);
    this.#held -= taken.length;
    return taken;
  }
}

const nothing = Buffer.alloc(0);
