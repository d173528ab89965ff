import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { SpanCounts } from '../../../src/telemetry/traces/span-counts.js';
import { WatchedExporter } from '../../../src/telemetry/traces/watched-exporter.js';

type Done = Parameters<SpanExporter['export']>[1];

function watched() {
  /** Of the exports that have not ended. */
  const open: Done[] = [];
  const counts = new SpanCounts();
  const relayed = new SpanCounts();
  const warnings: string[] = [];
  const exporter = new WatchedExporter(
    { export: (_, done) => void open.push(done), shutdown: async () => {} },
    { counts, relayed, url: 'http://a', onTaken: () => {}, warn: (message) => void warnings.push(message) },
  );
  const ended: number[] = [];
  const send = (size: number) => exporter.export(new Array<ReadableSpan>(size), ({ code }) => void ended.push(code));
  return { exporter, open, counts, relayed, warnings, ended, send };
}

test('while a collector takes nothing, one batch at a time is tried, and the others are dropped at once', () => {
  const { open, counts, ended, send, warnings } = watched();
  send(1);
  send(2); // nothing is known yet
  expect(open).toHaveLength(2);
  open[0]?.({ code: 1, error: new Error('no') });
  send(4); // the second is still under way
  expect(open).toHaveLength(2);
  expect(ended).toEqual([1, 1]);
  open[1]?.({ code: 1 });
  send(8);
  expect(open).toHaveLength(3);
  open[2]?.({ code: 0 });
  send(16);
  send(32);
  expect(open).toHaveLength(5);
  expect({ exported: counts.exported, ...counts.dropped }).toMatchObject({ exported: 8, export_failed: 7 });
  expect(warnings).toEqual([
    'spans do not reach http://a and are dropped until they do: no',
    'spans reach http://a again; 7 were lost',
  ]);
});

test('what services have told is tried and dropped by the same rules, told of together, and counted apart', () => {
  const { exporter, open, counts, relayed, send, warnings } = watched();
  const ends: string[] = [];
  const relay = (size: number) =>
    exporter.relay(
      size,
      (ended) => void open.push(ended),
      () => void ends.push('over'),
    );
  relay(1);
  open[0]?.({ code: 1, error: new Error('no') });
  send(2);
  relay(4); // while the other is under way
  expect(open).toHaveLength(2);
  open[1]?.({ code: 0 });
  relay(8);
  exporter.giveUp();
  expect(ends).toEqual(['over', 'over', 'over']);
  expect({ exported: counts.exported, dropped: counts.allDropped }).toEqual({ exported: 2, dropped: 0 });
  expect(relayed.dropped).toEqual({ queue_full: 0, export_failed: 5, shutdown: 8 });
  expect(warnings).toEqual([
    'spans do not reach http://a and are dropped until they do: no',
    'spans reach http://a again; 5 were lost',
  ]);
});

test('what is given up is lost once, whatever becomes of it later', () => {
  const { exporter, open, counts, ended, send } = watched();
  send(3);
  exporter.giveUp();
  open[0]?.({ code: 0 });
  expect(ended).toEqual([1]);
  expect({ exported: counts.exported, ...counts.dropped }).toMatchObject({ exported: 0, shutdown: 3 });
});

test('what a collector says of itself is shown on one line, and not obeyed', () => {
  const { open, warnings, send } = watched();
  send(1);
  open[0]?.({ code: 1, error: Object.assign(new Error('\x1b[2J\nx'), { code: 418 }) });
  expect(warnings[0]).toContain('it answers with 418 \\x1b[2J\\x0ax');
});
