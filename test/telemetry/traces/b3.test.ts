import { expect, test } from 'vitest';
import { Fields } from '../../../src/http1/fields.js';
import { parseB3 } from '../../../src/telemetry/traces/b3.js';

const trace = '463ac35c9f6413ad48485a3953bb6124';
const span = 'a2fb4a1d1a96d312';
const whole = { traceId: trace, spanId: span };

test.each([
  [{ b3: `${trace}-${span}-1` }, { span: whole, isSampled: true }],
  [{ b3: `${trace}-${span}-0-05e3ac9a4f6e3b90` }, { span: whole, isSampled: false }],
  [{ b3: `${trace}-${span}-d` }, { span: whole, isSampled: true }],
  [{ b3: `${trace}-${span}` }, { span: whole, isSampled: undefined }],
  [{ b3: `${trace.toUpperCase()}-${span}-1` }, { span: whole, isSampled: true }],
  [{ b3: `${span}-${span}-1` }, { span: { traceId: span.padStart(32, '0'), spanId: span }, isSampled: true }],
  [{ b3: '0' }, { span: undefined, isSampled: false }],
  [{ b3: `${'0'.repeat(32)}-${span}-1` }, { span: undefined, isSampled: true }],
  [
    { 'X-B3-TraceId': trace, 'X-B3-SpanId': span, 'X-B3-Sampled': '0' },
    { span: whole, isSampled: false },
  ],
  [
    { 'X-B3-TraceId': trace, 'X-B3-SpanId': span, 'X-B3-Sampled': 'true' },
    { span: whole, isSampled: true },
  ],
  [
    { 'X-B3-TraceId': trace, 'X-B3-SpanId': span, 'X-B3-Flags': '1' },
    { span: whole, isSampled: true },
  ],
  [
    { 'X-B3-TraceId': trace, 'X-B3-SpanId': span },
    { span: whole, isSampled: undefined },
  ],
  [
    { 'X-B3-TraceId': trace, 'X-B3-Sampled': '1' },
    { span: undefined, isSampled: true },
  ],
  [{ 'X-B3-Sampled': '0' }, { span: undefined, isSampled: false }],
  [
    { b3: '0', 'X-B3-Sampled': '1' },
    { span: undefined, isSampled: false },
  ],
])('%j is read', (fields, expected) => {
  expect(parseB3(new Fields(Object.entries(fields).flat()))).toEqual(expected);
});

test.each([
  {},
  { b3: '' },
  { b3: 'x' },
  { b3: `${trace}-${span}-2` },
  { b3: `${trace}${span}` },
  { 'X-B3-SpanId': span },
])('%j means nothing', (fields) => {
  expect(parseB3(new Fields(Object.entries(fields).flat()))).toBeUndefined();
});
