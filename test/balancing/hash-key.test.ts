import { expect, test } from 'vitest';
import { hashKeyOf } from '../../src/balancing/hash-key.js';
import type { HashKeyConfig } from '../../src/config/policy-configs.js';
import { Fields } from '../../src/http1/fields.js';
import { exchangeOf } from '../support/exchange.js';

const exchange = exchangeOf({
  target: '/cart/items?user=ann&user=bob&empty=',
  fields: new Fields(['X-User', 'first', 'x-user', 'second', 'Cookie', 'session=abc; theme=dark', 'X-Empty', '']),
});
exchange.upstreamTarget = '/rewritten?user=carl';

const cases: ReadonlyArray<{ readonly config: HashKeyConfig; readonly key: string | undefined }> = [
  { config: { kind: 'header', name: 'x-user' }, key: 'first' },
  { config: { kind: 'header', name: 'x-empty' }, key: '' },
  { config: { kind: 'header', name: 'x-other' }, key: undefined },
  { config: { kind: 'cookie', name: 'theme' }, key: 'dark' },
  { config: { kind: 'cookie', name: 'Theme' }, key: undefined },
  { config: { kind: 'query', name: 'user' }, key: 'ann' },
  { config: { kind: 'query', name: 'empty' }, key: '' },
  { config: { kind: 'query', name: 'page' }, key: undefined },
  { config: { kind: 'source-address' }, key: '127.0.0.1' },
  { config: { kind: 'path' }, key: '/cart/items' },
];

test.each(cases)('$config is $key', ({ config, key }) => {
  expect(hashKeyOf(config, exchange)).toBe(key);
});
