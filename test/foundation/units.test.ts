import { expect, test } from 'vitest';
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseRate,
  parseShare,
  parseSize,
} from '../../src/foundation/units.js';

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
  ['512', 512],
  ['512B', 512],
  ['1KB', 1_000],
  ['64KiB', 65_536],
  ['1.5KiB', 1_536],
  ['10MB', 10_000_000],
  ['1GiB', 1_073_741_824],
  ['64kib', undefined],
  ['-1', undefined],
  ['KiB', undefined],
])('the size %s is %s bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  [0, '0B'],
  [1_023, '1023B'],
  [65_536, '64KiB'],
  [1_572_864, '1.5MiB'],
  [2_147_483_648, '2GiB'],
])('%d bytes are written %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test.each([
  ['100/s', 100],
  ['600/m', 10],
  ['1800/h', 0.5],
  ['100', undefined],
  ['100/d', undefined],
  ['/s', undefined],
])('the rate %s is %s per second', (text, perSecond) => {
  expect(parseRate(text)).toBe(perSecond);
});

test.each([
  ['5%', 0.05],
  ['5', 0.05],
  ['12.5%', 0.125],
  ['0', 0],
  ['100%', 1],
  ['100.1%', undefined],
  ['-5%', undefined],
  ['five', undefined],
])('the share %s is %s', (text, share) => {
  expect(parseShare(text)).toBe(share);
});
