import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, expect, test, vi } from 'vitest';
import { startAdmin } from '../support/admin.js';
import { RawClient } from '../support/raw-client.js';
import { sdkSpans, traceId } from '../support/spans.js';

const json = 'application/json';
const protobuf = 'application/x-protobuf';
const good = Buffer.from(ProtobufTraceSerializer.serializeRequest(sdkSpans()) ?? []);

interface Post {
  readonly body: string | Buffer;
  readonly type?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** As a service does: without a token. */
async function post(port: number, { body, type = protobuf, path = '/v1/traces', headers = {} }: Post) {
  const sent = { 'content-type': type, ...headers };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: sent,
    body: new Uint8Array(Buffer.from(body)),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, type: response.headers.get('content-type'), bytes, text: bytes.toString() };
}

afterEach(() => vi.unstubAllEnvs());

test.each([
  ['JSON', JsonExporter, 'none'],
  ['JSON as gzip', JsonExporter, 'gzip'],
  ['protobuf', ProtobufExporter, 'none'],
  ['protobuf as gzip', ProtobufExporter, 'gzip'],
])(
  'the official exporter of %s is content with the answer, and its spans are kept',
  async (_, Exporter, compression) => {
    await using admin = await startAdmin();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${admin.port}`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', compression);
    const exporter = new Exporter();

    const result = await new Promise((resolve) => exporter.export(sdkSpans(), resolve));
    await exporter.shutdown();

    expect(result).toEqual({ code: 0 });
    expect(admin.asked).toEqual(['spans SELECT GET /x']);
  },
);

test.each([
  [json, '{"resourceSpans":[]}', '{}'],
  [`${json}; charset=utf-8`, '{}', '{}'],
  [protobuf, '', ''],
  [protobuf, good, ''],
])('an export as %s that is good is answered with nothing to say, in the same way', async (type, body, answer) => {
  await using admin = await startAdmin();

  expect(await post(admin.port, { type, body })).toMatchObject({
    status: 200,
    type: type.split(';')[0],
    text: answer,
  });
});

const halfBad = {
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            { traceId, spanId: '00f067aa0ba902b7', startTimeUnixNano: '1', endTimeUnixNano: '2', name: 'good' },
            { traceId: 'bad', name: 'bad' },
          ],
        },
      ],
    },
  ],
};

test('what is rejected is told with its number and its reason, and the rest is kept', async () => {
  await using admin = await startAdmin();

  const answer = await post(admin.port, { type: json, body: JSON.stringify(halfBad) });

  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('trace id') },
  });
  expect(admin.asked).toEqual(['spans good']);
});

test('the official SDK reads what is rejected out of the answer as protobuf', async () => {
  await using admin = await startAdmin();
  const spans = sdkSpans();
  const [bad] = spans;
  const context = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 };
  const body = ProtobufTraceSerializer.serializeRequest([...spans, { ...bad, spanContext: () => context } as never]);

  const { status, bytes } = await post(admin.port, { body: Buffer.from(body ?? []) });

  expect(status).toBe(200);
  expect(ProtobufTraceSerializer.deserializeResponse(bytes)).toMatchObject({
    partialSuccess: { errorMessage: expect.stringContaining('trace id') },
  });
  expect(bytes.subarray(2, 4)).toEqual(Buffer.from([0x08, 1])); // rejected_spans
});

test.each([
  [json, '{"resourceSpans":', 3],
  [json, '[]', 3],
])('what is no export as %s is answered with a status of gRPC, in the same way', async (type, body, code) => {
  await using admin = await startAdmin();

  const answer = await post(admin.port, { type, body });

  expect(answer).toMatchObject({ status: 400, type });
  expect(JSON.parse(answer.text)).toEqual({ code, message: expect.stringContaining('no JSON of OTLP') });
  expect(admin.asked).toEqual([]);
});

test('the status is protobuf where the export is', async () => {
  await using admin = await startAdmin();

  const answer = await post(admin.port, { body: good.subarray(0, -1) });

  expect(answer).toMatchObject({ status: 400, type: protobuf });
  expect(answer.bytes.subarray(0, 3)).toEqual(Buffer.from([0x08, 3, 0x12])); // code, and the tag of message
  expect(answer.text).toContain('it ends within a field');
});

const large = (mebibytes: number) => JSON.stringify({ padding: 'x'.repeat(mebibytes * 1_024 * 1_024) });

test.each([
  ['that is sent', { body: ' '.repeat(4 * 1_024 * 1_024 + 1), type: json }, '4 MiB'],
  ['that is inflated', { body: gzipSync(large(17)), headers: { 'content-encoding': 'gzip' } }, '16 MiB'],
  [
    'of JSON that is inflated',
    { body: gzipSync(large(2)), type: json, headers: { 'content-encoding': 'gzip' } },
    '2 MiB',
  ],
  ['of JSON', { body: large(2), type: json }, '2 MiB'],
])('a body %s to more than may be is answered with 413', async (_what, call, limit) => {
  await using admin = await startAdmin();

  const answer = await post(admin.port, call);

  expect(answer.status).toBe(413);
  expect(answer.text).toContain(`The body is larger than ${limit}`);
  expect([...answer.bytes.subarray(0, 2)]).toEqual(answer.type === json ? [...Buffer.from('{"')] : [0x08, 8]); // a status of gRPC
});

test('while very many exports are under way, more are put off, and taken again when those are gone', async () => {
  await using admin = await startAdmin();
  const address = { host: '127.0.0.1', port: admin.port };
  const head = `POST /v1/traces HTTP/1.1\r\nHost: localhost:${admin.port}\r\nContent-Type: ${json}\r\nContent-Length: 2\r\n\r\n`;
  const slow = await Promise.all(Array.from({ length: 64 }, () => RawClient.connect(address)));
  for (const client of slow) client.send(head);

  await vi.waitFor(async () => expect((await post(admin.port, { type: json, body: '{}' })).status).toBe(503));
  for (const client of slow) client[Symbol.dispose]();
  await vi.waitFor(async () => expect((await post(admin.port, { type: json, body: '{}' })).status).toBe(200));
});

test('a body that says it is gzip and is none is answered with 400', async () => {
  await using admin = await startAdmin();

  expect(await post(admin.port, { body: good, headers: { 'content-encoding': 'gzip' } })).toMatchObject({
    status: 400,
    text: expect.stringContaining('gzip'),
  });
});

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
  'application/jsonx',
  null,
])('a body of type %j is not taken: 415', async (type) => {
  await using admin = await startAdmin();

  for (const path of ['/v1/traces', '/v1/logs', '/v1/metrics']) {
    const answer = await admin.request({ method: 'POST', path, headers: { 'content-type': type }, body: '{}' });
    expect(answer, path).toMatchObject({ status: 415, code: 'media_type_not_supported' });
  }
  expect(admin.asked).toEqual([]);
});

test('a body that is packed in another way than by gzip is not taken: 415', async () => {
  await using admin = await startAdmin();

  const answer = await post(admin.port, { body: '{}', type: json, headers: { 'content-encoding': 'br' } });

  expect(answer).toMatchObject({ status: 415, text: expect.stringContaining('`br`') });
});

test.each<Record<string, string>>([
  { origin: 'http://evil.com' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { host: 'evil.com' },
])('a page of another site (%j) can post no spans, whatever it says of its body', async (headers) => {
  await using admin = await startAdmin();

  for (const type of ['text/plain', json, protobuf]) {
    const call = { method: 'POST', path: '/v1/traces', headers: { 'content-type': type, ...headers }, body: '{}' };
    expect((await admin.request(call)).status, type).toBe(403);
  }
  expect(admin.asked).toEqual([]);
});

test('spans can be written without a token, and read only with it', async () => {
  await using admin = await startAdmin();
  const headers = { authorization: null };

  expect((await post(admin.port, { type: json, body: '{}' })).status).toBe(200);
  expect((await admin.request({ path: '/v1/traces', headers })).status).toBe(401);
  expect((await admin.request({ path: `/v1/traces/${traceId}`, headers })).status).toBe(401);
  expect((await admin.request({ path: '/v1/logs', headers })).status).toBe(401);
  expect((await admin.request({ path: '/v1/traces' })).status).toBe(405);
});

test('a trace is read by its id', async () => {
  await using admin = await startAdmin();

  expect(await admin.client.trace(traceId)).toMatchObject({ traceId, exchanges: [{ id: 'abc' }] });
  await expect(admin.client.trace('0'.repeat(32))).rejects.toMatchObject({ code: 'unknown_trace' });
  await expect(admin.client.trace('x')).rejects.toMatchObject({ code: 'invalid_request' });
});

test.each(['/v1/logs', '/v1/metrics'])('what an SDK sends to %s is taken without a word', async (path) => {
  await using admin = await startAdmin();

  expect(await post(admin.port, { path, body: good })).toMatchObject({ status: 200, type: protobuf, text: '' });
  expect(await post(admin.port, { path, body: '{}', type: json })).toMatchObject({ status: 200, text: '{}' });
  expect(admin.asked).toEqual([]);
});
