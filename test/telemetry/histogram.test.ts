import { expect, test } from 'vitest';
import { rangeOf } from '../../src/config/alert-units.js';
import { seededRandom } from '../../src/foundation/random.js';
import { Histogram } from '../../src/telemetry/metrics/histogram.js';

test('a percentile is at most 3.2 % off the exact one, from microseconds to a minute', () => {
  const random = seededRandom(1);
  const durations = Array.from({ length: 20_000 }, () => 0.02 * 3_000_000 ** random());
  const histogram = new Histogram();
  for (const duration of durations) histogram.record(duration);

  durations.sort((left, right) => left - right);
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 1]) {
    const exact = durations[Math.ceil(share * durations.length) - 1] ?? Number.NaN;
    expect(Math.abs((histogram.percentile(share) ?? Number.NaN) / exact - 1), `p${share * 100}`).toBeLessThan(0.032);
  }
});

test('two histograms add up to the one that saw everything', () => {
  const [left, right, both] = [new Histogram(), new Histogram(), new Histogram()];
  for (let at = 1; at <= 100; at++) {
    (at % 2 === 0 ? left : right).record(at);
    both.record(at);
  }
  left.add(right);

  expect(left.total).toBe(100);
  for (const share of [0.1, 0.5, 0.99]) expect(left.percentile(share)).toBe(both.percentile(share));
});

test('what is longer than the range counts as the longest, and zero as the shortest', () => {
  const histogram = new Histogram();
  histogram.record(0);
  histogram.record(10_000_000);

  expect(histogram.percentile(0.5)).toBeLessThan(0.001);
  expect(histogram.percentile(1)).toBeGreaterThan(64_000);
  expect(histogram.percentile(1)).toBeLessThan(rangeOf('p99').most); // no alert waits for more
});

test('a histogram that saw nothing has no percentiles', () => {
  expect(new Histogram().percentile(0.5)).toBeUndefined();
});
