import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { MeshOptions } from '../../../src/index.js';
import { ServiceMesh } from '../../../src/index.js';
import { Collector, childrenOf } from '../../support/collector.js';
import type { CallOptions } from '../../support/gateway.js';
import { call } from '../../support/gateway.js';
import type { WireSpan } from '../../support/otlp-decoder.js';
import { RawUpstream, Upstream } from '../../support/upstream.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const sampled = { traceparent: `00-${traceId}-${clientSpan}-01` };

type Traces = NonNullable<NonNullable<MeshOptions['telemetry']>['traces']>;

interface Running extends AsyncDisposable {
  readonly mesh: ServiceMesh;
  /** What it has warned of. */
  readonly warnings: string[];
  get(service: string, options?: CallOptions & { path?: string }): ReturnType<typeof call>;
  /** A counter of /metrics. */
  metric(name: string): Promise<number | undefined>;
}

async function start(
  traces: Traces,
  services: MeshOptions['services'],
  environment: Record<string, string> = {},
): Promise<Running> {
  const options: MeshOptions = {
    gateway: { port: 0 },
    admin: { port: 0 },
    name: 'shop',
    telemetry: { traces },
    services,
  };
  const mesh = new ServiceMesh(options, { environment });
  const warnings: string[] = [];
  mesh.on('event', ({ type, message }) => {
    if (type === 'warning') warnings.push(message);
  });
  await mesh.start();
  const door = new URL(mesh.gatewayUrl);
  return {
    mesh,
    warnings,
    get: (service, { path = '/', headers, ...rest } = {}) =>
      call({ host: door.hostname, port: Number(door.port) }, path, {
        ...rest,
        headers: { Host: `${service}.localhost`, ...headers },
      }),
    async metric(name) {
      const text = await (await fetch(`${mesh.adminUrl}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length));
    },
    [Symbol.asyncDispose]: () => mesh.stop(),
  };
}

/** The only one of its kind. */
function the(kind: WireSpan['kind'], { spans }: Collector): WireSpan {
  const [span, ...others] = spans.filter((each) => each.kind === kind);
  if (span === undefined || others.length > 0) throw new Error(`there are ${spans.map((each) => each.kind)}`);
  return span;
}

test('a request is one tree: the span of the client, of the gateway, of its attempt, and what the service was told', async () => {
  await using collector = await Collector.start();
  await using upstream = await Upstream.start('ok');
  const orders = {
    version: 'v1',
    routes: [{ path: '/api' }],
    instances: [{ address: `127.0.0.1:${upstream.port}`, id: 'one' }],
  };
  const before = BigInt(Date.now()) * 1_000_000n;
  {
    await using running = await start({ otlp: collector.url }, { orders });
    const headers = {
      ...sampled,
      tracestate: 'a=1',
      'user-agent': 'test/1',
      'x-request-id': 'cart-7',
      Host: 'localhost:80',
    };
    await running.get('orders', { path: '/api/x?q=1&sig=secret', headers });
  }
  const after = BigInt(Date.now() + 1) * 1_000_000n;

  const server = the('SERVER', collector);
  const client = the('CLIENT', collector);
  expect(collector.requests[0]).toMatchObject({
    url: '/v1/traces',
    headers: { 'content-type': 'application/x-protobuf' },
  });
  expect(server).toMatchObject({
    traceId,
    parentSpanId: clientSpan,
    traceState: 'a=1',
    name: 'GET /api',
    status: { code: 'UNSET', message: '' },
    flags: 0x301, // sampled, and its parent is elsewhere
    events: [],
  });
  expect(server.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'http.route': '/api',
    'url.path': '/api/x',
    'url.query': 'q=1&sig=REDACTED',
    'url.scheme': 'http',
    'server.address': 'localhost',
    'server.port': 80,
    'client.address': '127.0.0.1',
    'network.protocol.version': '1.1',
    'user_agent.original': 'test/1',
    'mesh.id': 'cart-7',
    'mesh.outcome': 'answered',
    'mesh.service': 'orders',
    'mesh.version': 'v1',
  });
  expect(server.resource).toMatchObject({
    'service.name': 'mesh',
    'service.namespace': 'shop',
    'telemetry.sdk.language': 'nodejs',
  });
  expect(client).toMatchObject({
    traceId,
    parentSpanId: server.spanId,
    traceState: 'a=1',
    name: 'GET /api',
    flags: 0x101,
  });
  expect(client.attributes).toEqual({
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.full': `http://127.0.0.1:${upstream.port}/api/x?q=1&sig=REDACTED`,
    'server.address': '127.0.0.1',
    'server.port': upstream.port,
    'network.protocol.version': '1.1',
    'peer.service': 'orders',
    'mesh.service': 'orders',
    'mesh.instance': 'one',
    'mesh.version': 'v1',
  });
  expect(upstream.last.fields.get('traceparent')).toBe(`00-${traceId}-${client.spanId}-01`);
  expect(upstream.last.fields.get('tracestate')).toBe('a=1');
  const inOrder = [before, server.start, client.start, client.end, server.end, after];
  expect(inOrder.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(inOrder);
});

test('each attempt has a span of its own, under the id that its instance was told', async () => {
  await using collector = await Collector.start();
  await using broken = await Upstream.start(503);
  await using well = await Upstream.start('ok');
  const instances = [`127.0.0.1:${broken.port}`, `127.0.0.1:${well.port}`];
  {
    await using running = await start(
      { otlp: collector.url },
      { orders: { instances, retries: { attempts: 2, on: [503], backoff: '1ms' } } },
    );
    await running.get('orders');
    await running.get('orders'); // one of the two begins at the broken one
  }
  const server = collector.spans.find(({ events }) => events.length > 0);
  if (server === undefined) return expect.fail('nothing was tried again');

  const [first, second, ...others] = childrenOf(server, collector.spans);
  expect(others).toEqual([]);
  expect(first).toMatchObject({ kind: 'CLIENT', status: { code: 'ERROR' } });
  expect(first?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' });
  expect(first?.attributes).not.toHaveProperty('http.request.resend_count');
  expect(second).toMatchObject({ kind: 'CLIENT', status: { code: 'UNSET' } });
  expect(second?.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 });
  const told = [broken, well].map(({ seen }) => seen.map(({ fields }) => fields.get('traceparent')?.split('-')[2]));
  expect(told[0]).toContain(first?.spanId);
  expect(told[1]).toContain(second?.spanId);
  expect(server).toMatchObject({ status: { code: 'UNSET' }, attributes: { 'http.response.status_code': 200 } });
  expect(server.events).toMatchObject([
    { name: 'mesh.wait', attributes: { 'mesh.wait.kind': 'backoff' } },
    { name: 'mesh.retry', attributes: { 'http.request.resend_count': 1, 'mesh.retry.reason': '503' } },
  ]);
});

test('a request that is sent once more, for its kept connection was closed, is told of by another id', async () => {
  await using collector = await Collector.start();
  const used = new Set<Socket>();
  await using orders = await RawUpstream.start((socket) => {
    if (used.has(socket)) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    used.add(socket);
  });
  {
    await using running = await start(
      { otlp: collector.url },
      { orders: { instances: [`127.0.0.1:${orders.address.port}`] } },
    );
    expect((await running.get('orders')).status).toBe(200);
    expect((await running.get('orders', { headers: sampled })).status).toBe(200);
  }
  const told = [...orders.received.matchAll(/traceparent: 00-4bf9\w+-(\w+)-01/g)].map(([, span]) => span);
  const attempts = collector.spans.filter((span) => span.traceId === traceId && span.kind === 'CLIENT');
  expect(attempts.map(({ spanId }) => spanId)).toEqual(told);
  expect(new Set(told).size).toBe(2);
});

test('what other tracers have sent reaches the service as it was', async () => {
  await using upstream = await Upstream.start('ok');
  await using running = await start({}, { orders: { instances: [`127.0.0.1:${upstream.port}`] } });
  const b3 = {
    'X-B3-TraceId': traceId,
    'X-B3-SpanId': clientSpan,
    'X-B3-Sampled': '0',
    'X-B3-ParentSpanId': clientSpan,
  };
  const others = { b3: `${traceId}-${clientSpan}-0`, baggage: 'user=7;secret, b=%20', 'X-Cloud-Trace-Context': 'x/1' };
  await running.get('orders', { headers: { ...b3, ...others } });
  for (const [name, value] of Object.entries({ ...b3, ...others }))
    expect(upstream.last.fields.all(name.toLowerCase())).toEqual([value]);
  expect(upstream.last.fields.get('traceparent')).toMatch(new RegExp(`^00-${traceId}-(?!${clientSpan})\\w{16}-00$`));
});

test('that an instance is ejected for what it has answered is an event of that attempt', async () => {
  await using collector = await Collector.start();
  await using broken = await Upstream.start(500);
  await using well = await Upstream.start('ok');
  const instances = [broken, well].map(({ port }) => `127.0.0.1:${port}`);
  {
    await using running = await start(
      { otlp: collector.url },
      { orders: { instances, outlierDetection: { consecutive5xx: 1 } } },
    );
    for (let count = 0; count < 3; count++) await running.get('orders');
  }
  const ejecting = collector.spans.filter(({ kind, status }) => kind === 'CLIENT' && status.code === 'ERROR');
  expect(ejecting).toMatchObject([
    { events: [{ name: 'mesh.ejection', attributes: { 'mesh.ejection.reason': expect.stringMatching(/5xx/) } }] },
  ]);
});

test('waits and faults are events, at the time at which they were', async () => {
  await using collector = await Collector.start();
  await using upstream = await Upstream.start('ok');
  {
    await using running = await start(
      { otlp: collector.url },
      {
        orders: {
          instances: [`127.0.0.1:${upstream.port}`],
          rateLimit: { rate: '2/s' },
          faults: [{ delay: '5ms' }, { abort: 503, match: { path: '/pay' } }],
        },
      },
    );
    await running.get('orders');
    await running.get('orders', { path: '/pay' });
  }
  const [, server] = collector.spans.filter(({ kind }) => kind === 'SERVER');
  if (server === undefined) return expect.fail('there are too few spans');

  expect(server.events).toMatchObject([
    { name: 'mesh.wait', attributes: { 'mesh.wait.kind': 'rate-limit', 'mesh.wait.duration': expect.any(Number) } },
    { name: 'mesh.fault', attributes: { 'mesh.fault': 'delay 5ms' } },
    { name: 'mesh.fault', attributes: { 'mesh.fault': 'abort 503 for path /pay' } },
    { name: 'mesh.wait', attributes: { 'mesh.wait.kind': 'fault' } },
  ]);
  for (const { at } of server.events) {
    expect(at).toBeGreaterThanOrEqual(server.start);
    expect(at).toBeLessThanOrEqual(server.end);
  }
  const [attempt] = childrenOf(server, collector.spans);
  expect(attempt).toMatchObject({ kind: 'CLIENT', status: { code: 'ERROR' }, attributes: { 'error.type': '503' } });
  expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(collector.spans.length);
});

test('what the mesh answers itself is a span, and an error where it is one of the server', async () => {
  await using collector = await Collector.start();
  const nobody = createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const address = nobody.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  nobody.close();
  {
    await using running = await start({ otlp: collector.url }, { orders: { instances: [`127.0.0.1:${port}`] } });
    await running.get('orders');
    await running.get('unknown');
  }
  const [failed, unknown] = collector.spans.filter(({ kind }) => kind === 'SERVER');
  expect(failed).toMatchObject({
    status: { code: 'ERROR' },
    attributes: { 'http.response.status_code': 502, 'error.type': 'connect_failed', 'mesh.outcome': 'refused' },
  });
  expect(the('CLIENT', collector)).toMatchObject({
    parentSpanId: failed?.spanId,
    status: { code: 'ERROR', message: expect.stringContaining('refuses connections') },
    attributes: { 'error.type': 'connect_failed' },
  });
  expect(unknown).toMatchObject({
    name: 'GET',
    status: { code: 'UNSET' },
    attributes: { 'http.response.status_code': 404, 'error.type': 'no_route' },
  });
});

test('what a mirror is sent hangs below the request that it is a copy of', async () => {
  await using collector = await Collector.start();
  await using upstream = await Upstream.start('ok');
  await using copies = await Upstream.start('ok');
  {
    await using running = await start(
      { otlp: collector.url },
      {
        orders: { instances: [`127.0.0.1:${upstream.port}`], mirror: { service: 'next' } },
        next: { instances: [`127.0.0.1:${copies.port}`] },
      },
    );
    await running.get('orders', { headers: sampled });
    await copies.until(1);
    await expect.poll(() => running.mesh.control.service('orders').traffic.mirror?.compared).toBe(1);
  }
  const copy = collector.spans.find(({ attributes }) => attributes['peer.service'] === 'next');
  expect(copy?.parentSpanId).toBe(the('SERVER', collector).spanId);
  expect(copies.last.fields.get('traceparent')).toBe(`00-${traceId}-${copy?.spanId}-01`);
});

test.each([
  ['sampled by its client, when nothing else is', '0%', '01', 2],
  ['left out by its client, when all else is sampled', '100%', '00', 0],
  ['of a trace that begins here, and none of those is', '0%', undefined, 0],
  ['of a trace that begins here, and all of those are', '100%', undefined, 2],
])('a request %s', async (_, sample, flags, spans) => {
  await using collector = await Collector.start();
  await using upstream = await Upstream.start('ok');
  {
    await using running = await start(
      { sample, otlp: collector.url },
      { orders: { instances: [`127.0.0.1:${upstream.port}`] } },
    );
    await running.get('orders', {
      headers: flags === undefined ? {} : { traceparent: `00-${traceId}-${clientSpan}-${flags}` },
    });
  }
  expect(collector.spans).toHaveLength(spans);
  const random = flags === undefined ? 0b10 : 0;
  expect(upstream.last.fields.get('traceparent')?.slice(-2)).toBe(`0${random | (spans > 0 ? 1 : 0)}`);
});

test('a collector behind the gateway itself is told nothing of what it is sent', async () => {
  await using collector = await Collector.start();
  const gateway = await freePort();
  const otlp = { endpoint: `http://127.0.0.1:${gateway}`, headers: { 'x-mesh-service': 'jaeger' } };
  const options: MeshOptions = {
    gateway: { port: gateway },
    admin: { port: 0 },
    telemetry: { traces: { otlp } },
    services: { jaeger: { instances: [`127.0.0.1:${collector.port}`] } },
  };
  await using mesh = new ServiceMesh(options, { environment: {} });
  await mesh.start();
  for (const count of [2, 4]) {
    await fetch(mesh.gatewayUrl, { headers: { 'x-mesh-service': 'jaeger', ...sampled } });
    await collector.until(count);
  }
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
