import { expect, test } from 'vitest';
import { naming, traceInLine } from '../../../src/telemetry/traces/trace-in-line.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const other = 'a3ce929d0e0e47364bf92f3577b34da6';
const none = '0'.repeat(32);

test.each([
  ['JSON', `{"level":"info","trace_id":"${trace}","span_id":"00f067aa0ba902b7"}`],
  ['JSON of Java and Node', `{"traceId": "${trace}"}`],
  ['JSON of ECS', `{"trace.id":"${trace}"}`],
  ['nested JSON of ECS', `{"trace":{"id":"${trace}"},"message":"x"}`],
  ['logfmt', `level=info trace_id=${trace} msg="GET /"`],
  ['Python', `INFO [root] [otelTraceID=${trace} otelSpanID=0]`],
  ['YAML', `trace-id: ${trace}`],
  ['upper case', `TraceId=${trace.toUpperCase()}`],
  ['colours', `\u001b[36mtrace_id\u001b[39m=\u001b[35m${trace}\u001b[39m`],
  ['a traceparent', `traceparent: 00-${trace}-00f067aa0ba902b7-01`],
  ['a bare traceparent', `[00-${trace}-00f067aa0ba902b7-01] GET /`],
  ['a trace beside a checksum', `md5=${other} trace_id=${trace}`],
  ['a trace beside none', `parent.trace_id=${none} trace_id=${trace}`],
])('a line with %s names its trace', (_, line) => {
  expect(traceInLine(line, () => false)).toBe(trace);
});

test.each([
  ['nothing', 'GET /'],
  ['a checksum', `etag ${other}`],
  ['no trace', `trace_id=${none}`],
  ['a longer number', `trace_id=${trace}00`],
  ['a longer word', `x${trace}`],
  ['a shorter number', `trace_id=${trace.slice(1)}`],
])('a line with %s names none', (_, line) => {
  expect(traceInLine(line, (id) => id === trace)).toBeUndefined();
});

test('digits of which nothing says what they are name a trace when it is known', () => {
  expect(traceInLine(`[${other}] [${trace}] GET /`, (id) => id === trace)).toBe(trace);
  expect(traceInLine(`[${none}]`, () => true)).toBeUndefined();
});

test('the longest line is looked at in no time, whatever is in it', () => {
  for (const unit of ['trace_id=', 'a', '0-', ' '.repeat(9), `trace"${' '.repeat(99)}`])
    expect(traceInLine(unit.repeat(8_192 / unit.length) + trace.slice(1), () => true)).toBeUndefined();
});

test.each([
  [trace, `00-${trace}-00f067aa0ba902b7-01`, true],
  [trace, `\u001b[35m${trace}\u001b[39m`, true],
  [trace, `${trace}0 x${trace}`, false],
  [trace, `x${trace} ${trace}`, true],
  ['req-1', 'id=req-1 done', true],
  ['req-1', '{"id":"req-1"}', true],
  ['req-1', 'id=req-12 req-1-2 my-req-1', false],
  ['a.*b', 'a.*b', true],
  ['a.*b', 'axxb', false],
])('%j is named by %j: %s', (id, line, isNamed) => {
  expect(naming(['elsewhere', id])(line)).toBe(isNamed);
});
