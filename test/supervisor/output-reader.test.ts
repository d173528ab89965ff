import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutputLine, OutputReader, OutputWish } from '../../src/supervisor/output.js';
import { OutputLogs, parseSince } from '../../src/supervisor/output.js';

const everything: OutputWish = { sources: undefined, tail: undefined, since: undefined };

/** A line of a process; its service is what stands before the last dash. */
function line(replica: string, text: string, changes: Partial<OutputLine> = {}): OutputLine {
  return { service: replica.replace(/-\d+$/, ''), replica, stream: 'stdout', text, at: 0, ...changes };
}

/** Texts of the lines up to here; what else was met is in brackets. */
function readAll(reader: OutputReader): string[] {
  const told: string[] = [];
  for (let step = reader.next(); step !== undefined; step = reader.next()) {
    if (step.kind === 'searching') continue;
    if (step.kind === 'line') told.push(step.line.text);
    else told.push(step.kind === 'live' ? '[live]' : `[${step.count} of ${step.service}]`);
  }
  return told;
}

/** Two services of which one has two replicas, a line each in turn. */
function shop(): OutputLogs {
  const logs = new OutputLogs();
  for (const [at, replica] of ['web-1', 'orders-1', 'orders-2', 'web-1', 'orders-1', 'orders-2'].entries()) {
    logs.push(line(replica, `${at}`, { at }));
  }
  return logs;
}

test.each<[string, Partial<OutputWish>, string[]]>([
  ['everything', {}, ['0', '1', '2', '3', '4', '5']],
  ['one service', { sources: [{ service: 'orders' }] }, ['1', '2', '4', '5']],
  ['one replica', { sources: [{ service: 'orders', replica: 'orders-2' }] }, ['2', '5']],
  [
    'a service and a replica of another',
    { sources: [{ service: 'orders', replica: 'orders-1' }, { service: 'web' }] },
    ['0', '1', '3', '4'],
  ],
  [
    'both replicas by name',
    {
      sources: [
        { service: 'orders', replica: 'orders-1' },
        { service: 'orders', replica: 'orders-2' },
      ],
    },
    ['1', '2', '4', '5'],
  ],
  [
    'a service and its own replica',
    { sources: [{ service: 'orders', replica: 'orders-1' }, { service: 'orders' }] },
    ['1', '2', '4', '5'],
  ],
  [
    'a service before its own replica',
    { sources: [{ service: 'orders' }, { service: 'orders', replica: 'orders-1' }] },
    ['1', '2', '4', '5'],
  ],
  ['a service that prints nothing yet', { sources: [{ service: 'payments' }] }, []],
  ['the newest of each service', { tail: 1 }, ['3', '5']],
  ['the newest of a replica', { tail: 1, sources: [{ service: 'orders', replica: 'orders-1' }] }, ['4']],
  ['none of what is kept', { tail: 0 }, []],
  ['from a moment on', { since: 3 }, ['3', '4', '5']],
  ['from a moment on, and few of them', { since: 2, tail: 1 }, ['3', '5']],
  ['from the future', { since: 9 }, []],
])('of what is kept, a reader is told %s, in the order in which it was printed', (_, wish, texts) => {
  expect(readAll(shop().read({ ...everything, ...wish }))).toEqual([...texts, '[live]']);
});

test('lines come in the order in which they were printed, though the clock is set back', () => {
  const logs = new OutputLogs();
  logs.push(line('web-1', 'first', { at: 1_000 }));
  logs.push(line('orders-1', 'second', { at: 5 }));

  expect(readAll(logs.read(everything))).toEqual(['first', 'second', '[live]']);
});

test('what is printed after a reader has begun is new, and that of services that come later, too', () => {
  const logs = shop();
  const reader = logs.read({ ...everything, tail: 1 });
  logs.push(line('orders-1', 'new'));
  logs.push(line('payments-1', 'newcomer'));

  expect(readAll(reader)).toEqual(['3', '5', '[live]', 'new', 'newcomer']);
  logs.push(line('web-1', 'newer'));
  expect(readAll(reader)).toEqual(['newer']);
});

test('a reader of some services is not told of others that come later', () => {
  const logs = shop();
  const reader = logs.read({ ...everything, tail: 0, sources: [{ service: 'web' }] });
  readAll(reader);
  logs.push(line('payments-1', 'newcomer'));

  expect(readAll(reader)).toEqual([]);
});

test('a reader that was too slow is told how many lines of which service it has missed, and goes on', () => {
  const logs = shop();
  const reader = logs.read({ ...everything, tail: 0 });
  readAll(reader);
  for (let count = 0; count < 5_007; count++) logs.push(line('web-1', `web ${count}`));
  logs.push(line('orders-1', 'orders'));

  const told = readAll(reader);

  expect(told.slice(0, 2)).toEqual(['[7 of web]', 'web 7']);
  expect(told.slice(-2)).toEqual(['web 5006', 'orders']);
});

