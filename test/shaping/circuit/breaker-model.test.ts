import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CircuitBreakerConfig } from '../../../src/config/policy-configs.js';
import { Breaker } from '../../../src/shaping/circuit/breaker.js';
import { ManualClock } from '../../support/manual-clock.js';

type Verdict = 'success' | 'failure' | 'none';

/** Ticks of a clock that stands still between the steps; the window is ten of them, so that each is a bucket of its own. */
const window = 10;

interface Request {
  readonly epoch: number;
  verdict: Verdict | 'under way';
}

/** A breaker that keeps everything that ever happened, and looks through all of it each time. */
class NaiveBreaker {
  readonly #config: CircuitBreakerConfig;
  readonly requests: Request[] = [];
  /** Of the epochs, each of which has one state: this is the last one. */
  kind: 'closed' | 'open' | 'half-open' = 'closed';
  #epoch = 0;
  #begun = 0;
  #answers: Array<{ readonly at: number; readonly failed: boolean }> = [];

  constructor(config: CircuitBreakerConfig) {
    this.#config = config;
  }

  admits(now: number): boolean {
    const { openFor, probes } = this.#config;
    if (this.kind === 'open' && now >= this.#begun + openFor) this.#become('half-open', now);
    const rounds = 1 + Math.floor((now - this.#begun) / openFor);
    const places = this.kind === 'closed' ? Infinity : this.kind === 'open' ? 0 : probes * rounds;
    const taken = this.#ofThisEpoch().filter(({ verdict }) => verdict !== 'none').length;
    if (taken >= places) return false;
    this.requests.push({ epoch: this.#epoch, verdict: 'under way' });
    return true;
  }

  end(request: Request, verdict: Verdict, now: number): void {
    if (request.verdict !== 'under way') return;
    request.verdict = verdict;
    if (request.epoch !== this.#epoch || verdict === 'none') return;
    this.#answers.push({ at: now, failed: verdict === 'failure' });
    if (this.kind === 'closed' && this.#hasFailedTooOften(now)) this.#become('open', now);
    else if (this.kind === 'half-open' && verdict === 'failure') this.#become('open', now);
    else if (this.kind === 'half-open' && this.#answers.length >= this.#config.probes) this.#become('closed', now);
  }

  #hasFailedTooOften(now: number): boolean {
    const { consecutiveFailures = Infinity, failureRate = Infinity, minimumRequests } = this.#config;
    const run = this.#answers.length - 1 - this.#answers.findLastIndex(({ failed }) => !failed);
    const recent = this.#answers.filter(({ at }) => at > now - window);
    const failures = recent.filter(({ failed }) => failed).length;
    return run >= consecutiveFailures || (recent.length >= minimumRequests && failures >= failureRate * recent.length);
  }

  #ofThisEpoch(): Request[] {
    return this.requests.filter(({ epoch }) => epoch === this.#epoch);
  }

  #become(kind: NaiveBreaker['kind'], now: number): void {
    this.kind = kind;
    this.#epoch++;
    this.#begun = now;
    this.#answers = [];
  }
}

const config = fc.record<CircuitBreakerConfig>({
  per: fc.constant('service'),
  failureRate: fc.constantFrom(undefined, 0.25, 0.5, 1),
  minimumRequests: fc.integer({ min: 1, max: 6 }),
  consecutiveFailures: fc.constantFrom(undefined, 1, 2, 3),
  window: fc.constant(window),
  openFor: fc.integer({ min: 1, max: 12 }),
  probes: fc.integer({ min: 1, max: 3 }),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'admit' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      back: fc.nat({ max: 5 }),
      verdict: fc.constantFrom<Verdict>('success', 'failure', 'failure', 'none'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ticks: fc.integer({ min: 1, max: 13 }) }) },
);

test('in any order of requests, answers and rests it does what one would that remembers everything', () => {
  const visited = new Set<string>();
  const walk = fc.property(config, fc.array(step, { minLength: 20, maxLength: 120 }), (config, steps) => {
    const clock = new ManualClock();
    const changes: string[] = [];
    const breaker = new Breaker(config, clock, ({ from, to }) => changes.push(`${from} → ${to}`));
    const model = new NaiveBreaker(config);
    const admitted: Array<(verdict: Verdict) => void> = [];
    let before = model.kind;
    for (const step of steps) {
      const now = clock.monotonic();
      if (step.kind === 'wait') clock.advance(step.ticks);
      if (step.kind === 'admit') {
        const admission = breaker.admit();
        expect(admission.kind).toBe(model.admits(now) ? 'admitted' : 'refused');
        if (admission.kind === 'admitted')
          admitted.push((verdict) => (verdict === 'none' ? admission.forget() : admission.done(verdict === 'failure')));
      }
      const [request, end] =
        step.kind === 'end' ? [model.requests.at(-1 - step.back), admitted.at(-1 - step.back)] : [];
      if (step.kind === 'end' && request !== undefined) {
        end?.(step.verdict);
        model.end(request, step.verdict, now);
      }
      expect(breaker.state.kind).toBe(model.kind);
      expect(changes).toEqual(before === model.kind ? [] : [`${before} → ${model.kind}`]);
      for (const change of changes.splice(0)) visited.add(change);
      before = model.kind;
    }
  });

  fc.assert(walk, { seed: 4, numRuns: 500 });

  expect([...visited].sort()).toEqual(['closed → open', 'half-open → closed', 'half-open → open', 'open → half-open']);
});
