import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FaultConfig } from '../../../src/config/shaping-configs.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { Fields } from '../../../src/http1/fields.js';
import type { AccessEntry } from '../../../src/telemetry/access-log/entry.js';
import { turnedAwayEntry } from '../../../src/telemetry/access-log/entry.js';
import { jsonGap, jsonLine } from '../../../src/telemetry/access-log/json-line.js';
import { textGap, textLine } from '../../../src/telemetry/access-log/text-line.js';
import { answer, at, entryAfter, tried } from './entries.js';

const plain = (entry: AccessEntry) => textLine(entry, (_, text) => text);
const client = { host: '127.0.0.1', port: 50_000 };
const delay: FaultConfig = {
  effect: { kind: 'delay', time: 300, jitter: 0, distribution: 'uniform' },
  percentage: 1,
  match: {
    path: undefined,
    method: undefined,
    headers: {},
    caller: undefined,
    version: undefined,
    instance: undefined,
  },
};

const plainEntry = entryAfter({ kind: 'answered', status: 200 }, (exchange) => answer(exchange, 200, 'hello'), {
  target: '/cart?id=1&name=a%20b',
  authority: 'orders.localhost:8080',
  fields: new Fields(['User-Agent', 'curl/8', 'Authorization', 'Bearer s3cret', 'Cookie', 'session=s3cret']),
});

const eventful = entryAfter(
  { kind: 'refused', status: 503, code: 'no_healthy_instance' },
  (exchange) => {
    exchange.route = 'shop.localhost/api';
    exchange.waited('rate-limit', 0, 20);
    exchange.waited('backoff', 20, 22.5);
    exchange.faults = [delay];
    exchange.id = 'k3x9';
    exchange.trace = {
      traceId: 'a'.repeat(32),
      parentSpanId: undefined,
      spanId: 'b'.repeat(16),
      flags: 1,
      nextSpanId: () => '',
    };
    tried(exchange, 'orders-1', { kind: 'failed', error: new MeshError('upstream_reset') });
    tried(exchange, 'orders-2', { kind: 'answered', status: 503 });
  },
  { method: 'BREW', version: '1.0', authority: '[::1]:80' },
  { kind: 'caller', caller: 'web', service: 'orders' },
);

const turnedAway = turnedAwayEntry(client, { kind: 'front' }, new MeshError('bad_request'), at);

test.each([
  [plainEntry, '200 GET orders.localhost:8080/cart?id=1&name=a%20b 127.0.0.1 → orders-1 of orders 12.35ms 5B'],
  [
    eventful,
    '503 BREW [::1]:80/ web → orders-2 of orders 12.35ms · refused: no_healthy_instance · attempts: orders-1 upstream_reset, orders-2 503 · waited: rate-limit 20ms, backoff 2.5ms · faults: delay 300ms',
  ],
  [turnedAway, '400 - 127.0.0.1 → - · refused: bad_request'],
  [entryAfter({ kind: 'abandoned' }), '- GET orders.localhost/ 127.0.0.1 → orders 12.35ms · abandoned: client_gone'],
])('a person reads what came of a request', (entry, line) => {
  expect(plain(entry)).toBe(`2026-01-01T00:00:00.000Z ${line}`);
});

