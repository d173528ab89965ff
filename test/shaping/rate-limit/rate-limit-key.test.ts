import { expect, test } from 'vitest';
import type { RateLimitKey } from '../../../src/config/shaping-configs.js';
import type { Arrival } from '../../../src/exchange/exchange.js';
import { Fields } from '../../../src/http1/fields.js';
import { keyOf } from '../../../src/shaping/rate-limit/rate-limit-key.js';
import { exchangeOf } from '../../support/exchange.js';

const exchange = exchangeOf({
  fields: new Fields(['X-User', 'ann', 'x-user', 'bob', 'X-Empty', '', 'Cookie', 'session=abc; theme=dark']),
});

const cases: ReadonlyArray<{ readonly by: RateLimitKey; readonly key: string }> = [
  { by: { kind: 'client' }, key: '127.0.0.1' },
  { by: { kind: 'caller' }, key: 'anonymous' },
  { by: { kind: 'header', name: 'x-user' }, key: 'ann' },
  { by: { kind: 'cookie', name: 'theme' }, key: 'dark' },
];

test.each(cases)('counted by $by it is of $key', ({ by, key }) => {
  expect(keyOf(by)(exchange)).toBe(key);
});

test('counted by service, all requests are of one', () => {
  const other = exchangeOf({ fields: new Fields(['X-User', 'zoe']) });

  expect(keyOf({ kind: 'service' })(exchange)).toBe(keyOf({ kind: 'service' })(other));
});

test('by the door it came in through, the caller is known', () => {
  const door: Arrival = { kind: 'caller', caller: 'web', service: 'orders' };

  expect(keyOf({ kind: 'caller' })(exchangeOf({}, door))).toBe('web');
});

const absent: ReadonlyArray<{ readonly by: RateLimitKey; readonly fields: string[] }> = [
  { by: { kind: 'header', name: 'x-user' }, fields: ['X-Other', 'ann'] },
  { by: { kind: 'cookie', name: 'session' }, fields: ['Cookie', 'theme=dark'] },
];

test.each(absent)(
  'without what $by asks for, a request is counted with all others that do not have it',
  ({ by, fields }) => {
    const without = keyOf(by)(exchangeOf({ fields: new Fields(fields) }));

    expect(without).toBe(keyOf(by)(exchangeOf()));
    expect(without).not.toBe(keyOf(by)(exchange));
  },
);

test('long values are told apart, but are not kept', () => {
  const by = keyOf({ kind: 'header', name: 'authorization' });
  const keys = ['a', 'b', 'a'].map((end) =>
    by(exchangeOf({ fields: new Fields(['Authorization', `Bearer ${'x'.repeat(4_000)}${end}`]) })),
  );

  expect(new Set(keys).size).toBe(2);
  expect(Math.max(...keys.map((key) => key.length))).toBeLessThanOrEqual(64);
});
