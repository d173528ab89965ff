import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MeshError } from '../../../src/foundation/errors.js';
import type { Encoding } from '../../../src/telemetry/intake/intake.js';
import { readExport } from '../../../src/telemetry/intake/intake.js';
import { sdkSpans } from '../../support/spans.js';

/** A field of a message: its number, and a message, a text or bytes. */
function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
  }
  return Buffer.from(bytes);
}

function fixed64(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint(number * 8 + 1), bytes]);
}

const ids = [field(1, Buffer.alloc(16, 1)), field(2, Buffer.alloc(8, 2))];
const span = Buffer.concat([
  ...ids,
  field(5, 'work'),
  fixed64(7, 1_764_374_400_000_000_000n),
  fixed64(8, 1_764_374_400_002_000_000n),
]);
const attribute = (value: Buffer) => field(9, Buffer.concat([field(1, 'a'), field(2, value)]));

function exportOf(...fields: Buffer[]): Buffer {
  return field(1, field(2, field(2, Buffer.concat(fields))));
}

test('what is not known is passed over, wherever it stands and of whatever type', async () => {
  const strange = [
    Buffer.concat([varint(99 * 8), varint(5)]),
    fixed64(98, 1n),
    field(97, 'text'),
    Buffer.concat([varint(96 * 8 + 5), Buffer.alloc(4)]),
    Buffer.concat([varint(5 * 8), varint(1)]), // the name, as a number
  ];
  const resourceBehind = field(1, field(1, Buffer.concat([field(1, 'service.name'), field(2, field(1, 'orders'))])));
  const { spans, rejected } = await readExport(
    'protobuf',
    Buffer.concat([
      ...strange,
      field(1, Buffer.concat([...strange, field(2, field(2, Buffer.concat([span, ...strange]))), resourceBehind])),
    ]),
  );

  expect(rejected).toBe(0);
  expect(spans).toMatchObject([{ name: 'work', service: 'orders', duration: 2 }]);
});

test.each<[string, Buffer, string | number | boolean]>([
  ['the smallest of 64 bits', Buffer.from([0x18, ...Array(9).fill(0x80), 0x01]), '-9223372036854775808'],
  ['minus one', Buffer.from([0x18, ...Array(9).fill(0xff), 0x01]), -1],
  ['a number with more bytes than it needs', Buffer.from([0x18, 0x81, 0x80, 0x80, 0x00]), 1],
  ['bytes', field(7, Buffer.from([0, 1])), 'AAE='],
  ['a map', field(6, field(1, Buffer.concat([field(1, 'b'), field(2, Buffer.from([0x10, 1]))]))), '{"b":true}'],
  ['nothing', Buffer.alloc(0), ''],
])('a value that is %s is read', async (_what, value, expected) => {
  expect((await readExport('protobuf', exportOf(span, attribute(value)))).spans[0]?.attributes).toEqual([
    ['a', expected],
  ]);
});

test.each<[string, Buffer]>([
  ['a field that ends too early', exportOf(span).subarray(0, -1)],
  [
    'a message that is longer than the one around it',
    field(1, Buffer.concat([varint(18), varint(100), Buffer.alloc(5)])),
  ],
  ['a length of 2^63', Buffer.from([0x0a, ...Array(9).fill(0xff), 0x7f])],
  ['a number of eleven bytes', Buffer.from([0x08, ...Array(11).fill(0x80)])],
  ['a group', Buffer.from([0x0b, 0x0c])],
  ['a field of type 7', Buffer.from([0x0f])],
  ['a field without a number', Buffer.from([0x02, 0x00])],
  ['half a number', Buffer.from([0x08, 0x80])],
  ['values within values without end', exportOf(span, attribute(nested(10_000)))],
])('%s is refused', async (_what, bytes) => {
  await expect(readExport('protobuf', bytes)).rejects.toMatchObject({ code: 'invalid_request' });
});

/** A list in a list in a list … */
function nested(depth: number): Buffer {
  let value: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level++) value = field(5, field(1, value));
  return value;
}

test('values within values are refused in JSON, too', async () => {
  const value = `${'{"arrayValue":{"values":['.repeat(5_000)}${']}}'.repeat(5_000)}`;
  const text = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"a","value":${value}}]}]}]}]}`;

  await expect(readExport('json', Buffer.from(text))).rejects.toThrow(/nested deeper/);
});

test('millions of empty fields, which are a few bytes of gzip, are refused before much is made of them', async () => {
  const of = (tag: number) => Buffer.alloc(4_000_000, Buffer.from([tag, 0x00]));
  const attributes = of(0x4a);
  const unknown = of(0x78);

  for (const bytes of [of(0x0a), unknown, exportOf(attributes), exportOf(field(11, attributes)), exportOf(unknown)]) {
    await expect(readExport('protobuf', bytes)).rejects.toThrow(/more than 20000 fields/);
  }
  const { spans, rejected } = await readExport('protobuf', field(1, field(2, of(0x12))));
  expect({ spans: spans.length, rejected }).toEqual({ spans: 0, rejected: 2_000_000 });
});

test.each(['{},', '[],', '1,', '"a":1,'])(
  'JSON of very many parts (%s) is refused before it is parsed',
  async (part) => {
    const parts = part.repeat(200_001);
    const text = part.includes(':') ? `{${parts}"b":1}` : `{"resourceSpans":[${parts}{}]}`;

    await expect(readExport('json', Buffer.from(text))).rejects.toThrow(/more than 200000 parts/);
  },
);

test('of a text of many megabytes no more is read than anybody is shown', async () => {
  const { spans } = await readExport('protobuf', exportOf(...ids, span, field(5, Buffer.alloc(8_000_000, 'x'))));

  expect(spans[0]?.name).toHaveLength(256);
});

/** The same in every run. */
const runs = { seed: 4318, numRuns: 3_000 };
const valid: Readonly<Record<Encoding, Buffer>> = {
  json: Buffer.from(JsonTraceSerializer.serializeRequest(sdkSpans('orders', { a: 1, b: ['x'] })) ?? []),
  protobuf: Buffer.from(ProtobufTraceSerializer.serializeRequest(sdkSpans('orders', { a: 1, b: ['x'] })) ?? []),
};

test.each<Encoding>(['json', 'protobuf'])('whatever comes as %s is read or refused', async (encoding) => {
  const mutated = fc
    .array(fc.tuple(fc.nat(valid[encoding].length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 })
    .map((changes) => {
      const bytes = Buffer.from(valid[encoding]);
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  const cut = fc.nat(valid[encoding].length).map((end) => valid[encoding].subarray(0, end));
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, cut, random), async (bytes) => {
      const outcome = await outcomeOf(encoding, bytes);
      expect(outcome).toMatch(/^(?:read|invalid_request)$/);
    }),
    runs,
  );
  expect(await outcomeOf(encoding, valid[encoding])).toBe('read');
});

async function outcomeOf(encoding: Encoding, bytes: Buffer): Promise<string> {
  try {
    const { spans, rejected } = await readExport(encoding, bytes);
    return spans.length + rejected <= 20_000 ? 'read' : 'too much';
  } catch (error) {
    return error instanceof MeshError ? error.code : String(error);
  }
}
