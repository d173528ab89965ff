import { expect, test } from 'vitest';
import { parseTarget } from '../../src/http1/target.js';
import { Violation } from '../../src/http1/violation.js';

test.each([
  ['/', '/'],
  ['/a/b?c=../d', '/a/b?c=../d'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/b/..', '/a/'],
  ['/a/.', '/a/'],
  ['/a/%2e%2E/b', '/b'],
  ['/a/.%2e/b?x', '/b?x'],
  ['/a/%2e/b', '/a/b'],
  ['/a//b/', '/a//b/'],
  ['/.well-known/x', '/.well-known/x'],
  ['/a/...', '/a/...'],
  ['/a/..b', '/a/..b'],
  ['/@scope%2fname', '/@scope%2fname'],
  ['/a/%2e%2f', '/a/%2e%2f'],
])('%s → %s', (text, target) => {
  expect(parseTarget('GET', text)).toEqual({ authority: undefined, target });
});

test.each([
  ['http://orders/x?y', 'orders', '/x?y'],
  ['HTTP://Orders:80/a/../b', 'Orders:80', '/b'],
  ['http://orders.localhost', 'orders.localhost', '/'],
  ['http://orders?x=1', 'orders', '/?x=1'],
  ['http://[::1]:8080/', '[::1]:8080', '/'],
])('%s is absolute: %s and %s', (text, authority, target) => {
  expect(parseTarget('GET', text)).toEqual({ authority, target });
});

test.each([
  '/..',
  '/../a',
  '/a/../../b',
  '/%2e%2e/a',
  '/..%2fadmin',
  '/api/..%2Fadmin',
  '/api/%2e%2e%5cadmin',
  '/api/x%2f..%2f..',
  '/a#b',
  'a/b',
  '',
  'https://orders/',
  'ftp://orders/',
  'http://',
  'http:///x',
  'http://user@orders/',
  'http://or ders/',
  'orders:80',
  '*',
])('%j is refused', (text) => {
  expect(() => parseTarget('GET', text)).toThrow(Violation);
});

test.each([
  ['*', undefined, '*'],
  ['http://orders', 'orders', '*'],
  ['http://orders/', 'orders', '/'],
])('OPTIONS %s → %s', (text, authority, target) => {
  expect(parseTarget('OPTIONS', text)).toEqual({ authority, target });
});
