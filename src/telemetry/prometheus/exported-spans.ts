import type { SpanCounts } from '../traces/span-counts.js';
import type { TracesCounts } from '../traces/traces.js';
import type { Family } from './exposition.js';

/** What became of the spans that were to be sent. @param counts undefined where none are sent */
export function exportedSpanFamilies(counts: TracesCounts | undefined): Family[] {
  if (counts === undefined) return [];
  const { own, relayed } = counts;
  return [
    exported('mesh_spans_exported_total', 'Spans that a collector has taken.', own),
    dropped('mesh_spans_dropped_total', 'Spans that no collector has taken, by why.', own),
    exported('mesh_service_spans_relayed_total', 'Spans of services that a collector has taken.', relayed),
    dropped(
      'mesh_service_spans_relay_dropped_total',
      'Spans of services that were to be relayed and that no collector has taken, by why.',
      relayed,
    ),
  ];
}

function exported(name: string, help: string, counts: SpanCounts): Family {
  return { name, type: 'counter', help, samples: [{ labels: {}, value: counts.exported }] };
}

function dropped(name: string, help: string, counts: SpanCounts): Family {
  const samples = Object.entries(counts.dropped).map(([reason, value]) => ({ labels: { reason }, value }));
  return { name, type: 'counter', help, samples };
}
