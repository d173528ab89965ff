import { expect, test } from 'vitest';
import { nearest, printable } from '../../src/foundation/text.js';

test.each([
  ['plain text, ünïcödé and 日本語 stay', 'plain text, ünïcödé and 日本語 stay'],
  ['a\ttab stays', 'a\ttab stays'],
  ['\u001b[2Jwiped', '\\x1b[2Jwiped'],
  ['two\r\nlines', 'two\\x0d\\x0alines'],
  ['c1 \u009b31m', 'c1 \\x9b31m'],
  ['right to left \u202e', 'right to left \\u202e'],
  ['invisible \u200b\ufeff', 'invisible \\u200b\\ufeff'],
  ['nul \0', 'nul \\x00'],
])('%j reaches a terminal as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

const keys = ['replicas', 'routes', 'restart', 'environment', 'dependsOn', 'healthCheck', 'port'];

test.each([
  ['repliacs', 'replicas'],
  ['Replicas', 'replicas'],
  ['replica', 'replicas'],
  ['depends_on', 'dependsOn'],
  ['healthcheck', 'healthCheck'],
  ['prot', 'port'],
  ['ports', 'port'],
  ['env', 'environment'],
  ['health', 'healthCheck'],
  ['image', undefined],
  ['x', undefined],
  ['', undefined],
])('of the keys, the one nearest to %j is %s', (typed, meant) => {
  expect(nearest(typed, keys)).toBe(meant);
});

test('two words without a letter in common are not near, however short they are', () => {
  expect(nearest('a', ['b'])).toBeUndefined();
  expect(nearest('ab', ['cd'])).toBeUndefined();
  expect(nearest('ab', ['cb'])).toBe('cb');
});

test('of equally near words the first one is meant', () => {
  expect(nearest('webx', ['web1', 'web2'])).toBe('web1');
});

test('a megabyte of letters is like no key, and not compared letter by letter', () => {
  expect(nearest('x'.repeat(1_000_000), keys)).toBeUndefined();
});
