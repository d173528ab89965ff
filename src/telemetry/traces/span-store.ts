import type { ServiceSpan } from './service-span.js';

/** Spans that are kept in all. */
const keptSpans = 20_000;
/** Bytes that they may take up. */
const keptBytes = 16 * 1_024 * 1_024;
/** Spans of one trace: more are a loop, and nobody reads them. */
const spansPerTrace = 1_000;
/** Bytes that a trace takes up beside its spans: its entry, its id, its list. */
const traceBytes = 320;

/** What is kept of a trace. */
export interface KeptSpans {
  readonly spans: readonly ServiceSpan[];
  /** Those that were too many. */
  readonly lost: number;
}

export interface ServiceSpanCounts {
  readonly received: number;
  /** Lost, because their traces had as many as one may have. */
  readonly ofFullTraces: number;
  /** Lost with their traces, for newer ones. */
  readonly ofOldTraces: number;
}

/**
 * The services' own spans, by their traces. Where there are too many, the traces go first to which nothing was added for
 * longest.
 *
 * They are kept as JSON, one text for what came of a trace at once: it is known to the byte what a text takes up, and the
 * garbage collector has 30 objects fewer to look at for each span.
 */
export class SpanStore {
  /** The one that was added to last is last. */
  readonly #traces = new Map<string, KeptTrace>();
  #spans = 0;
  #bytes = 0;
  #received = 0;
  #ofFullTraces = 0;
  #ofOldTraces = 0;

  keep(spans: readonly ServiceSpan[]): void {
    this.#received += spans.length;
    for (const [traceId, ofTrace] of byTrace(spans)) this.#add(traceId, ofTrace);
    for (const [traceId, trace] of this.#traces) {
      if (this.#spans <= keptSpans && this.#bytes <= keptBytes) break;
      this.#remove(traceId, trace);
      this.#ofOldTraces += trace.spans;
    }
  }

  /** Of one that came twice, for an exporter that was not sure, the last. */
  of(traceId: string): KeptSpans {
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return { spans: [], lost: 0 };
    const spans = trace.texts.flatMap((text): ServiceSpan[] => JSON.parse(text));
    return { spans: [...new Map(spans.map((span) => [span.spanId, span])).values()], lost: trace.lost };
  }

  /** Since the mesh has started. */
  get counts(): ServiceSpanCounts {
    return { received: this.#received, ofFullTraces: this.#ofFullTraces, ofOldTraces: this.#ofOldTraces };
  }

  #add(traceId: string, spans: readonly ServiceSpan[]): void {
    const trace = this.#traces.get(traceId) ?? { texts: [], spans: 0, bytes: traceBytes, lost: 0 };
    this.#remove(traceId, trace);
    const kept = spans.slice(0, spansPerTrace - trace.spans);
    if (kept.length > 0) {
      const text = JSON.stringify(kept);
      trace.texts.push(text);
      trace.bytes += bytesOf(text);
      trace.spans += kept.length;
    }
    trace.lost += spans.length - kept.length;
    this.#ofFullTraces += spans.length - kept.length;
    this.#traces.set(traceId, trace);
    this.#spans += trace.spans;
    this.#bytes += trace.bytes;
  }

  #remove(traceId: string, trace: KeptTrace): void {
    if (!this.#traces.delete(traceId)) return;
    this.#spans -= trace.spans;
    this.#bytes -= trace.bytes;
  }
}

interface KeptTrace {
  readonly texts: string[];
  spans: number;
  bytes: number;
  lost: number;
}

function byTrace(spans: readonly ServiceSpan[]): Map<string, ServiceSpan[]> {
  const traces = new Map<string, ServiceSpan[]>();
  for (const span of spans) {
    const ofTrace = traces.get(span.traceId);
    if (ofTrace === undefined) traces.set(span.traceId, [span]);
    else ofTrace.push(span);
  }
  return traces;
}

/** What V8 keeps a text in: two bytes for each character as soon as one is not of Latin-1. */
function bytesOf(text: string): number {
  return text.length * (/[\u0100-\uffff]/.test(text) ? 2 : 1);
}
