import { expect, test } from 'vitest';
import { queryOf } from '../../src/http1/query.js';

test.each([
  { target: '/?a=1', value: '1' },
  { target: '/path?b=2&a=1&c=3', value: '1' },
  { target: '/?a=1&a=2', value: '1' },
  { target: '/?a=', value: '' },
  { target: '/?a', value: '' },
  { target: '/?&&a=1', value: '1' },
  { target: '/?a=x=y', value: 'x=y' },
  { target: '/?a=one+two%20three%2B', value: 'one two three+' },
  { target: '/?%61=%C3%BC', value: 'ü' },
  { target: '/?a=100%&b', value: '100%' },
  { target: '/?a=%zz%4', value: '%zz%4' },
  { target: '/?a=what?', value: 'what?' },
  { target: '/??a=1', value: undefined },
  { target: '/?A=1', value: undefined },
  { target: '/?ba=1', value: undefined },
  { target: '/a=1', value: undefined },
  { target: '/', value: undefined },
  { target: '*', value: undefined },
])('`a` in $target is $value', ({ target, value }) => {
  expect(queryOf(target, 'a')).toBe(value);
});
