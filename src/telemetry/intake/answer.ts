import type { Encoding } from './intake.js';
import { tagOf, wireType } from './wire-reader.js';

/** What is answered to an export: texts of JSON, or bytes of protobuf. */

export function mediaTypeOf(encoding: Encoding): string {
  return encoding === 'json' ? 'application/json' : 'application/x-protobuf';
}

/** `ExportTraceServiceResponse`: empty where all is well, else with its `partial_success`. */
export function acceptance(encoding: Encoding, rejected: number, reason: string): Buffer {
  if (rejected === 0) return encoding === 'json' ? Buffer.from('{}') : Buffer.alloc(0);
  if (encoding === 'json') {
    return Buffer.from(JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } }));
  }
  return field(1, Buffer.concat([number(1, rejected), field(2, Buffer.from(reason))]));
}

/** `google.rpc.Status`. @param code of gRPC */
export function refusal(encoding: Encoding, code: number, message: string): Buffer {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  return Buffer.concat([number(1, code), field(2, Buffer.from(message))]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(tagOf(field, wireType.varint)), ...varint(value)]);
}

function field(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([...varint(tagOf(field, wireType.lengthDelimited)), ...varint(bytes.length)]),
    bytes,
  ]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
