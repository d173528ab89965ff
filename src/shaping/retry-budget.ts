import type { RetryBudgetConfig } from '../config/policy-configs.js';
import type { Clock } from '../foundation/clock.js';
import { SlidingCount } from './sliding-count.js';

/** Milliseconds of requests of which the retries may be a share. Linkerd's ttl. */
const budgetWindow = 10_000;

/** How often in a second each of the few places which are there in any case may be used: so they add nothing to a storm. */
const usesPerSecond = 10;

/**
 * How many retries a service may be given, over all its clients: a share of the requests of the last ten seconds, and in
 * any case a few at once, without which a service that is hardly called would never be tried again.
 *
 * Envoy's retry_budget takes its share (budget_percent, 20 %) of the requests that are under way at this moment. But a dead
 * service refuses connections at once: nothing is under way, all retries fall under min_retry_concurrency, and how many
 * those are in a second depends on how fast they fail. Over a window the load on a dead service stays below 1 + share,
 * however fast it fails, as in Finagle and Linkerd.
 *
 * The few at once (Envoy: min_retry_concurrency, 3) would bound what is under way, and not how many there are in a second:
 * of fifty requests per second that fail at once, they alone would make three times the load. So each of them is used ten
 * times a second at most: with the defaults, from 150 requests per second on, the share is the whole of it.
 *
 * What is bounded are attempts. One that finds its instance refusing connections goes on to another (`choose`): nothing was
 * sent, and each instance is knocked at once at most.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #config: RetryBudgetConfig;
  readonly #requests = new SlidingCount(budgetWindow);
  readonly #retries = new SlidingCount(budgetWindow);
  readonly #refusals = new SlidingCount(budgetWindow);
  /** Retries, too, and in the last second. */
  readonly #lately = new SlidingCount(1_000);
  #underWay = 0;

  constructor(config: RetryBudgetConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  /** After a reload: what has been counted still counts. */
  update(config: RetryBudgetConfig): void {
    this.#config = config;
  }

  /** Of the last ten seconds. */
  get numbers(): { readonly requests: number; readonly retries: number; readonly refused: number } {
    const now = this.#clock.monotonic();
    const [requests, retries, refused] = [this.#requests, this.#retries, this.#refusals].map((each) => each.total(now));
    return { requests: requests ?? 0, retries: retries ?? 0, refused: refused ?? 0 };
  }

  /** A request has come, and not a retry of one. */
  request(): void {
    this.#requests.add(this.#clock.monotonic());
  }

  /** Asks for one retry. The answer is to be called when it is over, once or more often; undefined: there shall be none. */
  withdraw(): (() => void) | undefined {
    const now = this.#clock.monotonic();
    const { percentage, minConcurrency } = this.#config;
    const isWithinShare = (this.#retries.total(now) + 1) / this.#requests.total(now) <= percentage;
    const few = minConcurrency * usesPerSecond;
    const isOneOfTheFew = this.#underWay < minConcurrency && this.#lately.total(now) < few;
    if (!isWithinShare && !isOneOfTheFew) {
      this.#refusals.add(now);
      return undefined;
    }
    this.#retries.add(now);
    this.#lately.add(now);
    this.#underWay++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#underWay--;
    };
  }
}
