import { expect, test } from 'vitest';
import { cookieOf } from '../../src/http1/cookies.js';
import { Fields } from '../../src/http1/fields.js';

test.each([
  { line: 'a=1', value: '1' },
  { line: 'b=2; a=1; c=3', value: '1' },
  { line: 'b=2;a=1', value: '1' },
  { line: ' \t a =\t1 ; b=2', value: '1' },
  { line: 'a=', value: '' },
  { line: 'a=1; a=2', value: '1' },
  { line: 'a=x=y==', value: 'x=y==' },
  { line: 'a="1 2"', value: '"1 2"' },
  { line: 'a=%31', value: '%31' },
  { line: ';;; a=1;', value: '1' },
  { line: 'broken; a=1', value: '1' },
  { line: 'a; b=1', value: undefined },
  { line: 'A=1', value: undefined },
  { line: 'ba=1; aa=2', value: undefined },
  { line: 'b=a=1', value: undefined },
  { line: '=1', value: undefined },
  { line: '', value: undefined },
])('`a` in `$line` is $value', ({ line, value }) => {
  expect(cookieOf(new Fields(['Cookie', line]), 'a')).toBe(value);
});

test('a client may send its cookies in more lines than one, and none at all', () => {
  expect(cookieOf(new Fields(['Cookie', 'a=1', 'Host', 'x', 'cookie', 'b=2; a=3']), 'b')).toBe('2');
  expect(cookieOf(new Fields(['Set-Cookie', 'a=1']), 'a')).toBeUndefined();
});
