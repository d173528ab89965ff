import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from '../../../src/shaping/bandwidth/pacer.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Somebody who wants as much as there is, always. */
function greedy(pacer: Pacer): { readonly got: number } {
  const greed = { got: 0 };
  const ask = () => {
    for (let bytes = pacer.take(65_536); bytes > 0; bytes = pacer.take(65_536)) greed.got += bytes;
    pacer.ask(65_536, (bytes) => {
      greed.got += bytes;
      ask();
    });
  };
  ask();
  return greed;
}

test.each([1, 7, 99, 100, 1_000, 65_536, 1_000_003, 50_000_000])(
  'after each second, exactly %i bytes have passed',
  (rate) => {
    const clock = new ManualClock();
    const user = greedy(new Pacer(rate, clock));
    for (let second = 1; second <= 5; second++) {
      clock.advance(1_000);
      expect(Math.abs(user.got - rate * second)).toBeLessThanOrEqual(rate / 100);
    }
  },
);

test('timers that come late take nothing away', () => {
  const clock = new ManualClock();
  const late = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (ms: number, act: () => void) => clock.after(ms + 13, act),
  };
  const user = greedy(new Pacer(10_000, late));
  clock.advance(10_000);
  expect(user.got).toBeGreaterThanOrEqual(100_000 - 10_000 * 0.05);
  expect(user.got).toBeLessThanOrEqual(100_000);
});

test('several that share a rate get the same', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(100_000, clock);
  const users = [greedy(pacer), greedy(pacer), greedy(pacer), greedy(pacer)];
  clock.advance(10_000);
  for (const { got } of users) expect(Math.abs(got - 250_000)).toBeLessThanOrEqual(1_000);
});

test('one that wants little leaves the rest to the others', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(100_000, clock);
  const much = greedy(pacer);
  let little = 0;
  const sip = () =>
    void pacer.ask(10, (bytes) => {
      little += bytes;
      clock.after(100, sip);
    });
  sip();
  clock.advance(10_000);
  expect(little).toBeGreaterThan(500);
  expect(Math.abs(much.got + little - 1_000_000)).toBeLessThanOrEqual(1_000);
});

test('a little passes at once, as much as is due in a moment', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(100_000, clock);
  expect([pacer.take(50), pacer.take(5_000), pacer.take(5_000)]).toEqual([50, 950, 0]);
  clock.advance(5);
  expect(pacer.take(5_000)).toBe(500);
});

test('a rest saves nothing up', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(1_000, clock);
  pacer.ask(1, () => {});
  clock.advance(60_000);
  const user = greedy(pacer);
  clock.advance(1_000);
  expect(user.got).toBeLessThanOrEqual(1_010);
  expect(user.got).toBeGreaterThanOrEqual(990);
});

test('who takes the question back gets nothing, and costs the others nothing', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(1_000, clock);
  let got = 0;
  const leave = pacer.ask(1_000, (bytes) => {
    got += bytes;
  });
  leave();
  const user = greedy(pacer);
  clock.advance(999);
  expect(got).toBe(0);
  expect(user.got).toBe(1_000);
});

test('a change of the rate holds at once, for those who wait, too', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(1, clock);
  const user = greedy(pacer);
  clock.advance(500);
  pacer.update(1_000);
  clock.advance(1_000);
  expect(Math.abs(user.got - 1_000)).toBeLessThanOrEqual(10);
});

test('where there is no limit any more, all that waits passes', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(1, clock);
  let got = 0;
  pacer.ask(60_000, (bytes) => {
    got += bytes;
  });
  pacer.update(Infinity);
  clock.advance(20);
  expect(got).toBe(60_000);
});

test('no timer runs while nobody asks', () => {
  const clock = new ManualClock();
  const pacer = new Pacer(1_000, clock);
  pacer.ask(5, () => {});
  clock.advance(1_000);
  expect(clock.pending).toBe(0);
});

test('in any run of askers, no more than the rate passes, and all of it while somebody waits', () => {
  const asks = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 2_000 }), most: fc.integer({ min: 1, max: 5_000 }) }),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), asks, (rate, wishes) => {
      const clock = new ManualClock();
      const pacer = new Pacer(rate, clock);
      let passed = 0;
      let asked = 0;
      for (const { at, most } of wishes) {
        clock.after(at, () => {
          let left = most;
          asked += most;
          const ask = () =>
            void pacer.ask(left, (bytes) => {
              passed += bytes;
              left -= bytes;
              if (left > 0) ask();
            });
          ask();
        });
      }
      clock.advance(2_000);
      expect(passed).toBeLessThanOrEqual(Math.ceil(rate * 2.01));
      clock.advance((asked / rate) * 1_000 + 2_000);
      expect(passed).toBe(asked);
    }),
    { numRuns: 300 },
  );
});
