// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { expect, test } from 'vitest';
import { diffSnapshots, formatDiff } from '../../src/config/diff.js';
import { loadOptions } from '../../src/config/load.js';
import { printSnapshot } from '../../src/config/print.js';
import { mistakes, read } from './read.js';

const environment = { SECRET: 'Bearer s3cret', OTLP_AUTHORIZATION: 'Bearer s3cret', OTLP_X_KEY: 'a$$b' };
const all = { share: 1, named: false };
const endpoint = {
  kind: 'endpoint',
  url: 'http://127.0.0.1:4318/v1/traces',
  headers: {},
  timeout: undefined,
  compression: undefined,
};

test.each([
  ['name: shop', { sample: all, slow: 1_000, otlp: { kind: 'environment' } }],
  ['telemetry: { traces: {} }', { sample: all, slow: 1_000, otlp: { kind: 'environment' } }],
  [
    'telemetry: { traces: { sample: 12.5%, slow: 250ms, otlp: off } }',
    { sample: { share: 0.125, named: true }, slow: 250, otlp: { kind: 'off' } },
  ],
  [
    'telemetry: { traces: { sample: 100% } }',
    { sample: { share: 1, named: true }, slow: 1_000, otlp: { kind: 'environment' } },
  ],
  ['telemetry: { traces: { otlp: "http://127.0.0.1:4318" } }', { sample: all, slow: 1_000, otlp: endpoint }],
  ['telemetry: { traces: { otlp: "http://127.0.0.1:4318/v1/traces/" } }', { sample: all, slow: 1_000, otlp: endpoint }],
  [
    'telemetry: { traces: { otlp: { endpoint: "https://in.example.org/otlp/", headers: { authorization: "${SECRET}", x-key: "a$$$$b" }, timeout: 3s, compression: gzip } } }',
    {
      sample: all,
      slow: 1_000,
      otlp: {
        kind: 'endpoint',
        url: 'https://in.example.org/otlp/v1/traces',
        headers: { authorization: 'Bearer s3cret', 'x-key': 'a$$b' },
        timeout: 3_000,
        compression: 'gzip',
      },
    },
  ],
])('%j says what becomes of traces, and prints as it was read', (text, traces) => {
  const snapshot = read(text, environment);
  expect(snapshot.telemetry.traces).toEqual(traces);
  expect(read(printSnapshot(snapshot), environment)).toEqual(snapshot);
});

test('what is printed shows no header field', () => {
  const text = 'telemetry: { traces: { otlp: { endpoint: "http://a", headers: { Authorization: "${SECRET}" } } } }';
  const printed = printSnapshot(read(text, environment));
  expect(printed).not.toContain('s3cret');
  expect(printed).toContain('Authorization: ${OTLP_AUTHORIZATION}');
});

test.each([
  ['telemetry: { traces: { sample: 2 % } }', 'expected a percentage from 0% to 100%'],
  ['telemetry: { traces: { slow: 0 } }', 'expected a duration'],
  ['telemetry: { traces: { otlp: on } }', 'expected a URL such as `http://127.0.0.1:4318`, `off`, or a mapping'],
  ['telemetry: { traces: { otlp: "127.0.0.1:4318" } }', 'expected a URL such as'],
  ['telemetry: { traces: { otlp: { endpoint: "grpc://a:4317" } } }', 'expected an http:// or https:// URL'],
  ['telemetry: { traces: { otlp: { endpoint: "http://ann:pw@a" } } }', 'without a query and a password'],
  ['telemetry: { traces: { otlp: { headers: {} } } }', 'expected an http:// or https:// URL'],
  ['telemetry: { traces: { otlp: { endpoint: "http://a", timeout: 0 } } }', 'expected a duration'],
  ['telemetry: { traces: { otlp: { endpoint: "http://a", compression: zstd } } }', 'expected one of `none`, `gzip`'],
  ['telemetry: { traces: { samples: 1% } }', 'samples'],
])('%j is one mistake, told at its place', (text, message) => {
  expect(mistakes(text).map((mistake) => mistake.message)).toEqual([expect.stringContaining(message)]);
});

test('other traces are a change that a reload takes up', () => {
  const diff = diffSnapshots(read('telemetry: { traces: { otlp: off } }'), read('name: shop'));
  expect(formatDiff(diff)).toBe('~telemetry.traces');
});

test('a program gives the same', () => {
  const telemetry = { traces: { sample: '5%', otlp: { endpoint: 'http://127.0.0.1:4318', headers: { a: 'b' } } } };
  const { traces } = loadOptions({ telemetry }, { directory: '/shop' }).telemetry;
  expect(traces).toMatchObject({ sample: { share: 0.05, named: true }, otlp: { headers: { a: 'b' } } });
});
