import { expect, test } from 'vitest';
import { parseStatuses } from '../../src/foundation/statuses.js';

test.each([
  ['503', [503], [502, 504, 5, 0]],
  ['5xx', [500, 599], [499, 600]],
  ['404,5XX', [404, 500], [400, 200]],
  ['1xx', [100, 199], [99, 200]],
])('`%s` stands for %j, and not for %j', (text, those, others) => {
  const statuses = parseStatuses(text);
  for (const status of those) expect(statuses?.has(status), String(status)).toBe(true);
  for (const status of others) expect(statuses?.has(status), String(status)).toBe(false);
});

test.each(['', 'abc', '6xx', '0xx', '50', '5000', '5x', '503,', '503 504', '5xx,teapot'])(
  '`%s` is no status',
  (text) => {
    expect(parseStatuses(text)).toBeUndefined();
  },
);