test('lines that were gone before a reader began are not missed by it', () => {
  const logs = new OutputLogs();
  for (let count = 0; count < 5_007; count++) logs.push(line('web-1', `${count}`));

  expect(readAll(logs.read(everything))[0]).toBe('7');
});

test('however reading and printing alternate, each line is told once and in order, or counted as missed', () => {
  const turns = fc.array(
    fc.record({
      replica: fc.constantFrom('web-1', 'orders-1', 'orders-2'),
      lines: fc.integer({ min: 0, max: 6_000 }),
      reads: fc.nat(50),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(turns, (steps) => {
      const logs = new OutputLogs();
      const reader = logs.read(everything);
      const seen = { printed: 0, told: 0, missed: 0, live: 0, last: -1, disordered: 0 };
      const take = () => {
        const step = reader.next();
        if (step?.kind === 'live') seen.live++;
        if (step?.kind === 'skipped') seen.missed += step.count;
        if (step?.kind === 'line') {
          if (Number(step.line.text) <= seen.last) seen.disordered++;
          seen.last = Number(step.line.text);
          seen.told++;
        }
        return step !== undefined;
      };
      for (const { replica, lines, reads } of steps) {
        for (let count = 0; count < lines; count++) logs.push(line(replica, String(seen.printed++)));
        for (let count = 0; count < reads; count++) take();
      }
      while (take());
      expect(seen).toMatchObject({ disordered: 0, live: 1, told: seen.printed - seen.missed });
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('a name is that of a service before it is that of a replica', () => {
  const logs = new OutputLogs();
  logs.push(line('orders-2', 'of the replica'));
  expect(logs.sourceNamed('orders')).toEqual({ service: 'orders' });
  expect(logs.sourceNamed('orders-2')).toEqual({ service: 'orders', replica: 'orders-2' });
  expect(logs.sourceNamed('orders-3')).toBeUndefined();

  logs.push(line('orders-2-1', 'of the service', { service: 'orders-2' }));
  expect(logs.sourceNamed('orders-2')).toEqual({ service: 'orders-2' });
});

test.each([
  ['5m', { kind: 'ago', duration: 300_000 }],
  ['1h30m', { kind: 'ago', duration: 5_400_000 }],
  ['2026-01-31T12:00:00Z', { kind: 'moment', at: Date.UTC(2026, 0, 31, 12) }],
  ['2026-01-31t12:00:00.5z', { kind: 'moment', at: Date.UTC(2026, 0, 31, 12, 0, 0, 500) }],
  ['2026-01-31T12:00:00+02:00', { kind: 'moment', at: Date.UTC(2026, 0, 31, 10) }],
  ['2026-01-31T12:00:00', undefined],
  ['2026-01-31', undefined],
  ['2026-13-31T12:00:00Z', undefined],
  ['yesterday', undefined],
  ['5', undefined],
  ['', undefined],
])('a reader may begin at `%s`, or is told that this is no time', (text, since) => {
  expect(parseSince(text)).toEqual(since);
});

test('of the lines that are shown, so many of each service as are asked for', () => {
  const shows = (text: string) => Number(text) >= 2;
  expect(readAll(shop().read({ ...everything, shows }))).toEqual(['2', '3', '4', '5', '[live]']);
  expect(readAll(shop().read({ ...everything, shows, tail: 1 }))).toEqual(['3', '5', '[live]']);
  expect(readAll(shop().read({ ...everything, shows: () => false, tail: 1 }))).toEqual(['[live]']);
});

test('a long search gives others a turn, and goes on where it was', () => {
  const logs = new OutputLogs();
  for (let count = 0; count < 4_500; count++) logs.push(line('web-1', `${count}`));
  const reader = logs.read({ ...everything, shows: (text) => text === '4321' });
  const steps = Array.from({ length: 5 }, () => reader.next());
  expect(steps.map((step) => step?.kind)).toEqual(['searching', 'searching', 'line', 'live', undefined]);
});

test('which trace a line names is looked up where somebody asks for it, and for no line that is not shown', () => {
  const looked: string[] = [];
  const reader = shop().read({
    ...everything,
    shows: (text) => text !== '0',
    traceOf(text) {
      looked.push(text);
      return text === '1' ? 'abc' : undefined;
    },
  });
  expect([reader.next(), reader.next()]).toMatchObject([{ traceId: 'abc' }, { traceId: null }]);
  expect(looked).toEqual(['1', '2']);
  expect(shop().read(everything).next()).toMatchObject({ traceId: undefined });
});
