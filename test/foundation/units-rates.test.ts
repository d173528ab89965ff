import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatByteRate, formatRate, parseByteRate, parseRate } from '../../src/foundation/units.js';

test.each([
  ['100/s', 100],
  ['0.5/s', 0.5],
  ['30/m', 0.5],
  ['1/m', 1 / 60],
  ['36/h', 0.01],
  ['0/s', 0],
  ['999999999.999/s', 999_999_999.999],
])('the rate %s is %d per second', (text, perSecond) => {
  expect(parseRate(text)).toBe(perSecond);
});

test.each([
  '',
  '100',
  '/s',
  '100/d',
  '100/ms',
  '100 /s',
  '-1/s',
  '.5/s',
  '5./s',
  '1e3/s',
  '0.0001/s',
  '100/s\n',
  '1000000000/s',
])('%j is not a rate', (text) => {
  expect(parseRate(text)).toBeUndefined();
});

test.each([
  [100, '100/s'],
  [0.5, '0.5/s'],
  [1 / 60, '1/m'],
  [100 / 60, '100/m'],
  [10 / 3_600, '10/h'],
])('%d per second are written %s', (perSecond, text) => {
  expect(formatRate(perSecond)).toBe(text);
});

test('a rate that was written is read as the same rate', () => {
  const thousandths = fc.integer({ min: 0, max: 999_999_999_999 });
  fc.assert(
    fc.property(thousandths, fc.constantFrom('s', 'm', 'h'), (amount, period) => {
      const perSecond = parseRate(`${Math.floor(amount / 1_000)}.${String(amount % 1_000).padStart(3, '0')}/${period}`);
      expect(perSecond).toBeDefined();
      expect(parseRate(formatRate(perSecond ?? Number.NaN))).toBe(perSecond);
    }),
  );
});

test.each([
  ['64KiB/s', 65_536],
  ['1B/s', 1],
  ['2GiB/s', 2_147_483_648],
])('%s are %d bytes per second, and written so', (text, bytes) => {
  expect(parseByteRate(text)).toBe(bytes);
  expect(formatByteRate(bytes)).toBe(text);
});

test.each(['64KiB', '64/s', '64KB/s', '0', '64KiB/m', '1.5MiB/s'])('%j are not bytes per second', (text) => {
  expect(parseByteRate(text)).toBeUndefined();
});
