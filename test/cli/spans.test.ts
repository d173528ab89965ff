import { expect, test } from 'vitest';
import type { SpanView, TraceNodeView, TraceView } from '../../src/admin/traces-wire.js';
import { createPaint } from '../../src/cli/render/paint.js';
import { renderTrace } from '../../src/cli/render/spans.js';
import { exchangeView, spanView, traceView } from '../support/views.js';

const plain = createPaint(0);
const place = { begun: 0, duration: 10 };

/** A node for a span, and the span. */
function told(spanId: string, depth: number, node: Partial<TraceNodeView> = {}, span: Partial<SpanView> = {}) {
  return {
    node: { kind: 'span', ...place, depth, spanId, ...node } as Extract<TraceNodeView, { kind: 'span' }>,
    span: spanView({ spanId, name: spanId, ...span }),
  };
}

const attemptOf = (exchange: number, depth: number, attempt = 0): TraceNodeView => ({
  kind: 'attempt',
  ...place,
  depth,
  exchange,
  attempt,
  spanId: null,
});

function traceOf(spans: ReturnType<typeof told>[], changes: Partial<TraceView> = {}): TraceView {
  return traceView({
    duration: 100,
    spans: spans.map(({ span }) => span),
    tree: [
      { kind: 'exchange', depth: 0, begun: 0, duration: 100, exchange: 1 },
      attemptOf(1, 1),
      ...spans.map(({ node }) => node),
    ],
    ...changes,
  });
}

function drawn(trace: TraceView, width: number): string[] {
  return renderTrace(trace, plain, width).split('\n');
}

test('a trace of one exchange of which nobody tells has no picture of its own', () => {
  expect(renderTrace(traceView(), plain, 80)).toBe('');
});

test('what services tell is drawn beneath the exchange, each where it lies in the time of all', () => {
  const trace = traceOf([
    told('GET /x', 2, { begun: 10, duration: 80 }),
    told('SELECT', 3, { begun: 20, duration: 40 }, { status: 'error', statusMessage: 'no table' }),
    told('render', 3, { begun: 60, duration: 20 }, { service: 'views' }),
  ]);

  expect(drawn(trace, 80)).toEqual([
    '  The whole trace  100 ms, 1 request, 3 spans of services',
    '',
    `  → orders GET /x   ${'█'.repeat(30)}    100 ms  200 orders-1`,
    `    GET /x          ${' '.repeat(3)}${'█'.repeat(24)}${' '.repeat(3)}     80 ms  orders`,
    `      SELECT        ${' '.repeat(6)}${'█'.repeat(12)}${' '.repeat(12)}     40 ms  error: no table  o`,
    `      render        ${' '.repeat(18)}${'█'.repeat(6)}${' '.repeat(6)}     20 ms  views`,
  ]);
});

test('several attempts have a row each, and what a service has called is drawn beneath it', () => {
  const failed = { instance: 'orders-2', version: null, begun: 0, duration: 4, status: null, code: 'upstream_reset' };
  const first = exchangeView({ attempts: [{ ...failed, message: 'gone' }, ...exchangeView().attempts] });
  const second = exchangeView({ sequence: 2, service: 'payments', method: 'POST', status: 503 });
  const call = told('call', 2);
  const trace = traceView({
    exchanges: [second, first],
    spans: [call.span],
    tree: [
      { kind: 'exchange', ...place, depth: 0, exchange: 1 },
      attemptOf(1, 1),
      attemptOf(1, 1, 1),
      call.node,
      { kind: 'exchange', ...place, depth: 3, exchange: 2 },
      attemptOf(2, 4),
    ],
  });

  const names = drawn(trace, 120)
    .slice(2)
    .map((line) => line.replace(/ *█+ *10 ms */, ' | '));
  expect(names).toEqual([
    '  → orders GET /x | 200',
    '    attempt 1 orders-2 | upstream_reset',
    '    attempt 2 orders-1 | 200',
    '      call | orders',
    '        → payments POST /x | 503 orders-1',
  ]);
});

test.each([40, 60, 80, 200, Number.POSITIVE_INFINITY])('no line is wider than %i columns', (width) => {
  const deep = Array.from({ length: 30 }, (_, depth) =>
    told(`a span with quite a long name, number ${depth}`, depth + 2),
  );

  for (const line of drawn(traceOf(deep), width)) expect([...line].length).toBeLessThanOrEqual(Math.min(width, 140));
});

test('three hundred spans are cut to those that tell most, with what is above them; how many more there are is said', () => {
  const queries = Array.from({ length: 297 }, (_, index) => told('query', 3, { begun: index / 4, duration: 0.2 }));
  const spans = [
    told('serve', 2, { duration: 90 }),
    ...queries,
    told('broken', 3, { duration: 0.1 }, { status: 'error' }),
    told('slow', 3, { begun: 80, duration: 9 }),
  ];
  const lines = drawn(traceOf(spans), 80);

  for (const name of ['→ orders', 'serve', 'broken', 'slow']) {
    expect(
      lines.some((line) => line.trim().startsWith(name)),
      name,
    ).toBe(true);
  }
  expect(lines[0]).toContain('300 spans of services');
  expect(lines.filter((line) => line.includes('query'))).toHaveLength(4);
  expect(lines.at(-1)).toBe('      … 294 more of query, 0.2 ms at most');
});

test('and where all of them are different, the longest forty are drawn', () => {
  const spans = Array.from({ length: 300 }, (_, index) => told(`step ${index}`, 2, { duration: index }));
  const lines = drawn(traceOf(spans), 80).slice(2);

  expect(lines).toHaveLength(41);
  expect(lines.at(-2)).toContain('step 299');
  expect(lines.at(-1)).toBe('    … 261 more, 260 ms at most');
});

test('spans that were not kept are told', () => {
  expect(drawn(traceOf([told('a', 2)], { lostSpans: 7 }), 80)[0]).toContain('7 more were not kept');
});

test('nothing from a service reaches the terminal as it is', () => {
  const evil = 'x\u001b]0;owned\u0007\u001b[2J\u202e\r\n';
  const trace = traceOf([told('a', 2, {}, { name: evil, service: evil, status: 'error', statusMessage: evil })], {
    exchanges: [exchangeView({ service: evil, method: evil, target: evil, code: evil })],
  });

  const text = renderTrace(trace, plain, Number.POSITIVE_INFINITY);
  for (const control of ['\u001b', '\u0007', '\u202e', '\r']) expect(text).not.toContain(control);
  expect(text.split('\n')).toHaveLength(4);
});
