import { expect, test } from 'vitest';
import type { ExchangeRecord } from '../../../src/telemetry/records/record.js';
import { RecordBook } from '../../../src/telemetry/records/record-book.js';
import type { RecordReader } from '../../../src/telemetry/records/record-reader.js';
import { ManualClock } from '../../support/manual-clock.js';
import { endExchange } from '../../support/records.js';

const all = () => true;

function bookOf(...ids: readonly string[]): RecordBook {
  const book = new RecordBook(new ManualClock(), () => 1_000);
  for (const id of ids) endExchange(book, { id });
  return book;
}

/** Ids of the exchanges up to here; what else was met is in brackets. */
function readAll(reader: RecordReader): string[] {
  const told: string[] = [];
  for (let step = reader.next(); step !== undefined; step = reader.next()) {
    if (step.kind === 'record') told.push(step.record.id);
    else told.push(step.kind === 'missed' ? `[${step.count} of ${step.service ?? 'none'}]` : '[searching]');
  }
  return told;
}

test('a reader is told of what ends after it has begun, of all services in the order in which it ended', () => {
  const book = bookOf('before');
  const reader = book.read(undefined, all);
  expect(reader.next()).toBeUndefined();
  endExchange(book, { service: 'web', id: '1' });
  endExchange(book, { service: 'orders', id: '2' });
  endExchange(book, { service: null, id: '3' });
  endExchange(book, { service: 'web', id: '4' });
  expect(readAll(reader)).toEqual(['1', '2', '3', '4']);
  endExchange(book, { service: 'later', id: '5' });
  expect(readAll(reader)).toEqual(['5']);
});

test('a reader of one service is told of no other', () => {
  const book = bookOf();
  const reader = book.read('orders', all);
  for (const [id, service] of ['web', 'orders', null, 'orders'].entries())
    endExchange(book, { service, id: String(id) });
  expect(readAll(reader)).toEqual(['1', '3']);
});

test('of each service, exactly as many are missed as were written over, those that failed among them', () => {
  const book = bookOf();
  const reader = book.read(undefined, all);
  const failure = { kind: 'answered', status: 500 } as const;
  for (let id = 0; id < 1_010; id++) endExchange(book, { id: `o${id}`, outcome: failure });
  for (let id = 0; id < 1_003; id++) endExchange(book, { id: `n${id}`, service: null });
  endExchange(book, { service: 'web', id: 'w' });
  const told = readAll(reader);
  expect(told.filter((each) => each.startsWith('['))).toEqual(['[10 of orders]', '[3 of none]']);
  expect(told).toHaveLength(2 + 1_000 + 1_000 + 1);
  expect(told.slice(2, 4)).toEqual(['o10', 'o11']);
  endExchange(book, { id: 'after' });
  expect(readAll(reader)).toEqual(['after']);
});

test('of a service that is forgotten what is left is told, and all of one that comes again under its name', () => {
  const book = bookOf('a', 'b', 'c');
  const reader = book.read(undefined, all);
  const ofOne = book.read('orders', all);
  endExchange(book, { id: 'last' });
  book.forget('orders');
  endExchange(book, { id: 'of web', service: 'web' });
  endExchange(book, { id: 'again' });
  expect(readAll(reader)).toEqual(['last', 'of web', 'again']);
  expect(readAll(ofOne)).toEqual(['last', 'again']);
  endExchange(book, { id: 'and again' });
  expect(readAll(reader)).toEqual(['and again']);
});

test('those that are not wanted are passed over, some hundreds in one go', () => {
  const book = bookOf();
  const reader = book.read(undefined, ({ id }: ExchangeRecord) => id === 'wanted');
  for (let count = 0; count < 900; count++) for (const service of ['a', 'b', 'c']) endExchange(book, { service });
  endExchange(book, { id: 'wanted' });
  const told = readAll(reader);
  expect(told.at(-1)).toBe('wanted');
  expect(new Set(told.slice(0, -1))).toEqual(new Set(['[searching]']));
  expect(told.length).toBeGreaterThan(4);
});

test('who listens is told of each exchange and its service, until it does not listen any more', () => {
  const book = bookOf();
  const heard: Array<string | undefined> = [];
  const off = book.onRecord((service) => heard.push(service));
  endExchange(book);
  endExchange(book, { service: null });
  off();
  endExchange(book);
  expect(heard).toEqual(['orders', undefined]);
});
