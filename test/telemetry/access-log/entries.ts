import { Body } from '../../../src/exchange/body.js';
import type { Arrival, Exchange, ExchangeRequest } from '../../../src/exchange/exchange.js';
import type { Outcome } from '../../../src/exchange/outcome.js';
import { Fields } from '../../../src/http1/fields.js';
import type { Instance } from '../../../src/registry/instance.js';
import { Registry } from '../../../src/registry/registry.js';
import { memoryStore } from '../../../src/registry/stores/memory.js';
import type { AccessEntry } from '../../../src/telemetry/access-log/entry.js';
import { entryOf } from '../../../src/telemetry/access-log/entry.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

export const at = Date.UTC(2026, 0, 1);

/** Of a request that took 12.3456 ms. */
export function entryAfter(
  outcome: Outcome,
  happened: (exchange: Exchange) => void = () => {},
  request: Partial<ExchangeRequest> = {},
  arrival?: Arrival,
): AccessEntry {
  const exchange = exchangeOf(request, arrival);
  exchange.service = 'orders';
  happened(exchange);
  return entryOf(exchange, outcome, at, 12.3456);
}

export function answer(exchange: Exchange, status: number, body: string): void {
  tried(exchange, 'orders-1', { kind: 'answered', status });
  exchange.response = { status, reason: '', fields: new Fields(), body: Body.of(Buffer.from(body)) };
  exchange.response.body.discard(); // taken
}

export function tried(exchange: Exchange, id: string, result: Exchange['attempts'][number]['result']): void {
  exchange.tried({
    instance: instanceOf(id),
    spanId: undefined,
    choice: undefined,
    circuit: undefined,
    startedAt: 1,
    endedAt: 6,
    result,
  });
}

const registry = new Registry(new ManualClock(), memoryStore);

function instanceOf(id: string): Instance {
  const spec = { id, address: { host: '127.0.0.1', port: 4001 }, weight: 1, version: undefined, metadata: {} };
  return registry.put('orders', spec, 'file', 'unknown');
}
