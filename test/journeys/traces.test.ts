import { expect, test, vi } from 'vitest';
import type { TraceView } from '../../src/admin/traces-wire.js';
import { Journey } from '../support/mesh-cli.js';

const root = new URL('../..', import.meta.url).pathname;

/** A service with the official SDK, told of nothing but what the mesh puts into its environment. */
const program = `
import http from 'node:http';
import { createRequire } from 'node:module';
const require = createRequire('${root}package.json');
const { propagation, ROOT_CONTEXT, SpanKind, trace } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { detectResources, envDetector } = require('@opentelemetry/resources');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const provider = new BasicTracerProvider({
  resource: process.env.MESH_SERVICE === 'web' ? detectResources({ detectors: [envDetector] }) : undefined,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const tracer = provider.getTracer('journey');
const { PORT, ORDERS_URL } = process.env;

http.createServer(async (request, response) => {
  const [, traceId, spanId] = (request.headers.traceparent ?? '').split('-');
  const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 1, isRemote: true });
  const serve = tracer.startSpan('serve ' + request.url, { kind: SpanKind.SERVER }, parent);
  if (ORDERS_URL !== undefined) {
    const call = tracer.startSpan('ask orders', { kind: SpanKind.CLIENT }, trace.setSpan(parent, serve));
    const { traceId, spanId } = call.spanContext();
    await (await fetch(ORDERS_URL + '/stock', { headers: { traceparent: '00-' + traceId + '-' + spanId + '-01' } })).text();
    call.end();
  }
  response.end('hello', () => serve.end());
}).listen(PORT, '127.0.0.1');
`;

test('spans of services that the mesh runs, by the official SDK, are part of the story of a request', async () => {
  await using journey = await Journey.begin(`
gateway: { port: 0 }
admin: { port: 0 }
services:
  web: { command: node service.mjs, dependsOn: [orders] }
  orders: { command: node service.mjs }
`);
  await journey.write('service.mjs', program);
  const up = await journey.up();

  const answer = await fetch(`http://127.0.0.1:${up.gatewayPort}/cart`, { headers: { 'x-mesh-service': 'web' } });
  await answer.text();
  const id = answer.headers.get('x-request-id') ?? '';

  const trace: TraceView = await vi.waitFor(
    async () => {
      const { trace } = JSON.parse((await journey.run('explain', id, '--json')).stdout);
      expect(trace.spans).toHaveLength(3);
      return trace;
    },
    { timeout: 20_000 },
  );
  expect(trace.exchanges.map(({ service, caller }) => ({ service, caller }))).toEqual([
    { service: 'orders', caller: 'web' },
    { service: 'web', caller: null },
  ]);
  expect(trace.tree.map(({ kind, depth }) => `${depth} ${kind}`)).toEqual([
    '0 exchange',
    '1 attempt',
    '2 span',
    '3 span',
    '4 exchange',
    '5 attempt',
    '6 span',
  ]);
  expect(trace.spans.map(({ service, name, kind }) => ({ service, name, kind }))).toEqual([
    { service: 'web', name: 'serve /cart', kind: 'server' },
    { service: 'web', name: 'ask orders', kind: 'client' },
    { service: 'orders', name: 'serve /stock', kind: 'server' },
  ]);

  const { stdout } = await journey.run('explain', trace.traceId);
  const picture = stdout.slice(stdout.indexOf('The whole trace')).split('\n').slice(2);
  expect(picture.map((line) => line.replace(/ *█+.* m?s {2}/, ' | '))).toEqual([
    '  → web GET /cart | 200 web-1',
    '    serve /cart | web',
    '      ask orders | web',
    '        → orders GET /stock | 200 orders-1',
    '          serve /stock | orders',
    '',
  ]);
});
