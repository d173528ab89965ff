import { expect, test } from 'vitest';
import { formatDuration, formatPercentage, parseDuration, parsePercentage } from '../../src/foundation/units.js';

test.each([
  ['0', 0],
  ['0s', 0],
  ['250ms', 250],
  ['0.5ms', 0.5],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['1.005s', 1_005],
  ['1m', 60_000],
  ['1h30m', 5_400_000],
  ['1m30s500ms', 90_500],
])('the duration %s is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', '5', 's', '-5s', '5 s', '5S', '5sec', '1d', '1e3s', '.5s', '5.s', '5s\n', ' 5s', '1:30'])(
  '%j is not a duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, '0ms'],
  [0.25, '0.25ms'],
  [999, '999ms'],
  [999.9999, '1s'],
  [1_000, '1s'],
  [1_234, '1.234s'],
  [60_000, '1m'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [5_400_500, '1h30m0.5s'],
])('%d ms are written %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});

test('a duration that was written is read as the same duration', () => {
  for (let milliseconds = 0; milliseconds < 10_000_000; milliseconds = Math.floor(milliseconds * 1.37) + 1) {
    expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
  }
});

test.each([
  ['0', 0],
  ['0%', 0],
  ['5%', 0.05],
  ['5', 0.05],
  ['12.5%', 0.125],
  ['33.3%', 0.333],
  ['0.000001%', 0.00000001],
  ['100.0%', 1],
])('the percentage %s is %d of the whole', (text, share) => {
  expect(parsePercentage(text)).toBe(share);
});

test.each(['', '%', '-5%', '101%', '100.1', '5 %', '.5%', '5.%', '1e1%', '5%%', '5%\n'])(
  '%j is not a percentage',
  (text) => {
    expect(parsePercentage(text)).toBeUndefined();
  },
);

test('a percentage that was written is read as the same share', () => {
  for (let millionths = 0; millionths <= 100_000_000; millionths += 9_973) {
    const share = millionths / 100_000_000;
    expect(parsePercentage(formatPercentage(share))).toBe(share);
  }
  expect([0, 0.05, 0.125, 1].map(formatPercentage)).toEqual(['0%', '5%', '12.5%', '100%']);
});
