import { gzipSync } from 'node:zlib';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { expect, test, vi } from 'vitest';
import { ServiceMesh } from '../../../src/index.js';
import { Collector } from '../../support/collector.js';
import { sdkSpans } from '../../support/spans.js';

const protobuf = 'application/x-protobuf';
const json = 'application/json';
const good = Buffer.from(ProtobufTraceSerializer.serializeRequest(sdkSpans()) ?? []);

/** A mesh whose spans go to `otlp`, and how a service tells it of its own. */
async function start(otlp: string | { endpoint: string; headers?: Record<string, string>; timeout?: string }) {
  const mesh = new ServiceMesh(
    {
      gateway: { port: 0 },
      admin: { port: 0, token: 'none' },
      registry: { store: 'memory' },
      telemetry: { traces: { otlp } },
    },
    { environment: {} },
  );
  const warnings: string[] = [];
  mesh.on('event', ({ type, message }) => {
    if (type === 'warning') warnings.push(message);
  });
  await mesh.start();
  return {
    mesh,
    warnings,
    async tell(body: Buffer, headers: Record<string, string> = {}) {
      const fields = { 'content-type': protobuf, ...headers };
      const sent = { method: 'POST', headers: fields, body: new Uint8Array(body) };
      return (await fetch(`${mesh.adminUrl}/v1/traces`, sent)).status;
    },
    /** Of /metrics. */
    async counted(name: string) {
      const text = await (await fetch(`${mesh.adminUrl}/metrics`)).text();
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${name} `))
          ?.slice(name.length),
      );
    },
    [Symbol.asyncDispose]: () => mesh.stop(),
  };
}

/** An export of one span, as JSON. */
function spanOf(spanId: string, padding = ''): Buffer {
  const times = { startTimeUnixNano: '1764374400000000000', endTimeUnixNano: '1764374400250000000' };
  const span = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId, name: 'x', ...times };
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }], padding }));
}

test.each([
  ['protobuf', good, { 'content-type': protobuf }],
  ['protobuf as gzip', gzipSync(good), { 'content-type': protobuf, 'content-encoding': 'gzip' }],
  ['JSON', spanOf('00000000000000a1'), { 'content-type': json }],
  ['JSON as gzip', gzipSync(spanOf('00000000000000a1')), { 'content-type': json, 'content-encoding': 'gzip' }],
])('what a service tells as %s goes on as it came, with the fields of the mesh file', async (_, body, headers) => {
  await using collector = await Collector.start();
  await using running = await start({ endpoint: collector.url, headers: { 'x-key': 'k' } });

  expect(await running.tell(body, headers)).toBe(200);
  await collector.when(() => collector.requests.length === 1);

  const [request] = collector.requests;
  expect(request).toMatchObject({ url: '/v1/traces', headers: { ...headers, 'x-key': 'k' } });
  expect(request?.headers['content-encoding']).toBe(headers['content-encoding' as never]);
  expect(request?.body).toEqual(body);
  const told = await running.counted('mesh_service_spans_received_total');
  await vi.waitFor(async () => expect(await running.counted('mesh_service_spans_relayed_total')).toBe(told));
});

test('what comes back from the collector is relayed no second time', async () => {
  await using collector = await Collector.start();
  {
    await using running = await start(collector.url);
    await running.tell(spanOf('00000000000000a1'), { 'content-type': json });
    await running.tell(spanOf('00000000000000a1', 'packed anew'), { 'content-type': json });
    await running.tell(spanOf('00000000000000a2'), { 'content-type': json });
  }
  expect(collector.requests.map(({ body }) => body).sort(Buffer.compare)).toEqual([
    spanOf('00000000000000a1'),
    spanOf('00000000000000a2'),
  ]);
});

test('a mesh takes no spans of a mesh: one that sends its spans to itself would never end', async () => {
  await using running = await start('http://127.0.0.1:4318');
  expect(await running.tell(good, { 'user-agent': 'service-mesh OTel-OTLP-Exporter-JavaScript/0.223.1' })).toBe(508);
  expect(await running.counted('mesh_service_spans_received_total')).toBe(0);
});

test('a collector that is not there costs the service nothing; what it loses is counted, and told of once', async () => {
  await using running = await start({ endpoint: 'http://127.0.0.1:1', timeout: '700ms' });

  expect(await running.tell(good)).toBe(200);
  expect(await running.tell(spanOf('00000000000000a1'), { 'content-type': json })).toBe(200);

  const lost = 'mesh_service_spans_relay_dropped_total{reason="export_failed"}';
  await vi.waitFor(async () => expect(await running.counted(lost)).toBe(3), 5_000);
  expect(running.warnings).toEqual([expect.stringMatching(/^spans do not reach http:\/\/127\.0\.0\.1:1\/v1\/traces/)]);
  expect(await running.counted('mesh_service_spans_received_total')).toBe(3);
});

test('while a collector hangs, no more than 8 MiB wait for it', async () => {
  await using collector = await Collector.start();
  collector.answer = 'never';
  await using running = await start(collector.url);
  const padding = 'x'.repeat(1.9 * 1_024 * 1_024);

  for (const digit of [1, 2, 3, 4, 5]) {
    expect(await running.tell(spanOf(`00000000000000a${digit}`, padding), { 'content-type': json })).toBe(200);
  }

  expect(await running.counted('mesh_service_spans_relay_dropped_total{reason="queue_full"}')).toBe(1);
  await collector.when(() => collector.requests.length === 4);
});
