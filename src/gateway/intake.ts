import type { Next } from '../exchange/layer.js';

/** Requests that are begun in a round of the event loop while connections come: with as many answers, 0.2 ms of work. */
const perRound = 4;

/**
 * Lets connections in while others are served. Node accepts one of them in a round of its event loop (libuv does, since
 * 1.45), and a round takes as long as all that is served in it: where 512 clients came at once, those who were in had the
 * gateway to themselves, and the last of the others got its first answer after 3.5 s. So as long as connections come, rounds
 * are short: a few requests are begun in each, and the rest wait in line.
 */
export class Intake {
  #isCrowded = false;
  /** In this round. */
  #hasArrived = false;
  #waiting: Array<() => void> = [];

  /** A connection has come. */
  arrived(): void {
    this.#hasArrived = true;
    if (this.#isCrowded) return;
    this.#isCrowded = true;
    setImmediate(this.#turn);
  }

  /** Begins at once, or as soon as those who come have been let in. */
  admit(begin: Next): Promise<void> {
    if (!this.#isCrowded) return begin();
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(begin);
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
