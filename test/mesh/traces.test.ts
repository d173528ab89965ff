import { expect, test } from 'vitest';
import type { TraceView } from '../../src/admin/traces-wire.js';
import { ServiceMesh } from '../../src/index.js';
import { Upstream } from '../support/upstream.js';

const client = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

/** A mesh with one service and one retry; the instance fails once. */
async function start() {
  const orders = await Upstream.start((_request, response) =>
    response.writeHead(orders.seen.length === 1 ? 503 : 200).end('ok'),
  );
  const mesh = new ServiceMesh({
    gateway: { port: 0 },
    admin: { port: 0, token: 'none' },
    registry: { store: 'memory' },
    services: {
      orders: { instances: [`127.0.0.1:${orders.port}`], retries: { attempts: 1, on: [503], budget: '100%' } },
    },
  });
  await mesh.start();
  return {
    orders,
    async call(traceparent: string) {
      const headers = { 'x-mesh-service': 'orders', traceparent };
      await (await fetch(`${mesh.gatewayUrl}/x`, { headers })).text();
    },
    async tell(...spans: object[]) {
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${mesh.adminUrl}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200);
    },
    async read(path: string) {
      return (await fetch(mesh.adminUrl + path)).text();
    },
    async [Symbol.asyncDispose]() {
      await mesh.stop();
      await orders[Symbol.asyncDispose]();
    },
  };
}

test('what a service tells is beneath the attempt whose traceparent it was sent, whichever that was', async () => {
  await using mesh = await start();
  await mesh.call(`00-${client.traceId}-${client.spanId}-01`);
  const sent = mesh.orders.seen.map(({ fields }) => fields.get('traceparent')?.split('-')[2]);
  const nanoseconds = `${Date.now()}000000`;
  const times = { startTimeUnixNano: nanoseconds, endTimeUnixNano: nanoseconds, traceId: client.traceId };
  await mesh.tell(
    { ...times, spanId: '00000000000000a2', parentSpanId: sent[1], name: 'fine', attributes: [attribute] },
    { ...times, spanId: '00000000000000a1', parentSpanId: sent[0], name: 'broken', status: { code: 2 } },
  );

  const trace: TraceView = JSON.parse(await mesh.read(`/v1/traces/${client.traceId}`));

  expect(trace.exchanges).toMatchObject([{ service: 'orders', status: 200 }]);
  expect(trace.tree).toMatchObject([
    { kind: 'exchange', depth: 0, begun: 0 },
    { kind: 'attempt', depth: 1, attempt: 0, spanId: sent[0] },
    { kind: 'span', depth: 2, spanId: '00000000000000a1' },
    { kind: 'attempt', depth: 1, attempt: 1, spanId: sent[1] },
    { kind: 'span', depth: 2, spanId: '00000000000000a2' },
  ]);
  expect(trace.spans).toMatchObject([
    { name: 'broken', service: 'orders', status: 'error' },
    { name: 'fine', service: 'orders', attributes: { 'http.route': '/x' } },
  ]);
  expect(await mesh.read('/metrics')).toContain('\nmesh_service_spans_received_total 2\n');
});

const attribute = { key: 'http.route', value: { stringValue: '/x' } };

test('a trace that only services tell of is a trace, too; one of which nobody does is unknown', async () => {
  await using mesh = await start();
  const times = { startTimeUnixNano: '1764374400000000000', endTimeUnixNano: '1764374400250000000' };
  await mesh.tell({ traceId: client.traceId, spanId: client.spanId, name: 'job', ...times });

  expect(JSON.parse(await mesh.read(`/v1/traces/${client.traceId}`))).toMatchObject({
    at: 1_764_374_400_000,
    duration: 250,
    exchanges: [],
    spans: [{ name: 'job', service: null, parentSpanId: null }],
    lostSpans: 0,
  });
  expect(await mesh.read(`/v1/traces/${'a'.repeat(32)}`)).toContain('"code":"unknown_trace"');
});

test('a service that only passes traceparent on joins what it has called to what has called it', async () => {
  await using orders = await Upstream.start((_request, response) => response.end('ok'));
  await using web = await Upstream.start(async ({ headers }, response) => {
    const traceparent = String(headers.traceparent);
    await (await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'orders', traceparent } })).text();
    response.end('ok');
  });
  await using mesh = new ServiceMesh({
    gateway: { port: 0 },
    admin: { port: 0, token: 'none' },
    registry: { store: 'memory' },
    services: {
      web: { instances: [`127.0.0.1:${web.port}`] },
      orders: { instances: [`127.0.0.1:${orders.port}`] },
    },
  });
  await mesh.start();
  await (await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'web' } })).text();
  const [, traceId = ''] = web.last.fields.get('traceparent')?.split('-') ?? [];

  const answer = await fetch(`${mesh.adminUrl}/v1/traces/${traceId}`);
  const trace: TraceView = JSON.parse(await answer.text());

  const kinds = trace.tree.map(({ kind, depth }) => `${depth} ${kind}`);
  expect(kinds).toEqual(['0 exchange', '1 attempt', '2 exchange', '3 attempt']);
  expect(trace.exchanges.map(({ service }) => service)).toEqual(['orders', 'web']);
});
