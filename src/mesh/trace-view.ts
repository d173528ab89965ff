import { schemaVersion } from '../admin/schema-version.js';
import type { SpanView, TraceNodeView, TraceView } from '../admin/traces-wire.js';
import { MeshError } from '../foundation/errors.js';
import type { RecordBook } from '../telemetry/records/record-book.js';
import type { SpanStore } from '../telemetry/traces/span-store.js';
import type { TraceNode } from '../telemetry/traces/trace-tree.js';
import { traceTree } from '../telemetry/traces/trace-tree.js';
import { viewExchange } from './exchanges-view.js';

/** The newest exchanges of a trace. A load generator may send the same `traceparent` with all that it asks. */
const exchangesPerTrace = 1_000;

/** @throws unknown_trace */
export function viewTrace(traceId: string, records: RecordBook, store: SpanStore): TraceView {
  const named = records.named(traceId).filter((record) => record.traceId === traceId); // a request may be called as the trace is
  const exchanges = named.slice(-exchangesPerTrace);
  const { spans, lost } = store.of(traceId);
  if (exchanges.length === 0 && spans.length === 0) {
    throw new MeshError('unknown_trace', `Nothing of the trace \`${traceId}\` is remembered`);
  }
  const tree = traceTree(exchanges, spans);
  const begin = Math.min(...tree.map(({ at }) => at));
  const end = Math.max(...tree.map(({ at, duration }) => at + duration));
  return {
    schemaVersion,
    traceId,
    at: round(begin),
    duration: round(end - begin),
    exchanges: exchanges.map(viewExchange),
    spans: tree.flatMap(viewSpan),
    lostSpans: lost,
    tree: tree.map((node) => viewNode(node, begin)),
  };
}

function viewSpan(node: TraceNode): SpanView[] {
  if (node.kind !== 'span') return [];
  const {
    spanId,
    parentSpanId = null,
    name,
    kind,
    at,
    duration,
    status,
    statusMessage,
    attributes,
    events,
    dropped,
  } = node.span;
  return [
    {
      spanId,
      parentSpanId,
      service: node.service ?? null,
      name,
      kind,
      at,
      duration,
      status,
      statusMessage,
      attributes: Object.fromEntries(attributes),
      events: events.map((event) => ({ ...event, attributes: Object.fromEntries(event.attributes) })),
      dropped,
    },
  ];
}

function viewNode(node: TraceNode, begin: number): TraceNodeView {
  const place = { depth: node.depth, begun: round(node.at - begin), duration: round(node.duration) };
  switch (node.kind) {
    case 'exchange':
      return { kind: node.kind, ...place, exchange: node.record.sequence };
    case 'attempt': {
      const { record, attempt } = node;
      const { spanId = null } = attempt;
      return {
        kind: node.kind,
        ...place,
        exchange: record.sequence,
        attempt: record.attempts.indexOf(attempt),
        spanId,
      };
    }
    case 'span':
      return { kind: node.kind, ...place, spanId: node.span.spanId };
  }
}

/** To the microsecond: clocks know no more. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
