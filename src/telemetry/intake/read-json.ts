import { MeshError, messageOf } from '../../foundation/errors.js';
import type { RawAttribute, RawEvent, RawSpan, RawValue } from './raw-span.js';
import { mapOf, refuseDeep, serviceNameIn } from './raw-span.js';

/**
 * The same in the JSON of OTLP, which is that of protobuf but for a few things (opentelemetry.io/docs/specs/otlp, "JSON
 * Protobuf Encoding"): ids are hexadecimal and not base64, enums are numbers, what is not known is passed over. Integers of
 * 64 bits are strings, as a rule; `null` is as good as nothing.
 * @throws invalid_request
 */
export function* readJson(bytes: Buffer): Generator<RawSpan> {
  refuseManyParts(bytes);
  const request = parse(bytes.toString('utf8'));
  if (!isObject(request)) throw malformed('it is no object');
  for (const resourceSpans of objectsIn(request, 'resourceSpans')) yield* readResourceSpans(resourceSpans);
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Commas, and braces and brackets that open. An SDK writes one in twelve bytes; two million of them are seven seconds in
 * which the gateway answers nobody, for JSON is parsed in one piece.
 */
const mostParts = 200_000;
const mark = { comma: 0x2c, brace: 0x7b, bracket: 0x5b } as const;

function refuseManyParts(bytes: Buffer): void {
  let parts = 0;
  for (const byte of bytes) if (byte === mark.comma || byte === mark.brace || byte === mark.bracket) parts++;
  if (parts > mostParts) throw new MeshError('invalid_request', `The export has more than ${mostParts} parts`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(messageOf(error));
  }
}

function* readResourceSpans(resourceSpans: JsonObject): Generator<RawSpan> {
  const service = serviceNameIn(readAttributes(objectIn(resourceSpans, 'resource')));
  for (const scope of objectsIn(resourceSpans, 'scopeSpans')) {
    for (const span of objectsIn(scope, 'spans')) yield readSpan(span, service);
  }
}

function readSpan(span: JsonObject, service: string): RawSpan {
  const status = objectIn(span, 'status');
  return {
    traceId: textIn(span, 'traceId').toLowerCase(),
    spanId: textIn(span, 'spanId').toLowerCase(),
    parentSpanId: textIn(span, 'parentSpanId').toLowerCase(),
    name: textIn(span, 'name'),
    kind: numberIn(span, 'kind'),
    start: numberIn(span, 'startTimeUnixNano'),
    end: numberIn(span, 'endTimeUnixNano'),
    attributes: readAttributes(span),
    events: objectsIn(span, 'events').map(readEvent),
    status: { code: numberIn(status, 'code'), message: textIn(status, 'message') },
    dropped: numberIn(span, 'droppedAttributesCount') + numberIn(span, 'droppedEventsCount'),
    service,
  };
}

function readEvent(event: JsonObject): RawEvent {
  return {
    time: numberIn(event, 'timeUnixNano'),
    name: textIn(event, 'name'),
    attributes: readAttributes(event),
  };
}

function readAttributes(holder: JsonObject, depth = 0, name = 'attributes'): RawAttribute[] {
  return objectsIn(holder, name).map((attribute) => ({
    key: textIn(attribute, 'key'),
    value: readValue(objectIn(attribute, 'value'), depth),
  }));
}

/** An object with one key, which says of what type the value is. */
function readValue(value: JsonObject, depth: number): RawValue {
  refuseDeep(depth);
  const [type] = Object.keys(value).filter((key) => value[key] !== null);
  switch (type) {
    case 'stringValue':
    case 'bytesValue':
      return textIn(value, type);
    case 'boolValue':
      return value[type] === true;
    case 'intValue':
      return integerOf(numberIn(value, type), value[type]);
    case 'doubleValue':
      return numberIn(value, type);
    case 'arrayValue':
      return objectsIn(objectIn(value, type), 'values').map((listed) => readValue(listed, depth + 1));
    case 'kvlistValue':
      return mapOf(readAttributes(objectIn(value, type), depth + 1, 'values'));
    default:
      return null;
  }
}

/** One that a double cannot hold stays the text that it is. */
function integerOf(number: number, written: unknown): number | string {
  return Number.isSafeInteger(number) ? number : String(written);
}

function objectsIn(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) throw malformed(`\`${key}\` is no list of objects`);
  return value;
}

function objectIn(object: JsonObject, key: string): JsonObject {
  const value = object[key] ?? {};
  if (!isObject(value)) throw malformed(`\`${key}\` is no object`);
  return value;
}

function textIn(object: JsonObject, key: string): string {
  const value = object[key] ?? '';
  if (typeof value !== 'string') throw malformed(`\`${key}\` is no text`);
  return value;
}

/** Numbers may be written as text; those of protobuf's JSON are `NaN` and `Infinity`, too. */
function numberIn(object: JsonObject, key: string): number {
  const value = object[key] ?? 0;
  const isNumber = typeof value === 'number' || (typeof value === 'string' && numberForm.test(value));
  if (!isNumber) throw malformed(`\`${key}\` is no number`);
  return Number(value);
}

const numberForm = /^(?:-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|-?Infinity)$/i;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string): MeshError {
  return new MeshError('invalid_request', `The body is no JSON of OTLP: ${what}`);
}
