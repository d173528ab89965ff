import type { Attributes, Link, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace-base';
import type { HrTime } from './wall-time.js';

/** Of OpenTelemetry's packages only types are imported here: their code is loaded where spans are sent, and nowhere else. */

/** Where a span comes from. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly scope: ReadableSpan['instrumentationScope'];
}

/** What is different in each span. */
export interface SpanParts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: TimedEvent[];
}

/** A span that is over, as OpenTelemetry's processors and exporters read it. */
export class FinishedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly events: TimedEvent[];
  readonly resource: Resource;
  readonly instrumentationScope: ReadableSpan['instrumentationScope'];
  readonly links: Link[] = noLinks;
  readonly ended = true;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;

  constructor(parts: SpanParts, { resource, scope }: SpanOrigin) {
    this.name = parts.name;
    this.kind = parts.kind;
    this.parentSpanContext = parts.parent;
    this.startTime = parts.startTime;
    this.endTime = parts.endTime;
    this.duration = parts.duration;
    this.status = parts.status;
    this.attributes = parts.attributes;
    this.events = parts.events;
    this.resource = resource;
    this.instrumentationScope = scope;
    this.#context = parts.context;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}

const noLinks: Link[] = [];
