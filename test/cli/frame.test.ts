import { expect, test } from 'vitest';
import { asciiOnly } from '../../src/cli/render/ascii.js';
import { frameDifference } from '../../src/cli/render/frame.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { drawTable } from '../../src/cli/render/table.js';
import { clip, endOf, pad, shorten, shortenMiddle, textWidth } from '../../src/cli/render/width.js';
import { asciiLikes, showsUnicode, withPlainSigns } from '../../src/cli/unicode.js';

test('only the rows that changed are written', () => {
  expect(frameDifference(['a', 'b', 'c'], ['a', 'B', 'c'], 80)).toBe('\u001b[2;1HB\u001b[K');
  expect(frameDifference(['a'], ['a'], 80)).toBe('');
  expect(frameDifference([], ['a', 'b'], 80)).toBe('\u001b[1;1Ha\u001b[K\u001b[2;1Hb\u001b[K');
  expect(frameDifference(['a', 'b', 'c'], ['a'], 80)).toBe('\u001b[2;1H\u001b[J');
});

test('behind a row that reaches to the edge nothing is erased: that would be its last character', () => {
  expect(frameDifference([], ['12345', '1234'], 5)).toBe('\u001b[1;1H12345\u001b[2;1H1234\u001b[K');
});

test('a line is cut to the width of the screen, with its colours closed', () => {
  expect(clip('\u001b[31mred\u001b[39m and more', 5)).toBe('\u001b[31mred\u001b[39m a\u001b[0m');
  expect(clip('short', 5)).toBe('short');
  expect(clip('longer', 5)).toBe('longe');
});

test.each([
  ['plain', 5],
  ['注文', 4],
  ['🚀 go', 5],
  ['e\u0301te\u0301', 3],
  ['\u001b[31mred\u001b[39m', 3],
  ['▁▂▃', 3],
])('%s takes %d columns, and is cut and filled by them', (text, width) => {
  expect(textWidth(text)).toBe(width);
  expect(textWidth(pad(text, 10))).toBe(10);
  for (let columns = 0; columns < width; columns++) {
    expect(textWidth(clip(text, columns))).toBeLessThanOrEqual(columns);
    expect(textWidth(shorten(text, columns))).toBeLessThanOrEqual(columns);
    expect(textWidth(endOf(text, columns))).toBeLessThanOrEqual(columns);
    if (columns > 0) expect(shorten(text, columns)).toContain('…');
  }
});

test('a name is cut in its middle: those of a family differ at their ends', () => {
  expect(shortenMiddle('department-of-orders-12', 13)).toBe('depart…ers-12');
  expect(shortenMiddle('department-of-orders-12', 12)).toBe('depart…rs-12');
  expect(shortenMiddle('orders-12', 9)).toBe('orders-12');
  expect(shortenMiddle('注文注文', 6)).toBe('注…文');
  expect([shortenMiddle('orders', 1), shortenMiddle('orders', 0)]).toEqual(['…', '']);
});

test('wide characters move no column of a table', () => {
  const rows = ['注文', '🚀', 'plain'].map((name) => [name, 'x']);
  const lines = drawTable([{ head: 'NAME' }, { head: 'AT' }], rows, createPaint(0)).split('\n');
  expect(lines.map((line) => textWidth(line.slice(0, line.search(/AT$|x$/))))).toEqual([7, 7, 7, 7]);
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
  [{ LANG: 'C', LC_CTYPE: 'C.UTF-8' }, true],
  [{ LANG: 'C.UTF-8', LC_ALL: '' }, true],
  [{}, false],
  [{ WT_SESSION: 'some' }, true],
  [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, false],
])('a terminal with %j shows more than ASCII: %s', (environment, isShown) => {
  expect(showsUnicode(environment)).toBe(isShown);
});

test('in ASCII each sign has its like, and whatever has none keeps its columns', () => {
  const line = '\u001b[36m❯\u001b[39m▾ 注文 ▁▂▃▄▅▆▇█ · P99 ▼ …';
  expect(asciiOnly(line)).toBe('\u001b[36m>\u001b[39m- ???? _.-=+*#@ | P99 v ~');
});

test('where lines are printed, signs become their likes, and names and output of others stay', () => {
  expect(withPlainSigns('\u001b[32m✓\u001b[39m 注文 → web · – ● ready ➜ 3×')).toBe(
    '\u001b[32m+\u001b[39m 注文 > web | - * ready > 3x',
  );
});

test('every sign has a like of one column', () => {
  for (const [sign, like] of asciiLikes) expect([textWidth(sign), textWidth(like)]).toEqual([1, 1]);
});
