import { setImmediate as turn } from 'node:timers/promises';
import type { ServiceSpan } from '../traces/service-span.js';
import type { SpanCheck } from './check-span.js';
import { checkSpan } from './check-span.js';
import { readJson } from './read-json.js';
import { readProtobuf } from './read-protobuf.js';

/** How an export is written, and its answer with it. */
export type Encoding = 'json' | 'protobuf';

/** Spans of one export: an SDK sends 512 at once unless told otherwise, a collector 8,192. */
const exportSpans = 20_000;

/** What a service has sent. */
export interface Export {
  readonly spans: readonly ServiceSpan[];
  readonly rejected: number;
  /** Why those were rejected, in a sentence; empty where none was. */
  readonly reason: string;
}

/** Spans that are read before others have a turn, in less than a millisecond: the gateway's requests wait meanwhile. */
export const spansAtOnce = 16;

/** Reads an `ExportTraceServiceRequest`. One bad span spoils no other. @throws invalid_request for what is none at all */
export async function readExport(encoding: Encoding, bytes: Buffer): Promise<Export> {
  const spans: ServiceSpan[] = [];
  const reasons = new Set<string>();
  let read = 0;
  for (const raw of encoding === 'json' ? readJson(bytes) : readProtobuf(bytes)) {
    const check = ++read > exportSpans ? tooMany : checkSpan(raw);
    if (check.kind === 'span') spans.push(check.span);
    else reasons.add(check.reason);
    if (read % spansAtOnce === 0) await turn();
  }
  return { spans, rejected: read - spans.length, reason: [...reasons].join('; ') };
}

const tooMany: SpanCheck = { kind: 'refused', reason: `an export may have ${exportSpans} spans` };
