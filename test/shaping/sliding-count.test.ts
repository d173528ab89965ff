import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlidingCount } from '../../src/shaping/sliding-count.js';

test('what has happened counts for nine tenths of the window at least, and never for longer than the window', () => {
  const gaps = fc.array(fc.nat({ max: 400 }), { maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(gaps, (gaps) => {
      const count = new SlidingCount(1_000);
      const happened: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        count.add(now);
        happened.push(now);
        const within = (age: number) => happened.filter((at) => now - at < age).length;
        expect(count.total(now)).toBeGreaterThanOrEqual(within(900));
        expect(count.total(now)).toBeLessThanOrEqual(within(1_000));
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});

test.each([1_000, 12_345, 1e9])('after %i ms without anything, nothing counts any more', (rest) => {
  const count = new SlidingCount(1_000);
  count.add(0);
  count.add(950);
  expect(count.total(950)).toBe(2);

  expect(count.total(950 + rest)).toBe(0);
});
