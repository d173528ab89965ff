import { expect, test } from 'vitest';
import { addressId, formatAddress, isLoopback, isUnsafeTarget, parseAddress } from '../../src/foundation/address.js';

test.each([
  ['127.0.0.1:4001', '127.0.0.1', 4001],
  ['localhost:80', 'localhost', 80],
  ['my_service.test:65535', 'my_service.test', 65_535],
  ['[::1]:4001', '::1', 4001],
  ['[::ffff:127.0.0.1]:80', '::ffff:127.0.0.1', 80],
])('%s is an address', (text, host, port) => {
  expect(parseAddress(text)).toEqual({ host, port });
});

test.each([
  '',
  ':80',
  'localhost',
  'localhost:',
  'localhost:0',
  'localhost:65536',
  'localhost:http',
  '::1:80',
  '[::1]',
  '[127.0.0.1]:80',
  '[abc]:80',
  '[localhost]:80',
  '127.1:80',
  '2130706433:80',
  '0x7f000001:80',
  '1.2.3.256:80',
  'a b:80',
  'a/b:80',
  'user@host:80',
  '-a:80',
  'a.:80',
  'http://a:80',
])('%j is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test('a missing port is the default port, where there is one', () => {
  expect(parseAddress('localhost', 80)).toEqual({ host: 'localhost', port: 80 });
  expect(parseAddress('[::1]', 80)).toEqual({ host: '::1', port: 80 });
  expect(parseAddress('localhost:90', 80)).toEqual({ host: 'localhost', port: 90 });
});

test.each(['127.0.0.1:4001', '[::1]:80', 'localhost:1'])('%s is written as it was read', (text) => {
  const address = parseAddress(text) ?? expect.fail('not read');
  expect(formatAddress(address)).toBe(text);
});

test.each([
  ['127.0.0.1', 4001, '127.0.0.1-4001'],
  ['::1', 80, 'ip6---1--80'],
])('the id of %s port %d is %s', (host, port, id) => {
  expect(addressId({ host, port })).toBe(id);
});

test('the ids of long addresses are as long as an id may be, and differ as the addresses do', () => {
  const host = `internal.${'a'.repeat(80)}.elb.example`;
  const ids = [80, 81].map((port) => addressId({ host, port }));

  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^internal\.a+-[0-9a-f]{8}$/);
  expect(ids[0]).toHaveLength(64);
});

test.each([
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['localhost', true],
  ['LOCALHOST', true],
  ['0.0.0.0', false],
  ['::', false],
  ['::11', false],
  ['1::1', false],
  ['192.168.0.1', false],
  ['127.example.test', false],
])('is %s reached from this machine only? %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});

test.each(['0.0.0.0', '::', '169.254.169.254', '255.255.255.255', 'fe80::1'])('%s is no address to call', (host) => {
  expect(isUnsafeTarget(host)).toBe(true);
});

test('an ordinary address may be called', () => {
  expect(['127.0.0.1', '10.0.0.1', '::1', 'orders.test'].filter(isUnsafeTarget)).toEqual([]);
});
