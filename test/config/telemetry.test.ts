// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { diffSnapshots, formatDiff } from '../../src/config/diff.js';
import { printSnapshot } from '../../src/config/print.js';
import { mistakes, read } from './read.js';

const standard = { maxSize: 10 * 1_024 * 1_024, maxFiles: 5 };

test.each([
  ['name: shop', { format: 'off' }],
  ['telemetry: {}', { format: 'off' }],
  ['telemetry: { accessLog: {} }', { format: 'off' }],
  ['telemetry: { accessLog: text }', { format: 'text', file: undefined }],
  ['telemetry: { accessLog: json }', { format: 'json', file: undefined }],
  ['telemetry: { accessLog: off }', { format: 'off' }],
  ['telemetry: { accessLog: { format: json } }', { format: 'json', file: undefined }],
  [
    'telemetry: { accessLog: { file: logs/a.log } }',
    { format: 'text', file: { path: '/shop/logs/a.log', ...standard } },
  ],
  [
    'telemetry: { accessLog: { file: "${LOG}", format: json } }',
    { format: 'json', file: { path: '/var/a$$b', ...standard } },
  ],
  ['telemetry: { accessLog: { file: a.log, format: off } }', { format: 'off' }],
  [
    'telemetry: { accessLog: { file: a.log, maxSize: 64KiB, maxFiles: 1 } }',
    { format: 'text', file: { path: '/shop/a.log', maxSize: 65_536, maxFiles: 1 } },
  ],
  [
    'telemetry: { accessLog: { file: a.log, maxSize: 0 } }',
    { format: 'text', file: { path: '/shop/a.log', maxSize: Infinity, maxFiles: 5 } },
  ],
])('%j says which access log there is, and prints as it was read', (text, accessLog) => {
  const snapshot = read(text, { LOG: '/var/a$$b' });
  expect(snapshot.telemetry.accessLog).toEqual(accessLog);
  expect(read(printSnapshot(snapshot)).telemetry.accessLog).toEqual(accessLog);
});

test.each([
  ['telemetry: { accessLog: xml }', 'expected one of `off`, `text`, `json`, found `xml`'],
  ['telemetry: { accessLog: [text] }', 'expected `text`, `json`, `off`, or a mapping'],
  ['telemetry: { accessLog: { format: xml } }', 'expected one of `off`, `text`, `json`'],
  ['telemetry: { accessLog: { formt: json } }', 'formt'],
  ['telemetry: { accessLog: { maxSize: 1MiB } }', '`maxSize` means nothing without a `file`'],
  ['telemetry: { accessLog: { format: json, maxFiles: 2 } }', '`maxFiles` means nothing without a `file`'],
  ['telemetry: { accessLog: { file: a.log, maxFiles: 0 } }', 'expected a whole number from 1 to 1000'],
  ['telemetry: { accessLog: { file: "" } }', 'expected the path of a file'],
])('%j is one mistake, told at its place', (text, message) => {
  expect(mistakes(text).map((mistake) => mistake.message)).toEqual([expect.stringContaining(message)]);
});

test('another access log is a change that a reload takes up', () => {
  const diff = diffSnapshots(read('telemetry: { accessLog: text }'), read('telemetry: { accessLog: json }'));
  expect(formatDiff(diff)).toBe('~telemetry.accessLog');
});
