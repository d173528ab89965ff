import { expect, test } from 'vitest';
import { attempt } from '../../../src/exchange/attempt.js';
import type { Outcome } from '../../../src/exchange/outcome.js';
import { MeshError } from '../../../src/foundation/errors.js';
import { RecordBook } from '../../../src/telemetry/records/record-book.js';
import { exchangeOf } from '../../support/exchange.js';
import { TestGateway } from '../../support/gateway.js';
import { ManualClock } from '../../support/manual-clock.js';
import { Upstream } from '../../support/upstream.js';

async function ended(book: RecordBook, service: string, id: string) {
  const exchange = exchangeOf({}, { kind: 'front' });
  exchange.service = service;
  exchange.id = id;
  await book.layer(exchange, async () => {});
  exchange.finish({ kind: 'answered', status: 200 });
  return exchange;
}

test('of each service the last thousand are remembered, whatever the others do', async () => {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  await ended(book, 'quiet', 'first');
  for (let n = 0; n < 1_500; n++) await ended(book, 'loud', `loud-${n}`);
  expect(book.since(0, 'loud')).toHaveLength(1_000);
  expect(book.find('first')?.service).toBe('quiet');
  expect(book.find('loud-499')).toBeUndefined();
  expect(book.find('loud-500')?.sequence).toBe(502);
});

test('what failed or was slow is remembered when the other requests of its time are not', async () => {
  const clock = new ManualClock();
  const book = new RecordBook(clock, () => 1_000);
  const end = async (id: string, outcome: Outcome, milliseconds = 1, isTunnel = false) => {
    const exchange = exchangeOf({}, { kind: 'front' }, clock.monotonic());
    Object.assign(exchange, { service: 'orders', id, isTunnel });
    await book.layer(exchange, async () => {});
    clock.advance(milliseconds);
    exchange.finish(outcome);
  };
  const well: Outcome = { kind: 'answered', status: 200 };
  await end('failed', { kind: 'answered', status: 500 });
  await end('refused', { kind: 'refused', status: 429, code: 'rate_limited' });
  await end('unanswered', { kind: 'refused', status: 504, code: 'request_timeout' });
  await end('slow', well, 1_000);
  await end('quick', well, 999);
  await end('talk', { kind: 'answered', status: 101 }, 60_000, true);
  for (let n = 0; n < 1_000; n++) await end(`well-${n}`, well);
  expect(book.since(0).map(({ id }) => id)).toEqual([
    'failed',
    'unanswered',
    'slow',
    ...Array.from({ length: 1_000 }, (_, n) => `well-${n}`),
  ]);
  for (let n = 0; n < 1_300; n++) await end(`failed-${n}`, { kind: 'cut', status: 200 });
  expect(book.since(0).map(({ id }) => id)).toEqual(Array.from({ length: 1_200 }, (_, n) => `failed-${n + 100}`));
});

test('those since a sequence come in the order in which they ended', async () => {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  for (const [service, id] of [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
    ['b', '4'],
  ] as const)
    await ended(book, service, id);
  expect(book.since(1).map(({ id }) => id)).toEqual(['2', '3', '4']);
  expect(book.since(1, 'b').map(({ id }) => id)).toEqual(['2', '4']);
  expect(book.since(4)).toEqual([]);
  expect(book.sequence).toBe(4);
});

test('of two with one id, the newer is found; and all of a service are forgotten with it', async () => {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  await ended(book, 'a', 'same');
  await ended(book, 'b', 'same');
  expect(book.find('same')?.service).toBe('b');
  book.forget('b');
  expect(book.find('same')?.service).toBe('a');
});

test('a record tells waits, attempts and times of a real exchange', async () => {
  await using orders = await Upstream.start((_request, response) =>
    response.writeHead(orders.seen.length === 1 ? 503 : 200).end('hello'),
  );
  const budget = { percentage: 1, minConcurrency: 10 };
  const retries = { attempts: 1, on: [503], methods: ['GET'], backoff: 1, budget };
  await using mesh = await TestGateway.start({ orders: { at: [orders], retries } });
  await mesh.call('orders/x?y');
  await mesh.outcome();
  const [exchange] = mesh.exchanges;
  expect(exchange?.attempts.map(({ endedAt, startedAt }) => (endedAt ?? 0) >= startedAt)).toEqual([true, true]);
  expect(exchange?.waits?.map(({ kind }) => kind)).toEqual(['backoff']);
});

test('an attempt that failed is told with its code', async () => {
  const clock = new ManualClock();
  const book = new RecordBook(clock, () => 1_000);
  const exchange = exchangeOf({}, { kind: 'front' });
  exchange.service = 'orders';
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: '127.0.0.1', port: 1 } }] } });
  exchange.instance = mesh.registry.service('orders')?.instances[0];
  await book.layer(exchange, async () => {});
  clock.advance(5);
  const tried = attempt(
    exchange,
    clock,
    new Promise((_, reject) => clock.after(10, () => reject(new MeshError('upstream_reset', 'gone')))),
  );
  clock.advance(10);
  await expect(tried).rejects.toThrow('gone');
  exchange.finish({ kind: 'refused', status: 502, code: 'upstream_reset' });
  expect(book.since(0)[0]).toMatchObject({
    duration: 15,
    attempts: [
      {
        instance: '127.0.0.1-1',
        begun: 5,
        duration: 10,
        result: { kind: 'failed', code: 'upstream_reset', message: 'gone' },
      },
    ],
  });
});

test('an attempt is told with the circuit as it met it, though another that came to nobody met it after', async () => {
  const clock = new ManualClock();
  const book = new RecordBook(clock, () => 1_000);
  const exchange = exchangeOf({}, { kind: 'front' });
  exchange.service = 'orders';
  await using mesh = await TestGateway.start({ orders: { at: [{ address: { host: '127.0.0.1', port: 1 } }] } });
  exchange.instance = mesh.registry.service('orders')?.instances[0];
  await book.layer(exchange, async () => {});
  exchange.circuit = { kind: 'closed', failures: 0, requests: 0 };
  await attempt(exchange, clock, Promise.resolve(503));
  exchange.circuit = { kind: 'closed', failures: 1, requests: 1 };
  exchange.finish({ kind: 'answered', status: 503 });
  expect(book.since(0)[0]?.attempts).toMatchObject([{ circuit: { failures: 0, requests: 0 } }]);
});
