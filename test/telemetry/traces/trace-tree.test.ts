import { expect, test } from 'vitest';
import type { AttemptRecord, ExchangeRecord } from '../../../src/telemetry/records/record.js';
import type { TraceNode } from '../../../src/telemetry/traces/trace-tree.js';
import { traceTree } from '../../../src/telemetry/traces/trace-tree.js';
import { begin, spanOf, traceId } from '../../support/spans.js';

const id = (text: string) => text.padStart(16, '0');

/** An exchange that took 100 ms, with one attempt of 90. */
function exchange(service: string, changes: Partial<ExchangeRecord> = {}): ExchangeRecord {
  return {
    sequence: 1,
    id: service,
    traceId,
    parentSpanId: undefined,
    at: begin,
    duration: 100,
    service,
    version: undefined,
    route: undefined,
    foundBy: { kind: 'name' },
    versionBy: undefined,
    choice: undefined,
    passedOver: [],
    caller: undefined,
    client: '127.0.0.1',
    method: 'GET',
    authority: '',
    target: '/',
    outcome: { kind: 'answered', status: 200 },
    waits: [],
    attempts: [attempt(`at-${service}`)],
    faults: [],
    bytes: { received: 0, sent: 0 },
    isTunnel: false,
    ...changes,
  };
}

function attempt(spanId: string, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  const result = { kind: 'answered', status: 200 } as const;
  const found = { instance: 'one', version: undefined, choice: undefined, circuit: undefined };
  return { ...found, spanId: id(spanId), begun: 5, duration: 90, result, ...changes };
}

/** `  span query of orders 12+3`: milliseconds behind the beginning, and how long. */
function lines(nodes: readonly TraceNode[]): string[] {
  return nodes.map((node) => {
    const name = node.kind === 'span' ? `${node.span.name} of ${node.service}` : node.record.service;
    return `${'  '.repeat(node.depth)}${node.kind} ${name} ${node.at - begin}+${node.duration}`;
  });
}

test('what a service tells hangs on the attempt that it was sent, and what it calls on its spans', () => {
  const nodes = traceTree(
    [
      exchange('payments', { parentSpanId: id('call'), at: begin + 30, duration: 20, attempts: [attempt('b')] }),
      exchange('orders'),
    ],
    [
      spanOf('call', { parentSpanId: id('serve'), at: begin + 25, duration: 30 }),
      spanOf('charge', { parentSpanId: id('b'), at: begin + 40, duration: 2, service: 'payments' }),
      spanOf('serve', { parentSpanId: id('at-orders'), at: begin + 6, duration: 80, service: 'orders' }),
      spanOf('read', { parentSpanId: id('serve'), at: begin + 10, duration: 5 }),
    ],
  );

  expect(lines(nodes)).toEqual([
    'exchange orders 0+100',
    '  attempt orders 5+90',
    '    span serve of orders 6+80',
    '      span read of orders 10+5',
    '      span call of orders 25+30',
    '        exchange payments 30+20',
    '          attempt payments 35+90',
    '            span charge of payments 40+2',
  ]);
});

test('a span without the name of a service has that of the service that was asked', () => {
  const nodes = traceTree([exchange('orders')], [spanOf('a', { parentSpanId: id('at-orders'), at: begin + 6 })]);

  expect(lines(nodes).at(-1)).toBe('    span a of orders 6+1');
});

test('a service that passes traceparent on and tells nothing: its calls hang on the attempt', () => {
  const nodes = traceTree([exchange('web'), exchange('orders', { parentSpanId: id('at-web'), at: begin + 20 })], []);

  expect(lines(nodes)).toEqual([
    'exchange web 0+100',
    '  attempt web 5+90',
    '    exchange orders 20+100',
    '      attempt orders 25+90',
  ]);
});

test('a service that has spans and sends them elsewhere: the mesh knows who called, and when', () => {
  const called = exchange('orders', { caller: 'web', parentSpanId: id('unseen'), at: begin + 20, duration: 10 });

  expect(lines(traceTree([called, exchange('web')], []))[2]).toBe('    exchange orders 20+10');
  const later = { ...called, at: begin + 500 };
  expect(lines(traceTree([later, exchange('web')], []))[2]).toBe('exchange orders 500+10');
});

test('a span whose parent has not come yet hangs on the attempt at its service that was under way', () => {
  const tries = [attempt('first', { duration: 20 }), attempt('second', { begun: 40, duration: 50 })];
  const orphan = spanOf('orphan', { parentSpanId: id('late'), at: begin + 50, service: 'orders' });

  expect(lines(traceTree([exchange('orders', { attempts: tries })], [orphan]))).toEqual([
    'exchange orders 0+100',
    '  attempt orders 5+20',
    '  attempt orders 40+50',
    '    span orphan of orders 50+1',
  ]);
  expect(lines(traceTree([exchange('orders')], [{ ...orphan, service: 'another' }])).at(-1)).toBe(
    'span orphan of another 50+1',
  );
});

test.each([
  ['a second behind', -1_000],
  ['a day ahead', 86_400_000],
])('a clock that is %s is set right by the attempt, for all that its service tells', (_what, skew) => {
  const nodes = traceTree(
    [exchange('orders'), exchange('payments', { parentSpanId: id('query'), at: begin + 40, duration: 2 })],
    [
      spanOf('serve', { parentSpanId: id('at-orders'), at: begin + skew, duration: 70 }),
      spanOf('query', { parentSpanId: id('serve'), at: begin + skew + 10, duration: 20 }),
    ],
  );

  expect(lines(nodes).slice(2, 5)).toEqual([
    '    span serve of orders 5+70',
    '      span query of orders 15+20',
    '        exchange payments 40+2',
  ]);
});

test('a service may go on when its answer is over', () => {
  const serve = spanOf('serve', { parentSpanId: id('at-orders'), at: begin + 50, duration: 500 });

  expect(lines(traceTree([exchange('orders')], [serve])).at(-1)).toBe('    span serve of orders 50+500');
});

test('ids that go in circles end somewhere, and everything is told once', () => {
  const nodes = traceTree(
    [exchange('orders', { parentSpanId: id('a') })],
    [
      spanOf('a', { parentSpanId: id('at-orders') }),
      spanOf('b', { parentSpanId: id('c') }),
      spanOf('c', { parentSpanId: id('b') }),
    ],
  );

  expect(nodes).toHaveLength(5);
  expect(nodes.filter(({ depth }) => depth === 0)).toHaveLength(2);
});

test('a span that has taken the id of an attempt takes nothing away from it', () => {
  const nodes = traceTree(
    [exchange('orders')],
    [spanOf('at-orders'), spanOf('serve', { parentSpanId: id('at-orders'), at: begin + 6 })],
  );

  expect(lines(nodes)).toContain('    span serve of orders 6+1');
});

test('a thousand spans, each within the other, are a tree like any other', () => {
  const spans = Array.from({ length: 1_000 }, (_, index) => spanOf(`${index}`, { parentSpanId: id(`${index - 1}`) }));

  expect(traceTree([], spans).at(-1)?.depth).toBe(999);
});
