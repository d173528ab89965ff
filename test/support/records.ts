import type { Outcome } from '../../src/exchange/outcome.js';
import type { RecordBook } from '../../src/telemetry/records/record-book.js';
import { exchangeOf } from './exchange.js';

export interface EndedExchange {
  /** null: it came to none. */
  readonly service?: string | null;
  readonly id?: string;
  readonly target?: string;
  readonly outcome?: Outcome;
  /** Milliseconds of the book's clock at which it began. */
  readonly startedAt?: number;
}

/** An exchange that begins and ends under the eyes of the book. */
export function endExchange(
  book: RecordBook,
  {
    service = 'orders',
    id = '',
    target = '/',
    outcome = { kind: 'answered', status: 200 },
    startedAt,
  }: EndedExchange = {},
): void {
  const exchange = exchangeOf({ target }, { kind: 'front' }, startedAt);
  Object.assign(exchange, { service: service ?? undefined, id });
  void book.layer(exchange, async () => {});
  exchange.finish(outcome);
}
