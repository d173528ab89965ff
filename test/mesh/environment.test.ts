import { expect, test } from 'vitest';
import { environmentOf } from '../../src/mesh/environment.js';
import { servicesOf } from '../supervisor/world.js';

const surroundings = {
  inherited: { PATH: '/bin', PORT: '1', MESH_TOKEN: 'of an outer mesh', LOG_LEVEL: 'info', UNSET: undefined },
  gatewayUrl: 'http://127.0.0.1:8080',
  adminUrl: 'http://127.0.0.1:8081',
  token: undefined,
  doors: new Map([
    ['card-payments', { host: '127.0.0.1', port: 43_121 }],
    ['stock', { host: '127.0.0.1', port: 43_122 }],
  ]),
};

function environment(own: Record<string, string>, port?: number) {
  const web = servicesOf({ web: { command: 'node web.mjs', environment: own } }).get('web');
  return environmentOf(web ?? expect.fail('no service'), 'web-2', port, surroundings);
}

test('a program is told where to listen, who it is, and where its peers are', () => {
  expect(environment({}, 4001)).toEqual({
    PATH: '/bin',
    LOG_LEVEL: 'info',
    PORT: '4001',
    MESH_SERVICE: 'web',
    MESH_INSTANCE: 'web-2',
    MESH_GATEWAY_URL: 'http://127.0.0.1:8080',
    MESH_ADMIN_URL: 'http://127.0.0.1:8081',
    CARD_PAYMENTS_URL: 'http://127.0.0.1:43121',
    CARD_PAYMENTS_SERVICE_HOST: '127.0.0.1',
    CARD_PAYMENTS_SERVICE_PORT: '43121',
    STOCK_URL: 'http://127.0.0.1:43122',
    STOCK_SERVICE_HOST: '127.0.0.1',
    STOCK_SERVICE_PORT: '43122',
    OTEL_SERVICE_NAME: 'web',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:8081',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_BSP_SCHEDULE_DELAY: '500',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
});

test('a worker listens nowhere: no PORT of whoever started the mesh reaches it', () => {
  expect(environment({})).not.toHaveProperty('PORT');
});

test('its own environment wins over what is inherited and over its peers, and not over who it is', () => {
  const own = { LOG_LEVEL: 'debug', STOCK_URL: 'https://stock.example', MESH_SERVICE: 'another' };

  expect(environment(own)).toMatchObject({ LOG_LEVEL: 'debug', STOCK_URL: own.STOCK_URL, MESH_SERVICE: 'web' });
});

/** What it is told of OpenTelemetry. */
function telemetry(own: Record<string, string>) {
  return Object.fromEntries(Object.entries(environment(own)).filter(([name]) => name.startsWith('OTEL_')));
}

test.each<[string, Record<string, string>]>([
  ['to a collector', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['to one for spans', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }],
  ['by gRPC, which the mesh does not speak', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['nowhere', { OTEL_TRACES_EXPORTER: 'none' }],
])('a program that sends its spans %s is told nothing but its name', (_where, own) => {
  expect(telemetry(own)).toEqual({ ...own, OTEL_SERVICE_NAME: 'web' });
});

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['a name', { OTEL_SERVICE_NAME: 'shop' }, { OTEL_SERVICE_NAME: 'shop' }],
  ['a name among its attributes', { OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=shop' }, {}],
  ['a protocol', { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }],
  ['a pace', { OTEL_BSP_SCHEDULE_DELAY: '9' }, { OTEL_BSP_SCHEDULE_DELAY: '9' }],
  ['an exporter of metrics', { OTEL_METRICS_EXPORTER: 'prometheus' }, { OTEL_METRICS_EXPORTER: 'prometheus' }],
  ['a place for its logs', { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://x' }, {}],
])('%s of its own stays', (_what, own, expected) => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, ...others } = telemetry(own);

  expect(OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://127.0.0.1:8081');
  expect(others).toMatchObject(expected);
  expect('OTEL_SERVICE_NAME' in others).toBe(!('OTEL_RESOURCE_ATTRIBUTES' in own));
  expect('OTEL_LOGS_EXPORTER' in others).toBe(!('OTEL_EXPORTER_OTLP_LOGS_ENDPOINT' in own));
});
