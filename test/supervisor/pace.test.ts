import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { Pace } from '../../src/supervisor/pace.js';
import { ManualClock } from '../support/manual-clock.js';

test('what is printed at a human pace is taken at once', () => {
  const clock = new ManualClock();
  const stream = new PassThrough().resume();
  const pace = new Pace(stream, clock);
  for (let second = 0; second < 60; second++) {
    pace.took(100_000, 1_000);
    clock.advance(1_000);
    expect(stream.isPaused()).toBe(false);
  }
});

test.each([
  { name: 'lines', bytes: 0, lines: 30_000, seconds: 1.5 },
  { name: 'bytes', bytes: 4_000_000, lines: 1, seconds: 2 },
])('too many $name are paid for by a pause', ({ bytes, lines, seconds }) => {
  const clock = new ManualClock();
  const stream = new PassThrough().resume();
  const pace = new Pace(stream, clock);

  pace.took(bytes, lines);

  expect(stream.isPaused()).toBe(true);
  expect(clock.next).toBeCloseTo((seconds - 0.5) * 1_000);
  clock.advance(2_000);
  expect(stream.isPaused()).toBe(false);
});

test('the last words of a program are not held back', () => {
  const clock = new ManualClock();
  const stream = new PassThrough().resume();
  const pace = new Pace(stream, clock);
  pace.took(1e9, 1);

  pace.end();
  pace.took(1e9, 1);

  expect(stream.isPaused()).toBe(false);
  expect(clock.pending).toBe(0);
});
