import type { ExchangesWish } from '../admin/control.js';
import type { ExchangeEventView } from '../admin/exchanges-wire.js';
import type { Followed } from '../admin/follower.js';
import type { RecordBook } from '../telemetry/records/record-book.js';
import { isWanted } from '../telemetry/records/record-filter.js';
import type { RecordReader } from '../telemetry/records/record-reader.js';
import { viewExchange } from './exchanges-view.js';

/** Measured: some 10,000 exchanges a second are told; of more, the rest is missed. */
const share = 0.05;

/** The exchanges that end from now on, as a stream tells them. */
export function followExchanges(book: RecordBook, { service, ...filter }: ExchangesWish): Followed {
  const reader = book.read(service, (record) => isWanted(filter, record));
  let isLive = false;
  return {
    next() {
      if (isLive) return nextEvent(reader);
      isLive = true;
      return { type: 'live' };
    },
    onNews: (listener) =>
      book.onRecord((of) => {
        if (service === undefined || of === service) listener();
      }),
    share,
  };
}

function nextEvent(reader: RecordReader): ExchangeEventView | { readonly type: 'searching' } | undefined {
  const step = reader.next();
  switch (step?.kind) {
    case 'record':
      return { type: 'exchange', exchange: viewExchange(step.record) };
    case 'missed':
      return { type: 'missed', service: step.service ?? null, count: step.count };
    case 'searching':
      return { type: 'searching' };
    case undefined:
      return undefined;
  }
}
