import { expect, test } from 'vitest';
import { parseStatuses } from '../../../src/foundation/statuses.js';
import { RecordBook } from '../../../src/telemetry/records/record-book.js';
import type { RecordFilter } from '../../../src/telemetry/records/record-filter.js';
import { isWanted } from '../../../src/telemetry/records/record-filter.js';
import { ManualClock } from '../../support/manual-clock.js';
import type { EndedExchange } from '../../support/records.js';
import { endExchange } from '../../support/records.js';

const whichever: RecordFilter = { statuses: undefined, path: '', slow: 0 };

function recordOf(exchange: EndedExchange) {
  const clock = new ManualClock();
  const book = new RecordBook(clock, () => 1_000);
  clock.advance(100);
  endExchange(book, exchange);
  return book.since(0)[0] ?? expect.fail('no record');
}

test.each<[string, Partial<RecordFilter>, EndedExchange, boolean]>([
  ['whatever', {}, { outcome: { kind: 'abandoned' } }, true],
  ['a status', { statuses: parseStatuses('503') }, { outcome: { kind: 'answered', status: 503 } }, true],
  ['another status', { statuses: parseStatuses('503') }, { outcome: { kind: 'answered', status: 502 } }, false],
  [
    'a refusal',
    { statuses: parseStatuses('4xx') },
    { outcome: { kind: 'refused', status: 429, code: 'rate_limited' } },
    true,
  ],
  ['no status', { statuses: parseStatuses('1xx,2xx,3xx,4xx,5xx') }, { outcome: { kind: 'abandoned' } }, false],
  ['a path', { path: '/a' }, { target: '/a/b?c' }, true],
  ['another path', { path: '/a' }, { target: '/b/a' }, false],
  ['one as slow as that', { slow: 40 }, { startedAt: 60 }, true],
  ['a quicker one', { slow: 40 }, { startedAt: 61 }, false],
  ['a path of another status', { path: '/a', statuses: parseStatuses('5xx') }, { target: '/a' }, false],
])('%s: %j', (_name, filter, exchange, wanted) => {
  expect(isWanted({ ...whichever, ...filter }, recordOf(exchange))).toBe(wanted);
});
