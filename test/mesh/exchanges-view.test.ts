import { expect, test } from 'vitest';
import { viewExchanges } from '../../src/mesh/exchanges-view.js';
import { RecordBook } from '../../src/telemetry/records/record-book.js';
import { ManualClock } from '../support/manual-clock.js';
import { endExchange } from '../support/records.js';

const whichever = { service: undefined, statuses: undefined, path: '', slow: 0 };

test('the list has those that are wanted, behind the one that is known; what is gone is counted', () => {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  for (let count = 0; count < 1_010; count++) endExchange(book, { target: count % 2 === 0 ? '/even' : '/odd' });
  endExchange(book, { service: 'web', target: '/even' });

  const list = viewExchanges(book, 4, { ...whichever, path: '/even' });
  expect(list).toMatchObject({ sequence: 1_011, missed: 6 });
  expect(list.exchanges).toHaveLength(501);
  const ofWeb = viewExchanges(book, 0, { ...whichever, service: 'web' });
  expect(ofWeb).toMatchObject({ missed: 0, exchanges: [{ service: 'web', target: '/even', status: 200 }] });
});
