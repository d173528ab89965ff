import { expect, test } from 'vitest';
import { Fields } from '../../../src/http1/fields.js';
import { identify } from '../../../src/telemetry/traces/identify.js';
import { Ids } from '../../../src/telemetry/traces/ids.js';
import { Sampler } from '../../../src/telemetry/traces/sampler.js';
import { formatTraceParent, parseTraceParent } from '../../../src/telemetry/traces/trace-context.js';
import { exchangeOf } from '../../support/exchange.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

test.each([
  [`00-${trace}-${span}-01`, { traceId: trace, spanId: span, flags: 1 }],
  [`00-${trace}-${span}-00`, { traceId: trace, spanId: span, flags: 0 }],
  [`00-${trace}-${span}-03`, { traceId: trace, spanId: span, flags: 3 }],
  [`00-${trace}-${span}-ff`, { traceId: trace, spanId: span, flags: 3 }],
  [`01-${trace}-${span}-01-what-comes-later`, { traceId: trace, spanId: span, flags: 1 }],
  [`cc-${trace}-${span}-01`, { traceId: trace, spanId: span, flags: 1 }],
])('%s is read', (text, expected) => {
  expect(parseTraceParent(text)).toEqual(expected);
});

test.each([
  undefined,
  '',
  'nonsense',
  `ff-${trace}-${span}-01`,
  `00-${trace}-${span}-01-more`,
  `00-${trace}-${span}`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace}-${span}-0g`,
  `01-${trace}-${span}-01x`,
  ` 00-${trace}-${span}-01`,
])('%j means nothing', (text) => {
  expect(parseTraceParent(text)).toBeUndefined();
});

test('what is written is of version 00, and reads as what it was', () => {
  expect(formatTraceParent({ traceId: trace, spanId: span, flags: 1 })).toBe(`00-${trace}-${span}-01`);
});

async function identified(fields: string[], share = 1) {
  const exchange = exchangeOf({ fields: new Fields(fields) }, { kind: 'front' });
  await identify(new Ids(), new Sampler(share))(exchange, async () => {});
  return exchange;
}

test('an exchange goes on with the trace of its client, and keeps its state', async () => {
  const { trace: found, request } = await identified(['traceparent', `00-${trace}-${span}-01`, 'tracestate', 'a=1']);
  expect(found).toMatchObject({ traceId: trace, parentSpanId: span, flags: 1 });
  expect(found?.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(request.fields.get('tracestate')).toBe('a=1');
});

test.each([
  ['none', []],
  ['a broken one', ['traceparent', 'x', 'tracestate', 'a=1']],
  ['two', ['traceparent', `00-${trace}-${span}-01`, 'traceparent', `00-${trace}-${span}-01`, 'tracestate', 'a=1']],
])('with %s a new trace begins, and a state belongs to none', async (_, fields) => {
  const { trace: found, request } = await identified(fields);
  expect(found).toMatchObject({ parentSpanId: undefined, flags: 3 });
  expect(found?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(found?.traceId).not.toBe(trace);
  expect(request.fields.has('tracestate')).toBe(false);
});

test('the id of the client is kept, unless it could not be shown', async () => {
  expect((await identified(['x-request-id', 'abc-1'])).id).toBe('abc-1');
  for (const bad of ['', 'with blank', '\x1b[2J', 'x'.repeat(129), 'ü'])
    expect((await identified(['x-request-id', bad])).id).toMatch(/^[0-9a-f]{32}$/);
});

test('a trace that begins here names the request, too', async () => {
  const { id, trace: found } = await identified([]);
  expect(id).toBe(found?.traceId);
  const { id: own, trace: other } = await identified(['traceparent', `00-${trace}-${span}-01`]);
  expect(own).not.toBe(other?.traceId); // several requests may belong to one trace
});

test('ids are drawn anew, many at a time', () => {
  let fills = 0;
  const ids = new Ids((pool) => {
    fills++;
    pool.fill(1);
  });
  for (let n = 0; n < 128; n++) expect(ids.span()).toBe('01'.repeat(8));
  expect(fills).toBe(1);
  ids.span();
  expect(fills).toBe(2);
  const many = new Ids();
  expect(new Set(Array.from({ length: 2_000 }, () => many.trace())).size).toBe(2_000);
});

test('of a trace that begins here, the share decides; of another, its client', async () => {
  expect((await identified([], 0)).trace?.flags).toBe(0b10);
  expect((await identified(['traceparent', `00-${trace}-${span}-01`], 0)).trace?.flags).toBe(0b01);
  expect((await identified(['traceparent', `00-${trace}-${span}-00`])).trace?.flags).toBe(0b00);
});

test('a state of several lines is one, in their order', async () => {
  const fields = [
    'traceparent',
    `00-${trace}-${span}-01`,
    'tracestate',
    'a=1, b=2',
    'TraceState',
    '',
    'tracestate',
    'c=3',
  ];
  const { request } = await identified(fields);
  expect(request.fields.all('tracestate')).toEqual(['a=1,b=2,c=3']);
});

const b3 = ['b3', `${trace}-${span}-0`];

test('a client that speaks B3 alone is followed into its trace, and its fields stay as they are', async () => {
  const { trace: found, request } = await identified([...b3, 'tracestate', 'a=1', 'baggage', 'user=7']);
  expect(found).toMatchObject({ traceId: trace, parentSpanId: span, flags: 0 });
  expect([...request.fields].flat()).toEqual([...b3, 'baggage', 'user=7']);
});

test('where B3 leaves it open whether a trace is sampled, the share decides; where it says no more than that, it counts', async () => {
  expect((await identified(['b3', `${trace}-${span}`], 0)).trace?.flags).toBe(0);
  expect((await identified(['b3', `${trace}-${span}`], 1)).trace?.flags).toBe(1);
  const { trace: found } = await identified(['x-b3-sampled', '0']);
  expect(found).toMatchObject({ parentSpanId: undefined, flags: 0b10 });
});

test('of two that differ, traceparent counts', async () => {
  const other = 'a'.repeat(32);
  const { trace: found } = await identified(['traceparent', `00-${other}-${span}-01`, ...b3]);
  expect(found).toMatchObject({ traceId: other, flags: 1 });
});
