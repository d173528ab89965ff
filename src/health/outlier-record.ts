import type { OutlierDetectionConfig } from '../config/policy-configs.js';
import type { Verdict } from '../exchange/verdict.js';
import { isFailure } from '../exchange/verdict.js';

/** What outlier detection remembers of one instance. */
export class OutlierRecord {
  /** Calls off its return; undefined while it is not out. */
  cancelReturn: (() => void) | undefined;
  /** How often it was ejected, less the intervals in which it has behaved. */
  #ejections = 0;
  #wasOutInInterval = false;
  #requests = 0;
  #successes = 0;
  #failuresInARow = 0;
  #gatewayFailuresInARow = 0;

  get isOut(): boolean {
    return this.cancelReturn !== undefined;
  }

  /** Is nothing held against it any more? */
  get isForgiven(): boolean {
    return this.#ejections === 0;
  }

  /** A gateway failure is a 5xx as well. */
  count(verdict: Verdict): void {
    const failed = isFailure(verdict);
    this.#requests++;
    if (!failed) this.#successes++;
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0;
    this.#gatewayFailuresInARow = verdict === 'gateway-failure' ? this.#gatewayFailuresInARow + 1 : 0;
  }

  /** In words; undefined while it has not failed often enough in a row. */
  reasonToEject({ consecutive5xx, consecutiveGatewayFailure }: OutlierDetectionConfig): string | undefined {
    if (reaches(consecutiveGatewayFailure, this.#gatewayFailuresInARow))
      return `${counted(this.#gatewayFailuresInARow, 'gateway failure')} in a row`;
    if (reaches(consecutive5xx, this.#failuresInARow))
      return `${counted(this.#failuresInARow, 'answer')} of 5xx in a row`;
    return undefined;
  }

  /** 0–1, in this interval; undefined when it had fewer requests. */
  successRate(minimumRequests: number): number | undefined {
    return this.#requests < minimumRequests ? undefined : this.#successes / this.#requests;
  }

  /**
   * Begins all counts anew, for its return. Answers for how many milliseconds it is out. The number of ejections stops where
   * it makes no difference any more: who failed all night is forgiven as soon as who failed for an hour.
   */
  eject({ baseEjectionTime, maxEjectionTime }: OutlierDetectionConfig): number {
    if (this.#ejections * baseEjectionTime < maxEjectionTime) this.#ejections++;
    this.#wasOutInInterval = true;
    this.#forgetRequests();
    this.#failuresInARow = 0;
    this.#gatewayFailuresInARow = 0;
    return Math.min(this.#ejections * baseEjectionTime, maxEjectionTime);
  }

  /** A whole interval without an ejection is to its credit. */
  endInterval(): void {
    if (!this.#wasOutInInterval) this.#ejections = Math.max(0, this.#ejections - 1);
    this.#wasOutInInterval = this.isOut;
    this.#forgetRequests();
  }

  #forgetRequests(): void {
    this.#requests = 0;
    this.#successes = 0;
  }
}

/** A limit of 0 is never reached. */
function reaches(limit: number, count: number): boolean {
  return limit > 0 && count >= limit;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `${count} ${noun}` : `${count} ${noun}s`;
}
