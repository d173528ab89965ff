import type { BodyStep, StepRooms } from '../../exchange/body-step.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Fields } from '../../http1/fields.js';

/** Breaks an answer off behind so many bytes of its body: the client gets these, and then the end of its connection. */
export class BreakOffStep implements BodyStep {
  readonly held = 0;
  readonly #exchange: Exchange;
  readonly #how: 'in-order' | 'by-reset';
  readonly #rooms: StepRooms;
  #left: number;
  #isBroken = false;

  constructor(after: number, how: 'in-order' | 'by-reset', exchange: Exchange, rooms: StepRooms) {
    this.#left = after;
    this.#how = how;
    this.#exchange = exchange;
    this.#rooms = rooms;
  }

  get holdsNothing(): boolean {
    return this.#rooms.behind.holdsNothing;
  }

  write(bytes: Buffer): boolean {
    if (this.#isBroken) return true;
    const { behind } = this.#rooms;
    const passed = bytes.subarray(0, this.#left);
    this.#left -= passed.length;
    const takesMore = passed.length === 0 || behind.write(passed);
    if (passed.length === bytes.length) return takesMore;
    this.#break();
    return true;
  }

  end(trailers: Fields): void {
    if (!this.#isBroken) this.#rooms.behind.end(trailers);
  }

  fail(): void {
    if (!this.#isBroken) this.#rooms.behind.fail();
  }

  resume(): void {
    this.#rooms.more();
  }

  stop(): void {
    this.#isBroken = true;
  }

  #break(): void {
    this.#isBroken = true;
    this.#exchange.breaksOff = this.#how;
    this.#rooms.behind.fail();
    this.#rooms.cancel();
  }
}
