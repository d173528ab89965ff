import { expect, test } from 'vitest';
import { spanOfTime, WallTime } from '../../../src/telemetry/traces/wall-time.js';

const wall = Date.UTC(2026, 10, 28);

test('a moment is told to the nanosecond, though the wall clock shows whole milliseconds', () => {
  const time = new WallTime();
  time.look(wall, 1_000);
  expect(time.at(1_000)).toEqual([wall / 1_000, 0]);
  expect(time.at(1_000.000_25)).toEqual([wall / 1_000, 250]);
  expect(time.at(999.5)).toEqual([wall / 1_000 - 1, 999_500_000]);
  expect(time.at(2_000.999_999_9)).toEqual([wall / 1_000 + 1, 1_000_000]);
});

test('many looks at a coarse clock come near to what a fine one would show', () => {
  const time = new WallTime();
  const offset = wall + 0.7;
  for (let monotonic = 0; monotonic < 50; monotonic += 0.13) time.look(Math.floor(offset + monotonic), monotonic);
  const [seconds, nanoseconds] = time.at(100);
  const error = seconds * 1_000 + nanoseconds / 1e6 - (offset + 100);
  expect(Math.abs(error)).toBeLessThan(0.13);
});

test.each([
  ['set back', -5_000],
  ['set forward, or the machine has slept', 60_000],
])('a clock that was %s is followed', (_, jump) => {
  const time = new WallTime();
  time.look(wall, 0);
  time.look(wall + jump, 0);
  expect(time.at(0)).toEqual([(wall + jump) / 1_000, 0]);
});

test('a duration is in two parts, too, and never carries over', () => {
  expect(spanOfTime(0)).toEqual([0, 0]);
  expect(spanOfTime(1_500.25)).toEqual([1, 500_250_000]);
  expect(spanOfTime(999.999_999_9)).toEqual([0, 999_999_999]);
});
