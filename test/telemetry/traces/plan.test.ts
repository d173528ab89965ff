import { expect, test } from 'vitest';
import type { OtlpConfig } from '../../../src/config/snapshot.js';
import { planOf } from '../../../src/telemetry/traces/plan.js';

const endpoint = 'http://collector:4318';
const open = { headers: {}, timeout: undefined, compression: undefined };

function plan(environment: Readonly<Record<string, string | undefined>>, otlp: OtlpConfig = { kind: 'environment' }) {
  return planOf({ sample: { share: 1, named: false }, slow: 1_000, otlp }, environment);
}

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, 'http://collector:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otlp/' }, 'https://collector/otlp/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/own` }, 'http://collector:4318/own'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b/t' }, 'http://b/t'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'console,otlp' }, `${endpoint}/v1/traces`],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'false' }, `${endpoint}/v1/traces`],
])('%j sends spans to %s', (environment, url) => {
  expect(plan(environment)).toEqual({ share: 1, export: { url, ...open }, warning: undefined });
});

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: 'TRUE' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'none' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: 'zipkin' },
  { OTEL_TRACES_EXPORTER: 'otlp' },
])('%j sends none', (environment) => {
  expect(plan(environment)).toEqual({ share: 1, export: undefined, warning: undefined });
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /PROTOCOL is `grpc`.*over HTTP/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /ENDPOINT is `collector:4318\/v1\/traces`/],
])('%j sends none, and a warning says why', (environment, warning) => {
  expect(plan(environment)).toEqual({ share: 1, export: undefined, warning: expect.stringMatching(warning) });
});

test('what the mesh file says counts, whatever the variables do', () => {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_SDK_DISABLED: 'true',
    OTEL_TRACES_SAMPLER: 'always_off',
  };
  const named = { url: 'http://a/v1/traces', headers: { a: 'b' }, timeout: 5, compression: 'gzip' } as const;
  const sample = { share: 0.25, named: true };
  expect(planOf({ sample, slow: 1, otlp: { kind: 'endpoint', ...named } }, environment)).toEqual({
    share: 0.25,
    export: named,
    warning: undefined,
  });
  expect(plan({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, { kind: 'off' }).export).toBeUndefined();
});

test.each([
  ['always_off', undefined, 0],
  ['parentbased_always_on', undefined, 1],
  ['traceidratio', '0.25', 0.25],
  ['parentbased_traceidratio', '0', 0],
  ['parentbased_traceidratio', undefined, 1],
  ['traceidratio', '7', 1],
  ['jaeger_remote', undefined, 1],
])('the sampler %s of %s is a share of %d', (sampler, argument, share) => {
  const environment = {
    OTEL_TRACES_SAMPLER: sampler,
    ...(argument === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: argument }),
  };
  expect(plan(environment).share).toBe(share);
});
