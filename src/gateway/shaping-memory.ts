import { isDeepStrictEqual } from 'node:util';
import type { FaultConfig, ShapingConfigs } from '../config/shaping-configs.js';
import type { Clock } from '../foundation/clock.js';
import type { Random } from '../foundation/random.js';
import { Pacers } from '../shaping/bandwidth/pacers.js';
import { ConcurrencyLimiter } from '../shaping/concurrency/limiter.js';
import { FaultBook } from '../shaping/faults/fault-book.js';
import { RateLimiter } from '../shaping/rate-limit/limiter.js';
import { following } from './following.js';

export interface ShapingRooms {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the chance in faults. */
  readonly seed: () => number;
}

/** Who waits for a service, how fast it may be asked, and what trouble it meets. Whoever waits goes on when a limit goes. */
export class ShapingMemory {
  readonly #service: string;
  readonly #rooms: ShapingRooms;
  #seed: number | undefined;
  rateLimiter: RateLimiter | undefined;
  concurrency: ConcurrencyLimiter | undefined;
  pacers: Pacers | undefined;
  faults: FaultBook | undefined;

  constructor(service: string, rooms: ShapingRooms) {
    this.#service = service;
    this.#rooms = rooms;
  }

  follow({ rateLimit, concurrency, bandwidth, faults }: ShapingConfigs): void {
    const { clock } = this.#rooms;
    if (rateLimit === undefined) this.rateLimiter?.open();
    if (concurrency === undefined) this.concurrency?.open();
    if (bandwidth === undefined) this.pacers?.open();
    this.rateLimiter = following(this.rateLimiter, rateLimit, (config) => new RateLimiter(config, clock));
    this.concurrency = following(
      this.concurrency,
      concurrency,
      (config) => new ConcurrencyLimiter(config, this.#rooms),
    );
    this.pacers = following(this.pacers, bandwidth, (config) => new Pacers(config, clock));
    this.#followFaults(faults);
  }

  /** The gateway closes: what is held up on purpose shall not keep it. */
  letGo(): void {
    this.faults?.lift();
    this.pacers?.open();
  }

  /** Other faults are another run: their requests are counted from 0, so that a seed gives the same sequence. */
  #followFaults(faults: readonly FaultConfig[]): void {
    const seed = faults.length === 0 ? undefined : this.#rooms.seed();
    if (seed === this.#seed && isDeepStrictEqual(faults, this.faults?.faults ?? [])) return;
    this.#seed = seed;
    this.faults?.lift();
    this.faults =
      seed === undefined ? undefined : new FaultBook(faults, this.#service, { seed, clock: this.#rooms.clock });
  }
}
