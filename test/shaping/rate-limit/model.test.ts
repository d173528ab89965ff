import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from '../../../src/shaping/rate-limit/limiter.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Arrivals, configOf, heard } from './arrivals.js';

/** Milliseconds for one token, and a burst: eighths of a token are exact, so that the model may be compared by equality. */
const pace = fc.record({ interval: fc.constantFrom(1, 2, 4, 8), burst: fc.integer({ min: 1, max: 4 }) });
type Pace = typeof pace extends fc.Arbitrary<infer T> ? T : never;

const toConfig = ({ interval, burst }: Pace) => configOf({ rate: 1_000 / interval, burst });

/** The naive view of one key: a bucket into which an eighth of a drop is poured each millisecond. */
class NaiveBucket {
  tokens: number;
  line: number[] = [];
  readonly passed: Array<{ readonly name: number; readonly at: number }> = [];
  pace: Pace;

  constructor(pace: Pace) {
    this.pace = pace;
    this.tokens = pace.burst;
  }

  come(name: number, patience: number, now: number): 'passed' | 'queued' | 'refused' {
    if (this.line.length === 0 && this.tokens >= 1) {
      this.tokens--;
      this.passed.push({ name, at: now });
      return 'passed';
    }
    if ((this.line.length + 1 - this.tokens) * this.pace.interval > patience) return 'refused';
    this.line.push(name);
    return 'queued';
  }

  pour(now: number): void {
    this.tokens = Math.min(this.pace.burst, this.tokens + 1 / this.pace.interval);
    this.#admit(now);
  }

  change(pace: Pace, now: number): void {
    this.tokens = Math.max(0, pace.burst - (this.pace.burst - this.tokens));
    this.pace = pace;
    this.#admit(now);
  }

  #admit(now: number): void {
    while (this.tokens >= 1 && this.line.length > 0) {
      this.tokens--;
      this.passed.push(...this.line.splice(0, 1).map((name) => ({ name, at: now })));
    }
  }
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('come' as const),
      key: fc.nat({ max: 2 }),
      patience: fc.nat({ max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('elapse' as const), ms: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('update' as const), pace }) },
);

test('in any order of coming, leaving, time and changes each key is a bucket into which tokens drip, and a line', async () => {
  const walk = fc.asyncProperty(pace, fc.array(step, { maxLength: 120, size: 'max' }), async (first, steps) => {
    const clock = new ManualClock();
    const limiter = new RateLimiter(toConfig(first), clock);
    const model = [0, 1, 2].map(() => new NaiveBucket(first));
    const passed: Array<NaiveBucket['passed']> = [[], [], []];
    const leaves: Array<() => void> = [];
    const pass = (key: number, name: number) => passed[key]?.push({ name, at: clock.monotonic() });
    for (const step of steps) {
      if (step.kind === 'come') {
        const name = leaves.length;
        const admission = limiter.take(`${step.key}`, step.patience);
        expect(admission.kind).toBe(model[step.key]?.come(name, step.patience, clock.monotonic()));
        if (admission.kind === 'passed') pass(step.key, name);
        if (admission.kind === 'queued') void admission.turn.then((turn) => turn === 'passed' && pass(step.key, name));
        leaves.push(admission.kind === 'queued' ? () => admission.leave() : () => {});
      } else if (step.kind === 'leave') {
        const name = step.which % Math.max(1, leaves.length);
        leaves[name]?.();
        for (const bucket of model) bucket.line = bucket.line.filter((other) => other !== name);
      } else if (step.kind === 'update') {
        limiter.update(toConfig(step.pace));
        for (const bucket of model) bucket.change(step.pace, clock.monotonic());
      } else {
        for (let ms = 0; ms < step.ms; ms++) {
          clock.advance(1);
          await heard();
          for (const bucket of model) bucket.pour(clock.monotonic());
        }
      }
      await heard();
      const lines = model.map(({ line }) => line.length);
      expect(limiter.waiting).toBe(lines.reduce((sum, length) => sum + length, 0));
      expect(clock.pending, 'a timer for each line').toBe(lines.filter((length) => length > 0).length);
      expect(passed).toEqual(model.map((bucket) => bucket.passed));
    }
  });
  await fc.assert(walk, { seed: 4, numRuns: 300 });
});

const traffic = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true })),
    patience: fc.double({ min: 0, max: 200, noNaN: true }),
    key: fc.constantFrom('a', 'b'),
  }),
  { maxLength: 150, size: 'max' },
);

test('in no window more than a burst and what the rate gives in it pass, and nobody overtakes within its key', async () => {
  const rates = fc.double({ min: 20, max: 3_000, noNaN: true });
  const property = fc.asyncProperty(rates, fc.integer({ min: 1, max: 8 }), traffic, async (rate, burst, requests) => {
    const arrivals = new Arrivals({ rate, burst });
    for (const [index, { gap, patience, key }] of requests.entries()) {
      await arrivals.elapse(gap);
      arrivals.come(`${key}${index}`, key, patience);
    }
    await arrivals.elapse(1_000);
    for (const key of ['a', 'b']) {
      const passed = arrivals.passed.filter(({ name }) => name.startsWith(key));
      for (const [first, { at: start }] of passed.entries()) {
        for (let last = first; last < passed.length; last++) {
          const window = (passed[last]?.at ?? NaN) - start;
          expect(last - first + 1).toBeLessThanOrEqual(burst + (rate * window) / 1_000 + 1e-6);
        }
      }
      const order = passed.map(({ name }) => Number(name.slice(1)));
      expect(order).toEqual(order.toSorted((one, other) => one - other));
    }
  });
  await fc.assert(property, { seed: 4, numRuns: 100 });
});

test('what one key does changes nothing for another', async () => {
  const property = fc.asyncProperty(traffic, async (requests) => {
    const passesOfA = async (isThere: (key: string) => boolean) => {
      const arrivals = new Arrivals({ rate: 64, burst: 2 });
      for (const [index, { gap, patience, key }] of requests.entries()) {
        await arrivals.elapse(Math.round(gap));
        if (isThere(key)) arrivals.come(`${key}${index}`, key, patience);
      }
      await arrivals.elapse(1_000);
      return arrivals.passed.filter(({ name }) => name.startsWith('a'));
    };

    expect(await passesOfA(() => true)).toEqual(await passesOfA((key) => key === 'a'));
  });
  await fc.assert(property, { seed: 4, numRuns: 100 });
});
