import { expect, test } from 'vitest';
import { mistakes } from './read.js';

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

test.each([
  [
    'an alias bomb',
    `x-0: &b0 [a, a]\n${lines(40, (i) => `x-${i + 1}: &b${i + 1} [*b${i}, *b${i}]`)}`,
    'aliases repeat',
  ],
  [
    'an alias bomb of mappings',
    `x-0: &b0 { k: v }\n${lines(40, (i) => `x-${i + 1}: &b${i + 1} { l: *b${i}, r: *b${i} }`)}`,
    'aliases repeat',
  ],
  [
    'a bomb of empty merges',
    `x-0: &b0 {}\n${lines(40, (i) => `x-${i + 1}: &b${i + 1} { <<: [*b${i}, *b${i}] }`)}`,
    'aliases repeat',
  ],
  ['an alias of itself', 'x-a: &a { b: *a }', '`*a` contains itself'],
  ['a merge of itself', 'x-a: &a { <<: *a }', '`*a` contains itself'],
  ['aliases of each other', 'x-a: &a [&b [*a, *b]]', 'contains itself'],
  ['a hundred open brackets', '['.repeat(100), 'nested more than 64 levels deep'],
  ['a megabyte of open brackets', '['.repeat(1_000_000), 'nested more than 64 levels deep'],
  ['brackets in brackets', `a: ${'['.repeat(70)}${']'.repeat(70)}`, 'nested more than 64 levels deep'],
  ['a list in a list in a list', '- '.repeat(70), 'nested more than 64 levels deep'],
  ['a list deeper than the stack', '- '.repeat(5_000), 'nested more than 64 levels deep'],
])('%s is one clear mistake, at once', (_, text, message) => {
  const found = mistakes(text);

  expect(found.map((diagnostic) => diagnostic.message)).toEqual([expect.stringContaining(message)]);
});

test('sharing is not a bomb: a hundred services of one template load', () => {
  const text = `x-base: &base\n${lines(15, (i) => `  x-${i}: 1`)}\n  command: x\nservices:\n${lines(100, (i) => `  s${i}: { <<: *base }`)}`;

  expect(mistakes(text)).toEqual([]);
});

test('ten thousand mistakes are all found', () => {
  expect(mistakes(lines(10_000, (i) => `key${i}: 1`))).toHaveLength(10_000);
});

test('a megabyte of anything ends', () => {
  for (const text of ['"'.repeat(100_000), '&a '.repeat(30_000), '? '.repeat(30_000), 'a: b: c\n'.repeat(10_000)]) {
    expect(mistakes(text).length).toBeGreaterThan(0);
  }
});
