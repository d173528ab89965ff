/** A span as a collector reads it off the wire (opentelemetry/proto/trace/v1/trace.proto). */
export interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where the trace begins with it. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'OTHER';
  /** Nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly at: bigint; readonly attributes: Attributes }[];
  readonly status: { readonly code: 'UNSET' | 'OK' | 'ERROR'; readonly message: string };
  readonly flags: number;
  readonly resource: Attributes;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** The bytes of an ExportTraceServiceRequest. */
export function decodeSpans(bytes: Buffer): WireSpan[] {
  return messages(bytes, 1).flatMap((resourceSpans) => {
    const [resource = nothing] = messages(resourceSpans, 1);
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => decodeSpan(span, attributesOf(resource, 1)));
  });
}

const nothing = Buffer.alloc(0);

function decodeSpan(span: Buffer, resource: Attributes): WireSpan {
  const [status = nothing] = messages(span, 15);
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    traceState: text(span, 3),
    name: text(span, 5),
    kind: ({ 1: 'INTERNAL', 2: 'SERVER', 3: 'CLIENT' } as const)[number(span, 6)] ?? 'OTHER',
    start: big(span, 7),
    end: big(span, 8),
    attributes: attributesOf(span, 9),
    events: messages(span, 11).map((event) => ({
      at: big(event, 1),
      name: text(event, 2),
      attributes: attributesOf(event, 3),
    })),
    status: { code: (['UNSET', 'OK', 'ERROR'] as const)[number(status, 3)] ?? 'UNSET', message: text(status, 2) },
    flags: number(span, 16),
    resource,
  };
}

function attributesOf(message: Buffer, field: number): Attributes {
  const pairs = messages(message, field).map((pair) => [
    text(pair, 1),
    attributeValue(messages(pair, 2)[0] ?? nothing),
  ]);
  return Object.fromEntries(pairs);
}

function attributeValue(value: Buffer): string | number | boolean {
  const [first] = fieldsOf(value);
  switch (first?.number) {
    case 2:
      return first.value !== 0n;
    case 3:
      return Number(first.value);
    case 4:
      return first.bytes.readDoubleLE();
    default:
      return first?.bytes.toString() ?? '';
  }
}

interface WireField {
  readonly number: number;
  /** Of a number. */
  readonly value: bigint;
  /** Of anything else. */
  readonly bytes: Buffer;
}

function* fieldsOf(message: Buffer): Generator<WireField> {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    const value = kind === 0 || kind === 2 ? varint() : 0n;
    const size = kind === 2 ? Number(value) : ({ 0: 0, 1: 8, 5: 4 }[kind] ?? Number.NaN);
    if (!(at + size <= message.length)) throw new Error(`no protobuf: field ${tag >> 3} of kind ${kind}`);
    at += size;
    yield { number: tag >> 3, value, bytes: message.subarray(at - size, at) };
  }
}

function messages(message: Buffer, field: number): Buffer[] {
  return Array.from(fieldsOf(message))
    .filter(({ number }) => number === field)
    .map(({ bytes }) => bytes);
}

function text(message: Buffer, field: number): string {
  return messages(message, field)[0]?.toString() ?? '';
}

function hex(message: Buffer, field: number): string {
  return messages(message, field)[0]?.toString('hex') ?? '';
}

function number(message: Buffer, field: number): number {
  const found = Array.from(fieldsOf(message)).find((each) => each.number === field);
  return found?.bytes.length === 4 ? found.bytes.readUInt32LE() : Number(found?.value ?? 0);
}

function big(message: Buffer, field: number): bigint {
  return messages(message, field)[0]?.readBigUInt64LE() ?? 0n;
}
