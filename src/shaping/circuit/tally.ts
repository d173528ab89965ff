import type { CircuitBreakerConfig } from '../../config/policy-configs.js';
import { SlidingCount } from '../sliding-count.js';

/** What a closed breaker counts, and when it has counted enough. */
export class Tally {
  #requests: SlidingCount;
  #failures: SlidingCount;
  #failuresInARow = 0;

  /** @param window milliseconds for which an answer counts towards the rate */
  constructor(window: number) {
    this.#requests = new SlidingCount(window);
    this.#failures = new SlidingCount(window);
  }

  /** Begins the rate anew; the failures in a row have no window, and stay. */
  restart(window: number): void {
    this.#requests = new SlidingCount(window);
    this.#failures = new SlidingCount(window);
  }

  add(isFailure: boolean, now: number): void {
    this.#requests.add(now);
    if (isFailure) this.#failures.add(now);
    this.#failuresInARow = isFailure ? this.#failuresInARow + 1 : 0;
  }

  requests(now: number): number {
    return this.#requests.total(now);
  }

  failures(now: number): number {
    return this.#failures.total(now);
  }

  /** In words; undefined while it may stay closed. */
  reasonToOpen(config: CircuitBreakerConfig, now: number): string | undefined {
    const { consecutiveFailures, failureRate, minimumRequests } = config;
    const inARow = this.#failuresInARow;
    if (consecutiveFailures !== undefined && inARow >= consecutiveFailures) return inARowInWords(inARow);
    const [failures, requests] = [this.failures(now), this.requests(now)];
    if (failureRate === undefined || requests < minimumRequests || failures / requests < failureRate) return undefined;
    return `${Math.round((100 * failures) / requests)} % of ${requests} requests failed`;
  }
}

function inARowInWords(count: number): string {
  return count === 1 ? 'a failure' : `${count} failures in a row`;
}
