import type { SloConfig } from '../../config/alert-configs.js';
import { partsOfWhole } from '../../foundation/units.js';

/** Everything that has happened since some beginning: neither falls. */
export interface Counts {
  readonly requests: number;
  readonly errors: number;
}

/** How a service keeps its promise. */
export interface BudgetReading extends SloConfig {
  /** Of what the promise leaves for errors: 1 is all of it, 0 nothing, and below that it is overspent. */
  readonly remaining: number;
  /** How fast it is spent of late: 1 spends exactly all of it over the window (Google SRE: burn rate). */
  readonly burnRate: number;
}

/** The window is kept in so many parts: a fixed memory, be it a minute or a week. */
const parts = 60;

/** How many of the parts are "of late": a twelfth of the window, as Google's short window is of the long one. */
const recentParts = parts / 12;

/** What was counted of one service in the window, in parts that are written over in turn. */
export class ErrorBudget {
  readonly window: number;
  readonly #step: number;
  readonly #requests = new Float64Array(parts);
  readonly #errors = new Float64Array(parts);
  /** The part under way, counted from the beginning of the clock. */
  #part: number;
  #seen: Counts;

  /** @param counts as they are: what was before is not of this window */
  constructor(window: number, now: number, counts: Counts) {
    this.window = window;
    this.#step = window / parts;
    this.#part = this.#partOf(now);
    this.#seen = counts;
  }

  /** What has come since the last time is of the part that is under way now. */
  count(now: number, counts: Counts): void {
    this.#turn(now);
    const at = this.#part % parts;
    // They fall where a service was gone and has come again.
    const isAnew = counts.requests < this.#seen.requests || counts.errors < this.#seen.errors;
    const before = isAnew ? { requests: 0, errors: 0 } : this.#seen;
    this.#requests[at] = (this.#requests[at] ?? 0) + counts.requests - before.requests;
    this.#errors[at] = (this.#errors[at] ?? 0) + counts.errors - before.errors;
    this.#seen = counts;
  }

  /** What is left of the budget, as of the last count. */
  remaining(availability: number): number {
    return 1 - this.#burnOf(parts, availability);
  }

  burnRate(availability: number): number {
    return this.#burnOf(recentParts, availability);
  }

  /** The share of errors in the last parts, the one under way among them, in shares that are allowed. */
  #burnOf(count: number, availability: number): number {
    let requests = 0;
    let errors = 0;
    for (let back = 0; back < count; back++) {
      const at = (this.#part + parts - back) % parts;
      requests += this.#requests[at] ?? 0;
      errors += this.#errors[at] ?? 0;
    }
    // 1 - 0.99 is 0.010000000000000009, and people look at what comes of it.
    const allowed = Math.round((1 - availability) * partsOfWhole) / partsOfWhole;
    return requests === 0 ? 0 : errors / (requests * allowed);
  }

  #turn(now: number): void {
    const part = this.#partOf(now);
    const passed = Math.min(part - this.#part, parts);
    for (let ahead = 1; ahead <= passed; ahead++) {
      const at = (this.#part + ahead) % parts;
      this.#requests[at] = 0;
      this.#errors[at] = 0;
    }
    this.#part = part;
  }

  #partOf(now: number): number {
    return Math.floor(now / this.#step);
  }
}
