import { expect, test } from 'vitest';
import { SampleWindow } from '../../../src/shaping/concurrency/sample-window.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Adds answers of these times in turn, one each ten milliseconds, until a window ends. */
function fill(window: SampleWindow, clock: ManualClock, times: readonly number[], least = 10) {
  for (let samples = 1; ; samples++) {
    clock.advance(10);
    const rttMs = times[samples % times.length] ?? 0;
    const round = window.add({ wasDropped: false, rttMs, inFlight: samples % 7 }, least);
    if (round !== undefined) return { samples, ...round };
  }
}

test('a window says the geometric mean, and the most that were under way', () => {
  const clock = new ManualClock();

  const round = fill(new SampleWindow(clock), clock, [10, 1_000]);

  expect(round).toMatchObject({ dropped: 0, peak: 6 });
  expect(round.rttMs).toBeCloseTo(100, 6);
});

test('times below a millisecond are none that differ', () => {
  const clock = new ManualClock();
  expect(fill(new SampleWindow(clock), clock, [0.1, 0.9]).rttMs).toBe(1);
});

test('a window takes the least of samples, and a tenth of a second', () => {
  const clock = new ManualClock();
  const window = new SampleWindow(clock);
  expect(fill(window, clock, [10], 3).samples).toBe(10);
  expect(fill(window, clock, [10], 25).samples).toBe(25);
});

test('after samples that vary, windows take more of them, fewer again when they vary no more, and two seconds at most', () => {
  const clock = new ManualClock();
  const window = new SampleWindow(clock);
  fill(window, clock, [5, 200]); // their logarithms are 1.84 off the mean: 86 samples leave an error below 0.2

  const varied = fill(window, clock, [5, 200]).samples;
  for (let windows = 0; windows < 60; windows++) fill(window, clock, [10]);
  const even = fill(window, clock, [10]).samples;
  fill(window, clock, [1, 20_000]);
  const wild = fill(window, clock, [10]).samples;

  expect([varied, even, wild]).toEqual([86, 10, 200]);
});

test('samples that were sent under another limit are passed over, and so is their time', () => {
  const clock = new ManualClock();
  const window = new SampleWindow(clock);

  window.skip(30);

  expect(fill(window, clock, [10]).samples).toBe(40);
});

test('what was dropped has no time', () => {
  const clock = new ManualClock();
  const window = new SampleWindow(clock);
  const add = (wasDropped: boolean) => window.add({ wasDropped, rttMs: 10, inFlight: 1 }, 4);
  clock.advance(100);

  expect([false, true, true, true].map(add).at(-1)).toEqual({ rttMs: expect.closeTo(10), dropped: 0.75, peak: 1 });
  clock.advance(100);
  expect([true, true, true, true].map(add).at(-1)).toEqual({ rttMs: undefined, dropped: 1, peak: 1 });
});
