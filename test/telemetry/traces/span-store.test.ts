import { expect, test } from 'vitest';
import { SpanStore } from '../../../src/telemetry/traces/span-store.js';
import { spanOf } from '../../support/spans.js';

/** So many spans of a trace. */
function trace(traceId: string, count: number, changes: Parameters<typeof spanOf>[1] = {}) {
  return Array.from({ length: count }, (_, index) => spanOf(`${index}`, { traceId, ...changes }));
}

function names(store: SpanStore, traceId: string): string[] {
  return store.of(traceId).spans.map(({ name }) => name);
}

test('spans are found by their trace, in the order in which they came, and are what they were', () => {
  const store = new SpanStore();
  const whole = spanOf('2', { service: 'ä', parentSpanId: '1', attributes: [['__proto__', 1]], events: [] });
  store.keep([spanOf('1'), spanOf('1', { traceId: 'other' }), whole]);
  store.keep([spanOf('3')]);

  expect(names(store, whole.traceId)).toEqual(['1', '2', '3']);
  expect(store.of(whole.traceId).spans[1]).toEqual(whole);
  expect(names(store, 'other')).toEqual(['1']);
  expect(store.of('nobody')).toEqual({ spans: [], lost: 0 });
});

test('a span that comes twice is there once, as it came last', () => {
  const store = new SpanStore();
  store.keep([spanOf('1', { duration: 1 }), spanOf('2')]);
  store.keep([spanOf('1', { duration: 5 })]);

  expect(store.of(spanOf('1').traceId).spans).toMatchObject([{ name: '1', duration: 5 }, { name: '2' }]);
});

test('a trace has a thousand spans, and tells how many more there were', () => {
  const store = new SpanStore();
  store.keep(trace('loop', 600));
  store.keep(trace('loop', 600));
  store.keep(trace('loop', 1));

  expect(store.of('loop').lost).toBe(201);
  expect(store.counts).toEqual({ received: 1_201, ofFullTraces: 201, ofOldTraces: 0 });
});

test('where there are too many spans, the trace goes to which nothing was added for longest', () => {
  const store = new SpanStore();
  for (let index = 0; index < 20; index++) store.keep(trace(`t${index}`, 900));
  store.keep(trace('t0', 1));
  for (let index = 20; index < 23; index++) store.keep(trace(`t${index}`, 900));

  const kept = Array.from({ length: 23 }, (_, index) => `t${index}`).filter((id) => store.of(id).spans.length > 0);
  expect(kept).not.toContain('t1');
  expect(kept).toHaveLength(22);
  expect(store.counts).toEqual({ received: 20_701, ofFullTraces: 0, ofOldTraces: 900 });
});

test.each([
  ['Latin', 'x', 15],
  ['other', '☕', 7],
])('where they take up too much, too: %s letters', (_what, letter, fits) => {
  const store = new SpanStore();
  const text = letter.repeat(8_200);
  for (let index = 0; index < 40; index++) store.keep(trace(`t${index}`, 128, { statusMessage: text }));

  const kept = Array.from({ length: 40 }, (_, index) => `t${index}`).filter((id) => store.of(id).spans.length > 0);
  expect(kept).toHaveLength(fits);
  expect(kept.at(-1)).toBe('t39');
});
