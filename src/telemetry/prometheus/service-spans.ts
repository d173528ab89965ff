import type { ServiceSpanCounts } from '../traces/span-store.js';
import type { Family } from './exposition.js';

/** How many spans the services have sent, and how many are kept no longer. */
export function serviceSpanFamilies({ received, ofFullTraces, ofOldTraces }: ServiceSpanCounts): Family[] {
  return [
    {
      name: 'mesh_service_spans_received_total',
      type: 'counter',
      help: 'Spans that services have sent.',
      samples: [{ labels: {}, value: received }],
    },
    {
      name: 'mesh_service_spans_dropped_total',
      type: 'counter',
      help: 'Of them, those that are kept no longer: their trace has too many, or has made room for newer ones.',
      samples: [
        { labels: { reason: 'trace_full' }, value: ofFullTraces },
        { labels: { reason: 'store_full' }, value: ofOldTraces },
      ],
    },
  ];
}
