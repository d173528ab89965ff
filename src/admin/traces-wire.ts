import { z } from '@hono/zod-openapi';
import { spanKinds, spanStatuses } from '../telemetry/traces/service-span.js';
import { exchangeView } from './exchanges-wire.js';
import { schemaVersion } from './schema-version.js';

/** Whole traces, as data. */

const attributesView = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .describe('Lists and maps are JSON, in a text.');

export const spanView = z
  .object({
    spanId: z.string().describe('16 hexadecimal digits.'),
    parentSpanId: z.string().nullable(),
    service: z.string().nullable().describe('`service.name`, or else the service that the mesh has asked.'),
    name: z.string(),
    kind: z.enum(spanKinds),
    at: z.number().describe('Milliseconds since 1970, when it began, by the clock of the service.'),
    duration: z.number().describe('Milliseconds.'),
    status: z.enum(spanStatuses),
    statusMessage: z.string().describe('Why it has failed; may be empty.'),
    attributes: attributesView,
    events: z.array(
      z.object({ name: z.string(), at: z.number().describe('Milliseconds since 1970.'), attributes: attributesView }),
    ),
    dropped: z.number().int().describe('Attributes and events that were left out, by the service or the mesh.'),
  })
  .openapi('Span');

const place = {
  depth: z.number().int().describe('0 for one that nobody has caused, as far as is known.'),
  begun: z.number().describe('Milliseconds behind the beginning of the trace, by the clock of the mesh.'),
  duration: z.number().describe('Milliseconds.'),
};

export const traceNodeView = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('exchange'), ...place, exchange: z.number().int().describe('Its sequence.') }),
    z.object({
      kind: z.literal('attempt'),
      ...place,
      exchange: z.number().int().describe('The sequence of its exchange.'),
      attempt: z.number().int().describe('Which of its attempts, from 0.'),
      spanId: z.string().nullable().describe('What the service was told in `traceparent`.'),
    }),
    z.object({ kind: z.literal('span'), ...place, spanId: z.string() }),
  ])
  .openapi('TraceNode');

export const traceView = z
  .object({
    schemaVersion: z.literal(schemaVersion),
    traceId: z.string().describe('32 hexadecimal digits (W3C Trace Context).'),
    at: z.number().describe('Milliseconds since 1970, when the first of it began.'),
    duration: z.number().describe('Milliseconds, until the last of it ended.'),
    exchanges: z.array(exchangeView).describe('What the mesh has carried of it, in the order in which it ended.'),
    spans: z.array(spanView).describe('What the services have told of it.'),
    lostSpans: z.number().int().describe('Spans that were not kept: a trace may have 1,000.'),
    tree: z
      .array(traceNodeView)
      .describe('Both, as one tree: each before what it has caused, siblings as they began. A picture, line by line.'),
  })
  .openapi('Trace');

export type SpanView = z.infer<typeof spanView>;
export type TraceNodeView = z.infer<typeof traceNodeView>;
export type TraceView = z.infer<typeof traceView>;
