import { expect, test } from 'vitest';
import type { TraceOfExchange } from '../../src/exchange/exchange.js';
import { tracedOutput } from '../../src/mesh/traced-output.js';
import { RecordBook } from '../../src/telemetry/records/record-book.js';
import { exchangeOf } from '../support/exchange.js';
import { ManualClock } from '../support/manual-clock.js';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const other = 'a3ce929d0e0e47364bf92f3577b34da6';

/** Web was asked, and has asked orders; somebody else has asked web, too. */
async function shop(): Promise<RecordBook> {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  for (const [service, id, traceId] of [
    ['web', 'me-1', trace],
    ['orders', 'its-own', trace],
    ['web', 'you-2', other],
  ] as const) {
    const exchange = exchangeOf();
    exchange.service = service;
    exchange.id = id;
    exchange.trace = {
      traceId,
      parentSpanId: undefined,
      spanId: '1',
      flags: 1,
      nextSpanId: () => '2',
    } satisfies TraceOfExchange;
    await book.layer(exchange, async () => {});
    exchange.finish({ kind: 'answered', status: 200 });
  }
  return book;
}

test.each([['me-1'], ['its-own'], [trace]])(
  'by %s the lines of all exchanges of the trace are found, and no others',
  async (id) => {
    const { shows } = tracedOutput(await shop(), { trace: id });
    const lines = ['GET / me-1', 'GET /stock its-own', `trace_id=${trace}`, 'GET / you-2', `trace_id=${other}`, 'x'];
    expect(lines.map((line) => shows?.(line))).toEqual([true, true, true, false, false, false]);
  },
);

test('one that is not remembered is looked for by its own id', async () => {
  const { shows } = tracedOutput(await shop(), { trace: 'long-ago' });
  expect(['GET / long-ago', 'GET / me-1'].map((line) => shows?.(line))).toEqual([true, false]);
});

test('digits alone are a trace when an exchange of it is remembered', async () => {
  const { traceOf } = tracedOutput(await shop(), { traceIds: true });
  expect(traceOf?.(`[${trace}] GET /`)).toBe(trace);
  expect(traceOf?.(`[${trace.replace('4', '5')}] GET /`)).toBeUndefined();
});

test('where nobody asks, no line is looked at', async () => {
  expect(tracedOutput(await shop(), { trace: undefined, traceIds: undefined })).toEqual({});
});
