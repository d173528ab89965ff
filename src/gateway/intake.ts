import type { Exchange } from '../exchange/exchange.js';
import type { Handler } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';

/** Requests that are begun in a round of the event loop while connections come: with as many answers, 0.4 ms of work. */
const perRound = 8;

/** Milliseconds in line that are told of; most wait for a part of a round. */
const worthTelling = 1;

/**
 * Lets connections in while others are served. Node accepts one of them in a round of its event loop (libuv does, since
 * 1.45), and a round takes as long as all that is served in it: where 512 clients came at once, those who were in had the
 * gateway to themselves, and the last of the others got its first answer after 3.5 s. So as long as connections come, rounds
 * are short: a few requests are begun in each, and the rest wait in line.
 */
export class Intake {
  readonly #clock: Clock;
  #isCrowded = false;
  /** In this round. */
  #hasArrived = false;
  #waiting: Array<() => void> = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A connection has come. */
  arrived(): void {
    this.#hasArrived = true;
    if (this.#isCrowded) return;
    this.#isCrowded = true;
    setImmediate(this.#turn);
  }

  /** Begins at once, or as soon as those who come have been let in. */
  admit(exchange: Exchange, begin: Handler): Promise<void> {
    return this.#isCrowded ? this.#wait(exchange).then(() => begin(exchange)) : begin(exchange);
  }

  async #wait(exchange: Exchange): Promise<void> {
    const since = this.#clock.monotonic();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const now = this.#clock.monotonic();
    if (now - since >= worthTelling) exchange.waited('arrivals', since, now);
  }

  /** At the end of each round in which somebody may still be coming. */
  readonly #turn = (): void => {
    this.#isCrowded = this.#hasArrived;
    this.#hasArrived = false;
    if (this.#isCrowded) setImmediate(this.#turn);
    const admitted = this.#isCrowded ? this.#waiting.splice(0, perRound) : this.#waiting.splice(0);
    for (const begin of admitted) begin();
  };
}
