import type { RateLimitConfig } from '../../../src/config/shaping-configs.js';
import type { Cancel, Clock } from '../../../src/foundation/clock.js';
import { RateLimiter } from '../../../src/shaping/rate-limit/limiter.js';
import { ManualClock } from '../../support/manual-clock.js';

export function configOf(changes: Partial<RateLimitConfig> = {}): RateLimitConfig {
  return { rate: 100, burst: 10, by: { kind: 'service' }, excess: 'delay', maxDelay: 2_000, ...changes };
}

/** Requests that come to a limiter, and what became of them. */
export class Arrivals {
  readonly clock = new ManualClock();
  readonly limiter: RateLimiter;
  /** Those that passed, in their order, at milliseconds of the clock. */
  readonly passed: Array<{ readonly name: string; readonly at: number }> = [];
  readonly left: string[] = [];

  /** @param clockOf what the limiter takes for the time, made from the one that the test moves */
  constructor(changes: Partial<RateLimitConfig> = {}, clockOf: (clock: ManualClock) => Clock = (clock) => clock) {
    this.limiter = new RateLimiter(configOf(changes), clockOf(this.clock));
  }

  get names(): string[] {
    return this.passed.map(({ name }) => name);
  }

  get times(): number[] {
    return this.passed.map(({ at }) => at);
  }

  /** The answer leaves the line, where it is in one. */
  come(name: string, key = 'key', patience = Infinity): { readonly kind: string; leave(): void } {
    const admission = this.limiter.take(key, patience);
    if (admission.kind === 'passed') this.passed.push({ name, at: this.clock.monotonic() });
    if (admission.kind !== 'queued') return { kind: admission.kind, leave() {} };
    void admission.turn.then((turn) => {
      if (turn === 'passed') this.passed.push({ name, at: this.clock.monotonic() });
      else this.left.push(name);
    });
    return { kind: 'queued', leave: () => admission.leave() };
  }

  /** So many at once. */
  crowd(count: number, key?: string, patience?: number): void {
    for (let index = 0; index < count; index++) this.come(`${index}`, key, patience);
  }

  /** Moves time on from timer to timer, and lets those whose turn came hear of it each time. */
  async elapse(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms;
    for (let next = this.clock.next; next !== undefined; next = this.clock.next) {
      if (this.clock.monotonic() + next > end) break;
      this.clock.advance(next);
      await heard();
    }
    this.clock.advance(Math.max(0, end - this.clock.monotonic()));
    await heard();
  }
}

/** Whoever was given a turn hears of it. */
export async function heard(): Promise<void> {
  await Promise.resolve();
  await Promise.resolve();
}

/** Timers as Node has them: of whole milliseconds, one at least, what is behind the comma cut off; and late. */
export function coarse(clock: ManualClock, late: number): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delay, callback): Cancel => clock.after(Math.max(1, Math.trunc(delay)) + late, callback),
  };
}
