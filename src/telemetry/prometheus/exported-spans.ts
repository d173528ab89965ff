import type { SpanCounts } from '../traces/span-counts.js';
import type { Family } from './exposition.js';

/** What became of the spans of the mesh. @param counts undefined where none are sent */
export function exportedSpanFamilies(counts: SpanCounts | undefined): Family[] {
  if (counts === undefined) return [];
  return [
    {
      name: 'mesh_spans_exported_total',
      type: 'counter',
      help: 'Spans that a collector has taken.',
      samples: [{ labels: {}, value: counts.exported }],
    },
    {
      name: 'mesh_spans_dropped_total',
      type: 'counter',
      help: 'Spans that no collector has taken, by why.',
      samples: Object.entries(counts.dropped).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ];
}