test('a program finds the attributes of OpenTelemetry, and those of the mesh', () => {
  expect(JSON.parse(jsonLine(plainEntry))).toEqual({
    timestamp: '2026-01-01T00:00:00.000Z',
    'http.request.method': 'GET',
    'url.path': '/cart',
    'url.query': 'id=1&name=a%20b',
    'server.address': 'orders.localhost',
    'server.port': 8_080,
    'network.protocol.version': '1.1',
    'user_agent.original': 'curl/8',
    'http.response.status_code': 200,
    'client.address': '127.0.0.1',
    'mesh.service': 'orders',
    'mesh.instance': 'orders-1',
    'mesh.attempts': [{ instance: 'orders-1', status: 200, duration: 5 }],
    'mesh.outcome': 'answered',
    'mesh.duration': 12.346,
    'mesh.bytesReceived': 0,
    'mesh.bytesSent': 5,
  });
  expect(JSON.parse(jsonLine(eventful))).toMatchObject({
    'http.request.method': '_OTHER',
    'http.request.method_original': 'BREW',
    'http.route': 'shop.localhost/api',
    'error.type': 'no_healthy_instance',
    'server.address': '::1',
    'server.port': 80,
    'network.protocol.version': '1.0',
    trace_id: 'a'.repeat(32),
    span_id: 'b'.repeat(16),
    'mesh.id': 'k3x9',
    'mesh.caller': 'web',
    'mesh.attempts': [
      { instance: 'orders-1', error: 'upstream_reset', duration: 5 },
      { instance: 'orders-2', status: 503, duration: 5 },
    ],
    'mesh.waits': [
      { kind: 'rate-limit', duration: 20 },
      { kind: 'backoff', duration: 2.5 },
    ],
    'mesh.faults': ['delay 300ms'],
    'mesh.outcome': 'refused',
  });
  expect(JSON.parse(jsonLine(turnedAway))).toEqual({
    timestamp: '2026-01-01T00:00:00.000Z',
    'http.response.status_code': 400,
    'error.type': 'bad_request',
    'client.address': '127.0.0.1',
    'mesh.outcome': 'refused',
  });
});

test('secrets of the head stay out of the log', () => {
  expect(plain(plainEntry) + jsonLine(plainEntry)).not.toContain('s3cret');
});

test.each([
  ['an answer of the service that is an error is named by its status', { kind: 'answered', status: 502 }, '502'],
  ['an answer that is none is not named', { kind: 'answered', status: 404 }, undefined],
  ['an answer that broke off is named by why', { kind: 'cut', status: 200 }, 'upstream_reset'],
  ['a client that left is named', { kind: 'abandoned' }, 'client_gone'],
] as const)('%s', (_, outcome, errorType) => {
  expect(entryAfter(outcome).errorType).toBe(errorType);
});

test('the status of an answer that broke off is that which the client saw', () => {
  expect(entryAfter({ kind: 'cut', status: 200 }, (exchange) => answer(exchange, 200, 'hel')).status).toBe(200);
  expect(entryAfter({ kind: 'cut', status: 0 }).status).toBeUndefined();
});

test.each([
  [200, 'good'],
  [304, 'quiet'],
  [404, 'busy'],
  [500, 'bad'],
])('the status %i is shown as %s', (status, tone) => {
  const line = textLine(entryAfter({ kind: 'answered', status }), (shown, text) => `<${shown} ${text}>`);
  expect(line).toContain(` <${tone} ${status}> `);
});

test('no client can write a line of its own, nor move the cursor', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 40 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a control that gets through is what is looked for.
  const dangerous = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/;
  fc.assert(
    fc.property(anything, anything, anything, (target, authority, agent) => {
      const fields = new Fields(['User-Agent', agent]);
      const entry = entryAfter({ kind: 'answered', status: 200 }, () => {}, { target, authority, fields });
      expect(plain(entry)).not.toMatch(dangerous);
      expect(jsonLine(entry)).not.toMatch(dangerous);
      expect(JSON.parse(jsonLine(entry))).toMatchObject({ 'user_agent.original': agent });
    }),
    { examples: [['/\u001b[2J\r\n2026', 'a\u009b', '\u2028\u202e"\n']] },
  );
});

test('a log says itself how many of its lines are missing', () => {
  expect(textGap(at, 1, 'ENOSPC')).toBe('2026-01-01T00:00:00.000Z - 1 line is missing here: ENOSPC');
  expect(textGap(at, 2, 'ENOSPC')).toBe('2026-01-01T00:00:00.000Z - 2 lines are missing here: ENOSPC');
  expect(JSON.parse(jsonGap(at, 2, 'ENOSPC'))).toEqual({
    timestamp: '2026-01-01T00:00:00.000Z',
    'error.type': 'ENOSPC',
    'mesh.droppedLines': 2,
  });
});
