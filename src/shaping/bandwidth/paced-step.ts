import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Cancel } from '../../foundation/clock.js';
import type { Fields } from '../../http1/fields.js';
import type { Pacer } from './pacer.js';

/** Bytes that it holds before it takes no more. */
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
    const mayPass = this.#held === 0 && !this.#isBehindFull;
    this.#waiting.push(bytes);
    this.#held += bytes.length;
    if (mayPass) this.#pass(this.#pacer.take(bytes.length));
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
    this.#cancelAsking = this.#pacer.ask(this.#held, (bytes) => this.#grant(bytes));
  }

  #grant(bytes: number): void {
    this.#cancelAsking = undefined;
    const wasFull = this.#held >= enough;
    this.#pass(bytes);
    if (this.#held === 0 && this.#trailers !== undefined) {
      this.#rooms.behind.end(this.#trailers);
      return;
    }
    this.#ask();
    if (wasFull && this.#held < enough) this.#rooms.more(); // it may bring more at once, and the end
  }

  #pass(bytes: number): void {
    for (let rest = bytes; rest > 0; ) {
      const piece = this.#shift(rest);
      rest -= piece.length;
      this.#isBehindFull = !this.#rooms.behind.write(piece);
    }
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
