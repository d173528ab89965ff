import { expect, test } from 'vitest';
import { followExchanges } from '../../src/mesh/followed-exchanges.js';
import { RecordBook } from '../../src/telemetry/records/record-book.js';
import { ManualClock } from '../support/manual-clock.js';
import { endExchange } from '../support/records.js';

test('who follows one service is not woken by the others, and all who follow take a twentieth of the time', () => {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  const followed = followExchanges(book, { service: 'orders', statuses: undefined, path: '', slow: 0 });
  let woken = 0;
  const off = followed.onNews(() => woken++);
  endExchange(book, { service: 'web' });
  endExchange(book, { service: null });
  expect(woken).toBe(0);
  endExchange(book, { service: 'orders' });
  expect(woken).toBe(1);
  off();
  endExchange(book, { service: 'orders' });
  expect(woken).toBe(1);
  expect(followed.share).toBe(0.05);
});
