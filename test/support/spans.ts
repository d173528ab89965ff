import type { Attributes } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ServiceSpan } from '../../src/telemetry/traces/service-span.js';

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
/** That of an attempt of the mesh, as `traceparent` tells it. */
export const attemptSpanId = '00f067aa0ba902b7';
/** Milliseconds since 1970. */
export const begin = 1_764_374_400_000;

/** Two spans by the official SDK: one that serves the attempt, and one within it that fails. */
export function sdkSpans(service: string | null = 'orders', attributes: Attributes = {}): ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    ...(service !== null && { resource: resourceFromAttributes({ 'service.name': service }) }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('test');
  const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: attemptSpanId, traceFlags: 1, isRemote: true });
  const serve = tracer.startSpan('GET /x', { kind: SpanKind.SERVER, startTime: begin, attributes }, parent);
  const query = tracer.startSpan(
    'SELECT',
    { kind: SpanKind.CLIENT, startTime: begin + 5 },
    trace.setSpan(parent, serve),
  );
  query.addEvent('exception', { 'exception.message': 'no table' }, begin + 7.5);
  query.setStatus({ code: SpanStatusCode.ERROR, message: 'no table' });
  query.end(begin + 8);
  serve.end(begin + 20);
  return exporter.getFinishedSpans();
}

export function spanOf(spanId: string, changes: Partial<ServiceSpan> = {}): ServiceSpan {
  return {
    traceId,
    spanId: spanId.padStart(16, '0'),
    name: spanId,
    kind: 'internal',
    at: begin,
    duration: 1,
    status: 'unset',
    statusMessage: '',
    attributes: [],
    events: [],
    dropped: 0,
    ...changes,
  };
}
