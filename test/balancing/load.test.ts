import { expect, test } from 'vitest';
import type { Load } from '../../src/balancing/load.js';
import { LoadBook } from '../../src/balancing/load.js';
import { ManualClock } from '../support/manual-clock.js';
import { instanceOf } from './instance.js';

/** Milliseconds: the time constant of the decay. */
const decayTime = 10_000;

function begin(): { clock: ManualClock; load: Load } {
  const clock = new ManualClock();
  clock.advance(1_000_000);
  return { clock, load: new LoadBook(clock).of(instanceOf('a')) };
}

test('an instance has one load, and another instance of the same id another one', () => {
  const book = new LoadBook(new ManualClock());
  const [first, second] = [instanceOf('a'), instanceOf('a')];
  book.of(first).active = 3;
  expect(book.of(first).active).toBe(3);
  expect(book.of(second)).toMatchObject({ active: 0, served: 0 });
});

test('of an instance that has never answered, a fast answer is expected, so that it is tried', () => {
  expect(begin().load.expected()).toBe(0.5);
});

test('a slow answer counts at once, and is forgotten with time alone', () => {
  const { clock, load } = begin();
  load.observe(10, false);
  expect(load.expected()).toBe(10);
  load.observe(500, false);
  expect(load.expected()).toBe(500);
  for (let answer = 0; answer < 1_000; answer++) load.observe(10, false);
  expect(load.expected()).toBe(500); // a thousand answers in no time say little
  clock.advance(decayTime);
  load.observe(10, false);
  expect(load.expected()).toBeCloseTo(500 / Math.E);
  clock.advance(10 * decayTime);
  load.observe(10, false);
  expect(load.expected()).toBe(10);
});

test('without answers it is forgotten, down to what is expected of a stranger', () => {
  const { clock, load } = begin();
  load.observe(1_000, false);
  clock.advance(100 * decayTime);
  expect(load.expected()).toBe(0.5);
});

test('a failure makes an instance look slower, however fast it came', () => {
  const { load } = begin();
  load.observe(20, false);
  load.observe(0.1, true);
  expect(load.expected()).toBe(40);
  load.observe(700, true);
  expect(load.expected()).toBe(700);
});

test('any number of failures is forgotten within two minutes, and never makes a slow instance look faster', () => {
  const { clock, load } = begin();
  for (let failure = 0; failure < 5_000; failure++) load.observe(0.1, true);
  expect(load.expected()).toBe(10_000);
  load.observe(30_000, false);
  load.observe(0.1, true);
  expect(load.expected()).toBe(30_000);
  clock.advance(120_000);
  expect(load.expected()).toBe(0.5);
});
