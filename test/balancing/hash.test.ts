import { expect, test } from 'vitest';
import { hash } from '../../src/balancing/hash.js';

const keys = Array.from({ length: 20_000 }, (_, at) => `user-${at}`);

test('the same text has the same hash for ever: a key must keep its instance over an update', () => {
  expect([hash(''), hash('user-1'), hash('user-1', 7), hash('naïve ☃')]).toMatchInlineSnapshot(`
    [
      2872998923,
      2005895916,
      4063146456,
      295482319,
    ]
  `);
});

test('it is 32 bits, and texts that differ hardly collide', () => {
  const hashes = keys.map((key) => hash(key));
  expect(hashes.every((each) => Number.isInteger(each) && each >= 0 && each < 2 ** 32)).toBe(true);
  expect(new Set(hashes).size).toBeGreaterThan(keys.length - 5); // 0.05 are expected to
});

test.each([0, 1, 2])('every bit of it is as often set as not (seed %i)', (seed) => {
  for (let bit = 0; bit < 32; bit++) {
    const set = keys.filter((key) => (hash(key, seed) >>> bit) & 1).length;
    expect(Math.abs(set / keys.length - 0.5), `bit ${bit}`).toBeLessThan(0.02); // 5 standard deviations
  }
});

test('one character more or less changes half of the bits', () => {
  let changed = 0;
  for (const key of keys) changed += bitsOf(hash(key) ^ hash(`${key}x`));
  expect(changed / keys.length).toBeCloseTo(16, 0.7); // within 0.1
});

test('what one seed says tells nothing of what another says', () => {
  const low = keys.filter((key) => hash(key) < 2 ** 31);
  const both = low.filter((key) => hash(key, 1) < 2 ** 31);
  expect(Math.abs(both.length / low.length - 0.5)).toBeLessThan(0.025); // 5 standard deviations
});

function bitsOf(number: number): number {
  let count = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) count++;
  return count;
}
