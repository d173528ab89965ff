import type { TraceState } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { expect, test } from 'vitest';
import { attempt } from '../../../src/exchange/attempt.js';
import type { Arrival, Exchange, ExchangeRequest } from '../../../src/exchange/exchange.js';
import type { Outcome } from '../../../src/exchange/outcome.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { Fields } from '../../../src/http1/fields.js';
import type { Instance } from '../../../src/registry/instance.js';
import { Registry } from '../../../src/registry/registry.js';
import { memoryStore } from '../../../src/registry/stores/memory.js';
import type { SpanRooms } from '../../../src/telemetry/traces/exchange-spans.js';
import { spansOf } from '../../../src/telemetry/traces/exchange-spans.js';
import { identify } from '../../../src/telemetry/traces/identify.js';
import { Ids } from '../../../src/telemetry/traces/ids.js';
import { Sampler } from '../../../src/telemetry/traces/sampler.js';
import { WallTime } from '../../../src/telemetry/traces/wall-time.js';
import { exchangeOf } from '../../support/exchange.js';
import { ManualClock } from '../../support/manual-clock.js';

const wallTime = new WallTime();
wallTime.look(0, 0);
const rooms: SpanRooms = {
  resource: emptyResource(),
  scope: { name: 'test' },
  wallTime,
  traceStateOf: (text): TraceState => expect.fail(`there is no ${text}`),
};

const registry = new Registry(new ManualClock(), memoryStore);
registry.declare('orders');
const spec = { id: 'one', address: { host: '::1', port: 4_001 }, weight: 1, version: undefined, metadata: {} };
const instance: Instance = registry.put('orders', spec, 'file', 'unknown');

function exchangeFor(changes: Partial<ExchangeRequest> = {}, arrival?: Arrival): Exchange {
  const exchange = exchangeOf(changes, arrival);
  void identify(new Ids(), new Sampler(1))(exchange, async () => {});
  exchange.service = 'orders';
  return exchange;
}

/** The span of the exchange, and those of its attempts. */
function spans(
  exchange: Exchange,
  outcome: Outcome = { kind: 'answered', status: 200 },
  ends = { exchange: 10, answer: 8 },
) {
  const [server, ...clients] = spansOf(exchange, outcome, ends, rooms);
  return { server: server ?? expect.fail('there is no span'), clients };
}

test('a service of the mesh that calls is named, and so is the service', () => {
  const arrival = { kind: 'caller', caller: 'web', service: 'orders' } as const;
  const { server } = spans(exchangeFor({}, arrival));
  expect(server.name).toBe('GET orders');
  expect(server.attributes).toMatchObject({ 'mesh.caller': 'web', 'mesh.service': 'orders' });
});

test('a method that nobody knows is no name of a span', () => {
  const { server } = spans(exchangeFor({ method: 'BREW' }));
  expect(server.name).toBe('HTTP orders');
  expect(server.attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'BREW' });
});

test('what a proxy in front of the mesh has taken off is told', () => {
  const { server } = spans(
    exchangeFor({ fields: new Fields(['X-Forwarded-Proto', 'https']), authority: '[::1]:8080' }),
  );
  expect(server.attributes).toMatchObject({ 'url.scheme': 'https', 'server.address': '::1', 'server.port': 8_080 });
});

const outcomes: [Outcome, number, object][] = [
  [{ kind: 'answered', status: 404 }, 0, { 'http.response.status_code': 404 }],
  [{ kind: 'answered', status: 500 }, 2, { 'http.response.status_code': 500, 'error.type': '500' }],
  [{ kind: 'refused', status: 429, code: 'rate_limited' }, 0, { 'error.type': 'rate_limited' }],
  [{ kind: 'refused', status: 503, code: 'circuit_open' }, 2, { 'error.type': 'circuit_open' }],
  [{ kind: 'cut', status: 200 }, 2, { 'error.type': 'upstream_reset', 'http.response.status_code': 200 }],
  [{ kind: 'abandoned' }, 0, { 'error.type': 'client_gone', 'mesh.outcome': 'abandoned' }],
];

test.each(outcomes)('an exchange that was %j has the status %d', (outcome, status, attributes) => {
  const { server } = spans(exchangeFor(), outcome);
  expect(server.status).toEqual({ code: status });
  expect(server.attributes).toMatchObject(attributes);
});

function attempted(exchange: Exchange, result: Exchange['attempts'][number]['result'], startedAt: number): void {
  exchange.tried({
    instance,
    spanId: undefined,
    choice: undefined,
    circuit: undefined,
    startedAt,
    endedAt: startedAt + 2,
    result,
  });
}

test('an attempt that brings the answer lasts until all of it is there, the others until they failed', () => {
  const exchange = exchangeFor();
  attempted(exchange, { kind: 'failed', error: new MeshError('upstream_reset') }, 1);
  attempted(exchange, { kind: 'answered', status: 200 }, 4);
  const { server, clients } = spans(exchange);
  expect([server, ...clients].map(({ startTime, endTime, duration }) => [startTime, endTime, duration])).toEqual(
    [
      [0, 10, 10],
      [1, 3, 2],
      [4, 8, 4],
    ].map((times) => times.map((milliseconds) => [0, milliseconds * 1e6])),
  );
  expect(clients.map(({ status }) => status.code)).toEqual([2, 0]);
  expect(new Set([server, ...clients].map((span) => span.spanContext().spanId)).size).toBe(3);
});

test('an attempt by which nothing is sent does not go by the id of the one before', async () => {
  const exchange = exchangeFor();
  exchange.instance = instance;
  exchange.attemptSpanId = '00f067aa0ba902b7';
  for (let count = 0; count < 2; count++) await attempt(exchange, new ManualClock(), Promise.resolve(503));
  const [first, second] = spans(exchange).clients.map((span) => span.spanContext().spanId);
  expect(first).toBe('00f067aa0ba902b7');
  expect(second).toMatch(/^(?!00f067aa0ba902b7)[0-9a-f]{16}$/);
});

test('an attempt that the client gave up is no error of the instance, a 4xx is one', () => {
  const exchange = exchangeFor();
  attempted(exchange, { kind: 'answered', status: 404 }, 1);
  attempted(exchange, { kind: 'failed', error: new MeshError('client_gone') }, 1);
  attempted(exchange, { kind: 'pending' }, 1);
  expect(spans(exchange).clients.map(({ status }) => status.code)).toEqual([2, 0, 0]);
});

test('the instance is told of by its address', () => {
  const exchange = exchangeFor({ target: '/a?X-Goog-Signature=abc&b=1' });
  attempted(exchange, { kind: 'answered', status: 200 }, 1);
  expect(spans(exchange).clients[0]?.attributes).toMatchObject({
    'url.full': 'http://[::1]:4001/a?X-Goog-Signature=REDACTED&b=1',
    'server.address': '::1',
    'server.port': 4_001,
    'mesh.instance': 'one',
  });
});
