import type { Exchange } from '../exchange/exchange.js';
import type { Cancel, Clock } from '../foundation/clock.js';

/**
 * Deadlines that are all the same time away when they are set. So they come in the order in which they were set, and one timer
 * does for all of them: a timer of Node's for each request is 2 % of what it costs.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #expired: (exchange: Exchange) => void;
  /** Those that are set, in a ring: behind this one comes the earliest, in front of it stands the latest. */
  readonly #ring = new Place(undefined, Infinity);
  #cancelTimer: Cancel | undefined;

  /** @param limit milliseconds */
  constructor(clock: Clock, limit: number, expired: (exchange: Exchange) => void) {
    this.#clock = clock;
    this.#limit = limit;
    this.#expired = expired;
  }

  /** The answer takes it back. */
  set(exchange: Exchange): Cancel {
    const place = new Place(exchange, this.#clock.monotonic() + this.#limit);
    place.enter(this.#ring);
    this.#cancelTimer ??= this.#clock.after(this.#limit, this.#look);
    return () => this.#cancel(place);
  }

  #cancel(place: Place): void {
    place.leave();
    if (this.#ring.next !== this.#ring) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  readonly #look = (): void => {
    const now = this.#clock.monotonic();
    for (let { next } = this.#ring; next.exchange !== undefined && next.at <= now; { next } = this.#ring) {
      next.leave();
      this.#expired(next.exchange);
    }
    const { at } = this.#ring.next;
    this.#cancelTimer?.(); // one that an end has set off
    this.#cancelTimer = at === Infinity ? undefined : this.#clock.after(at - now, this.#look);
  };
}

/** One deadline among the others. */
class Place {
  /** undefined: the ring's own. */
  readonly exchange: Exchange | undefined;
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  next: Place = this;
  before: Place = this;

  constructor(exchange: Exchange | undefined, at: number) {
    this.exchange = exchange;
    this.at = at;
  }

  /** Behind the latest. */
  enter(ring: Place): void {
    this.next = ring;
    this.before = ring.before;
    ring.before.next = this;
    ring.before = this;
  }

  /** A second time does nothing. */
  leave(): void {
    this.before.next = this.next;
    this.next.before = this.before;
    this.next = this;
    this.before = this;
  }
}
