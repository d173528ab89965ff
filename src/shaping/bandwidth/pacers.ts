import type { BandwidthConfig } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Clock } from '../../foundation/clock.js';
import { Pacer } from './pacer.js';

/** To the service, and back from it. */
export type Direction = 'up' | 'down';

/**
 * The pacers of a service: one for each direction that all share, or one for each exchange. They follow a change while bytes
 * are under way. An exchange gets one of its own when some of its bytes have to wait: most that is small needs none.
 */
export class Pacers {
  readonly #clock: Clock;
  #config: BandwidthConfig;
  #shared = new Map<Direction, Pacer>();
  readonly #inUse = new Map<Pacer, Use>();

  constructor(config: BandwidthConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** Whoever has a pacer keeps it, at the new rate. */
  update(config: BandwidthConfig): void {
    const wasPer = this.#config.per;
    this.#config = config;
    for (const [direction, pacer] of this.#shared) pacer.update(config[direction] ?? Infinity);
    for (const [pacer, { direction }] of this.#inUse) pacer.update(config[direction] ?? Infinity);
    if (config.per !== wasPer) this.#shared = new Map();
  }

  /** There is no limit any more. */
  open(): void {
    this.update({ up: undefined, down: undefined, per: 'exchange' });
  }

  /** So many bytes, which are all of that direction, need not wait; then they have passed. */
  pass(direction: Direction, bytes: number): boolean {
    const rate = this.#config[direction];
    if (rate === undefined) return true;
    return this.#config.per === 'service'
      ? this.#sharedOne(direction, rate).takeAll(bytes)
      : bytes <= Pacer.burstAt(rate);
  }

  /** What lets the bytes of that direction through, until the exchange is over; undefined: nothing holds them. */
  pacerFor(exchange: Exchange, direction: Direction): Pacer | undefined {
    const rate = this.#config[direction];
    if (rate === undefined) return undefined;
    const pacer = this.#config.per === 'service' ? this.#sharedOne(direction, rate) : new Pacer(rate, this.#clock);
    const use = this.#inUse.get(pacer) ?? { direction, exchanges: 0 };
    this.#inUse.set(pacer, use);
    use.exchanges++;
    exchange.onFinish(() => {
      if (--use.exchanges === 0) this.#inUse.delete(pacer);
    });
    return pacer;
  }

  #sharedOne(direction: Direction, rate: number): Pacer {
    const known = this.#shared.get(direction);
    if (known !== undefined) return known;
    const pacer = new Pacer(rate, this.#clock);
    this.#shared.set(direction, pacer);
    return pacer;
  }
}

interface Use {
  readonly direction: Direction;
  exchanges: number;
}
