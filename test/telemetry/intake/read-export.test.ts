import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { expect, test } from 'vitest';
import type { Encoding } from '../../../src/telemetry/intake/intake.js';
import { readExport } from '../../../src/telemetry/intake/intake.js';
import { attemptSpanId, begin, sdkSpans, traceId } from '../../support/spans.js';

const encodings: Encoding[] = ['json', 'protobuf'];

/** As the official exporter writes it. */
function written(encoding: Encoding, ...of: Parameters<typeof sdkSpans>): Buffer {
  const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  return Buffer.from(serializer.serializeRequest(sdkSpans(...of)) ?? []);
}

test.each(encodings)('what the official exporter writes as %s is read', async (encoding) => {
  const { spans, rejected } = await readExport(encoding, written(encoding));
  const [query, serve] = spans;

  expect(rejected).toBe(0);
  expect(serve).toMatchObject({
    traceId,
    parentSpanId: attemptSpanId,
    name: 'GET /x',
    kind: 'server',
    service: 'orders',
    at: begin,
    duration: 20,
    status: 'unset',
    statusMessage: '',
    events: [],
    dropped: 0,
  });
  expect(query).toMatchObject({
    parentSpanId: serve?.spanId,
    name: 'SELECT',
    kind: 'client',
    at: begin + 5,
    duration: 3,
    status: 'error',
    statusMessage: 'no table',
    events: [{ name: 'exception', at: begin + 7.5, attributes: [['exception.message', 'no table']] }],
  });
});

test.each(encodings)('attributes of every type are read from %s; lists are JSON', async (encoding) => {
  const attributes = { text: 'ä ☕ \u0000', yes: true, no: false, count: 42, below: -7, share: 0.25, list: ['a', 'b'] };
  const { spans } = await readExport(encoding, written(encoding, 'orders', attributes));

  expect(spans[1]?.attributes).toEqual(Object.entries({ ...attributes, list: '["a","b"]' }));
});

test.each(encodings)('a service that nobody has named has no name, as %s', async (encoding) => {
  expect((await readExport(encoding, written(encoding, null))).spans[0]?.service).toBeUndefined();
  expect((await readExport(encoding, written(encoding, 'unknown_service:node'))).spans[0]?.service).toBeUndefined();
});

test.each(encodings)('a span is of bounded size, whatever its service writes into it as %s', async (encoding) => {
  const long = 'x'.repeat(100_000);
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`a${index}`, index]));
  const { spans } = await readExport(encoding, written(encoding, 'orders', { long, ...many, ...{ last: long } }));

  expect(JSON.stringify(spans[1]).length).toBeLessThan(16_000);
  expect(spans[1]?.attributes[0]).toEqual(['long', expect.stringMatching(/^x+…$/)]);
  expect(spans[1]?.dropped).toBeGreaterThan(0);
});

const id = { traceId, spanId: attemptSpanId };
const times = { startTimeUnixNano: '1764374400000000000', endTimeUnixNano: '1764374400001000000' };

function exportOf(...spans: unknown[]): Buffer {
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

test.each<[string, object, RegExp]>([
  ['no trace id', { spanId: attemptSpanId, ...times }, /trace id/],
  ['a trace id of zeros', { ...id, traceId: '0'.repeat(32), ...times }, /trace id/],
  ['ids in base64, as protobuf alone would have them', { traceId: 'S/kvNXezTaajzpKdDg5HNg==', ...times }, /trace id/],
  ['half a span id', { ...id, spanId: '00f067aa', ...times }, /span id/],
  ['a parent that is no id', { ...id, parentSpanId: 'me', ...times }, /parent/],
  ['no times', id, /began/],
  ['a time after all time', { ...id, ...times, startTimeUnixNano: 1e30 }, /began/],
])('a span with %s is rejected, and the others are kept', async (_what, bad, reason) => {
  const read = await readExport('json', exportOf({ ...id, ...times, name: 'good' }, bad));

  expect(read.spans.map(({ name }) => name)).toEqual(['good']);
  expect(read).toMatchObject({ rejected: 1, reason: expect.stringMatching(reason) });
});

test('JSON may write ids in capitals, numbers as numbers or text, nothing as null, and what nobody knows', async () => {
  const { spans, rejected } = await readExport(
    'json',
    exportOf({
      traceId: traceId.toUpperCase(),
      spanId: attemptSpanId.toUpperCase(),
      parentSpanId: '0000000000000000',
      startTimeUnixNano: 1764374400000000000,
      endTimeUnixNano: '1764374400001000000',
      name: null,
      status: null,
      kind: 99,
      links: [{}],
      ofTheFuture: { x: 1 },
      attributes: [
        { key: 'big', value: { intValue: '9223372036854775807' } },
        { key: 'nan', value: { doubleValue: 'NaN' } },
        { key: 'empty', value: {} },
        { key: 'bytes', value: { bytesValue: 'AAE=' } },
        { key: '__proto__', value: { stringValue: 'harmless' } },
        { key: 'map', value: { kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } } },
      ],
    }),
  );

  expect(rejected).toBe(0);
  expect(spans[0]).toMatchObject({ traceId, spanId: attemptSpanId, at: begin, duration: 1, kind: 'unspecified' });
  expect(spans[0]?.parentSpanId).toBeUndefined();
  expect(spans[0]?.attributes).toEqual([
    ['big', '9223372036854775807'],
    ['nan', 'NaN'],
    ['empty', ''],
    ['bytes', 'AAE='],
    ['__proto__', 'harmless'],
    ['map', '{"a":true}'],
  ]);
});

test('a span that ends before it begins has taken no time', async () => {
  const { spans } = await readExport('json', exportOf({ ...id, ...times, endTimeUnixNano: 1 }));

  expect(spans[0]?.duration).toBe(0);
});

test('an export has so many spans and no more: the rest is told to be rejected', async () => {
  const { spans, rejected, reason } = await readExport('json', exportOf(...Array(20_001).fill({ ...id, ...times })));

  expect(spans).toHaveLength(20_000);
  expect({ rejected, reason }).toEqual({ rejected: 1, reason: 'an export may have 20000 spans' });
});

test.each(['', '{', '[]', '5', 'null', '{"resourceSpans":5}', '{"resourceSpans":[5]}', '{"resourceSpans":{}}'])(
  '%j is no export of JSON',
  async (text) => {
    await expect(readExport('json', Buffer.from(text))).rejects.toMatchObject({ code: 'invalid_request' });
  },
);

test.each<[string, unknown]>([
  ['a name that is none', { name: 5 }],
  ['a time that is none', { startTimeUnixNano: 'soon' }],
  ['attributes that are none', { attributes: { a: 1 } }],
  ['a value that is none', { attributes: [{ key: 'a', value: 'b' }] }],
])('an export with %s is refused as a whole', async (_what, span) => {
  await expect(readExport('json', exportOf(span))).rejects.toMatchObject({ code: 'invalid_request' });
});

test('while a large export is read, others have their turns', async () => {
  let turns = 0;
  const count = () => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await readExport('json', exportOf(...Array(1_000).fill({ ...id, ...times })));
  clearImmediate(next);

  expect(turns).toBeGreaterThan(10);
});
