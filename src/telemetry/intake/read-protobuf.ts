import { readAttribute, readAttributes } from './protobuf-attributes.js';
import type { RawAttribute, RawEvent, RawSpan, RawStatus } from './raw-span.js';
import { serviceNameIn } from './raw-span.js';
import { FieldCount, tagOf, WireReader, wireType } from './wire-reader.js';

const { varint, fixed64, lengthDelimited } = wireType;

/**
 * The spans of an `ExportTraceServiceRequest` (opentelemetry/proto/trace/v1/trace.proto). Of a field that is there several
 * times the last one counts, and one that is not known, or is of another type, is passed over: that is how protobuf grows.
 *
 * By hand: what there is for protobuf either knows no bounds, or wants all messages generated, and would still have to be
 * brought into this shape.
 * @throws invalid_request
 */
export function* readProtobuf(bytes: Buffer): Generator<RawSpan> {
  const count = new FieldCount();
  const request = new WireReader(bytes, count);
  for (let tag = request.next(); tag !== 0; tag = request.next()) {
    if (tag === resourceSpansTag) {
      for (const span of readResourceSpans(request.message())) {
        count.endSpan();
        yield span;
      }
    } else request.skip(tag);
  }
}

const resourceSpansTag = tagOf(1, lengthDelimited);

/** Twice over: the resource may stand behind its spans. */
function* readResourceSpans(message: WireReader): Generator<RawSpan> {
  const service = serviceNameIn(readResource(message.fork()));
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === scopeSpansTag) yield* readScopeSpans(message.message(), service);
    else message.skip(tag);
  }
}

const resourceTag = tagOf(1, lengthDelimited);
const scopeSpansTag = tagOf(2, lengthDelimited);

function readResource(message: WireReader): RawAttribute[] {
  let attributes: RawAttribute[] = [];
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === resourceTag) attributes = readAttributes(message.message());
    else message.skip(tag);
  }
  return attributes;
}

function* readScopeSpans(message: WireReader, service: string): Generator<RawSpan> {
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === spanTag) yield readSpan(message.message(), service);
    else message.skip(tag);
  }
}

const spanTag = tagOf(2, lengthDelimited);

function readSpan(message: WireReader, service: string): RawSpan {
  const span = new SpanDraft(service);
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    switch (tag) {
      case spanTags.traceId:
        span.traceId = message.hex();
        break;
      case spanTags.spanId:
        span.spanId = message.hex();
        break;
      case spanTags.parentSpanId:
        span.parentSpanId = message.hex();
        break;
      case spanTags.name:
        span.name = message.text();
        break;
      case spanTags.kind:
        span.kind = Number(message.varint());
        break;
      case spanTags.start:
        span.start = message.fixed64();
        break;
      case spanTags.end:
        span.end = message.fixed64();
        break;
      case spanTags.attribute:
        span.attributes.push(readAttribute(message.message()));
        break;
      case spanTags.event:
        span.events.push(readEvent(message.message()));
        break;
      case spanTags.droppedAttributes:
      case spanTags.droppedEvents:
        span.dropped += Number(message.varint());
        break;
      case spanTags.status:
        span.status = readStatus(message.message());
        break;
      default:
        message.skip(tag);
    }
  }
  return span;
}

/** Fields in one shape from the beginning: to put them together at the end took ten times as long. */
class SpanDraft implements RawSpan {
  traceId = '';
  spanId = '';
  parentSpanId = '';
  name = '';
  kind = 0;
  start = 0;
  end = 0;
  dropped = 0;
  status: RawStatus = { code: 0, message: '' };
  readonly attributes: RawAttribute[] = [];
  readonly events: RawEvent[] = [];
  readonly service: string;

  constructor(service: string) {
    this.service = service;
  }
}

const spanTags = {
  traceId: tagOf(1, lengthDelimited),
  spanId: tagOf(2, lengthDelimited),
  parentSpanId: tagOf(4, lengthDelimited),
  name: tagOf(5, lengthDelimited),
  kind: tagOf(6, varint),
  start: tagOf(7, fixed64),
  end: tagOf(8, fixed64),
  attribute: tagOf(9, lengthDelimited),
  droppedAttributes: tagOf(10, varint),
  event: tagOf(11, lengthDelimited),
  droppedEvents: tagOf(12, varint),
  status: tagOf(15, lengthDelimited),
} as const;

function readEvent(message: WireReader): RawEvent {
  const event = { time: 0, name: '' };
  const attributes: RawAttribute[] = [];
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === eventTags.time) event.time = message.fixed64();
    else if (tag === eventTags.name) event.name = message.text();
    else if (tag === eventTags.attribute) attributes.push(readAttribute(message.message()));
    else message.skip(tag);
  }
  return { ...event, attributes };
}

const eventTags = {
  time: tagOf(1, fixed64),
  name: tagOf(2, lengthDelimited),
  attribute: tagOf(3, lengthDelimited),
} as const;

function readStatus(message: WireReader): RawStatus {
  const status = { code: 0, message: '' };
  for (let tag = message.next(); tag !== 0; tag = message.next()) {
    if (tag === statusTags.message) status.message = message.text();
    else if (tag === statusTags.code) status.code = Number(message.varint());
    else message.skip(tag);
  }
  return status;
}

const statusTags = { message: tagOf(2, lengthDelimited), code: tagOf(3, varint) } as const;
