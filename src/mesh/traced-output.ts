import type { OutputStart } from '../admin/control.js';
import type { OutputWish } from '../supervisor/output.js';
import type { RecordBook } from '../telemetry/records/record-book.js';
import { naming, traceInLine } from '../telemetry/traces/trace-in-line.js';

/** What is looked for in the lines of the output, and looked up for them; nothing, where nobody asks for it. */
export function tracedOutput(
  records: RecordBook,
  { trace, traceIds = false }: Pick<OutputStart, 'trace' | 'traceIds'>,
): Pick<OutputWish, 'shows' | 'traceOf'> {
  return {
    ...(trace !== undefined && { shows: naming(idsOf(records, trace)) }),
    ...(traceIds && { traceOf: (text: string) => traceInLine(text, (id) => records.knows(id)) }),
  };
}

/** All by which lines may name it: the exchange, its trace, and the other exchanges of that. One that is not remembered has its own id alone. */
function idsOf(records: RecordBook, id: string): string[] {
  const traces = records.named(id).flatMap(({ traceId }) => (traceId === '' ? [] : [traceId]));
  const exchanges = [...new Set(traces)].flatMap((traceId) => records.named(traceId));
  return [...new Set([id, ...traces, ...exchanges.map((exchange) => exchange.id)])].filter((each) => each !== '');
}
