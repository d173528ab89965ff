import { Body } from '../../src/exchange/body.js';
import type { Arrival, ExchangeRequest } from '../../src/exchange/exchange.js';
import { Exchange } from '../../src/exchange/exchange.js';
import { Fields } from '../../src/http1/fields.js';

/** A GET of the front door without a body, as far as the test does not say otherwise. */
export function exchangeOf(
  changes: Partial<ExchangeRequest> = {},
  arrival: Arrival = { kind: 'front' },
  startedAt = 0,
): Exchange {
  const request: ExchangeRequest = {
    method: 'GET',
    target: '/',
    authority: 'orders.localhost',
    version: '1.1',
    fields: new Fields(),
    body: Body.of(Buffer.alloc(0)),
    upgrade: undefined,
    ...changes,
  };
  return new Exchange(arrival, { host: '127.0.0.1', port: 50_000 }, request, startedAt);
}
