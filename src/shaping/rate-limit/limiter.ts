import type { RateLimitConfig } from '../../config/shaping-configs.js';
import type { Clock } from '../../foundation/clock.js';
import { SlidingCount } from '../sliding-count.js';
import type { Bucket, Turn } from './bucket.js';
import { BucketTable } from './bucket-table.js';

/** What becomes of a request that asks to pass. */
export type Admission =
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'queued';
      /** Resolves when it is this one's turn, or when it has left before. */
      readonly turn: Promise<Turn>;
      /** Gives up waiting, and those behind move up. Once the turn has come it does nothing. */
      leave(): void;
    }
  | {
      readonly kind: 'refused';
      /** Milliseconds after which it would be admitted, if nobody else came meanwhile. */
      readonly retryAfter: number;
    };

/** Milliseconds that an admission counts in the numbers. */
const numbersWindow = 10_000;

/**
 * How many requests a service is given in a second, counted by key. Each key has a bucket and a line of its own: none waits
 * for another's requests. The first of a burst pass at once, those behind them leave at the rate, in the order of coming;
 * one whose turn would come too late is refused when it comes, and not after it has waited in vain. NGINX: limit_req with
 * burst and, for those that pass at once, delay. Envoy and Traefik have the bucket, and refuse without a line.
 */
export class RateLimiter {
  readonly #clock: Clock;
  /** undefined: there is no limit any more. */
  #config: RateLimitConfig | undefined;
  readonly #buckets: BucketTable;
  #waiting = 0;
  readonly #passed = new SlidingCount(numbersWindow);
  readonly #delayed = new SlidingCount(numbersWindow);
  readonly #refused = new SlidingCount(numbersWindow);

  constructor(config: RateLimitConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#buckets = new BucketTable(config, clock);
  }

  /** Requests that stand in the lines of all keys. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Keys that are remembered. */
  get keys(): number {
    return this.#buckets.size;
  }

  /** Of the last ten seconds, each request counted once, when it came: it passed at once, had to wait, or was refused. */
  get numbers(): { readonly passed: number; readonly delayed: number; readonly refused: number } {
    const now = this.#clock.monotonic();
    return {
      passed: this.#passed.total(now),
      delayed: this.#delayed.total(now),
      refused: this.#refused.total(now),
    };
  }

  /**
   * After a reload, or a change at run time. What was spent stays spent, and the lines go on at the new rate: who waits has
   * been promised its turn, and is not refused even where that now comes later than a new request would be let wait for.
   */
  update(config: RateLimitConfig): void {
    this.#config = config;
    this.#buckets.update(config);
  }

  /** There is no limit any more: whoever waits passes, and so does whoever comes by a configuration that is on its way out. */
  open(): void {
    this.#config = undefined;
    this.#buckets.open();
  }

  /** @param patience milliseconds that the request can wait at most */
  take(key: string, patience: number): Admission {
    if (this.#config === undefined) return passed;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.of(key, now);
    if (bucket.take(now)) {
      this.#passed.add(now);
      return passed;
    }
    const wait = bucket.wait(now);
    const isDelayed = this.#config.excess === 'delay';
    if (isDelayed && wait <= patience) {
      this.#delayed.add(now);
      return this.#queue(bucket);
    }
    this.#refused.add(now);
    return { kind: 'refused', retryAfter: Math.max(0, isDelayed ? wait - patience : wait) };
  }

  #queue(bucket: Bucket): Admission {
    this.#waiting++;
    let settle: (turn: Turn) => void = () => {};
    const turn = new Promise<Turn>((resolve) => {
      settle = resolve;
    });
    const leave = bucket.join((turn) => {
      this.#waiting--;
      settle(turn);
    });
    return { kind: 'queued', turn, leave };
  }
}

const passed: Admission = { kind: 'passed' };
