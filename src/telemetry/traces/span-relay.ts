import type { IOtlpExportDelegate } from '@opentelemetry/otlp-exporter-base';
import type { ServiceSpan } from './service-span.js';
import type { SpanCounts } from './span-counts.js';
import type { WatchedExporter } from './watched-exporter.js';

/** Bytes of exports that are under way at most. */
const relayedBytes = 8 * 1_024 * 1_024;
/** Bytes for which each of them counts beside its body: it has a connection of its own. At most 128 are under way so. */
const exportBytes = 64 * 1_024;
/** Spans that are known to be relayed already: those of the last minutes, in 2 MB. */
const knownSpans = 10_000;

/** An export of a service, as it came. */
export interface SentSpans {
  /** As `Content-Type` says it. */
  readonly type: string;
  readonly isGzip: boolean;
  readonly bytes: Buffer;
  /** What was read in it. */
  readonly spans: readonly ServiceSpan[];
}

/** Sends the bodies of exports to the collector. */
export type RelayDelegate = Pick<IOtlpExportDelegate<Buffer>, 'export' | 'shutdown'>;

/**
 * Brings what services tell the mesh to where the mesh's own spans go: a trace would have holes there. Each body goes on as
 * it came, at once, and nobody waits for it.
 */
export class SpanRelay {
  readonly #delegateFor: (fields: Readonly<Record<string, string>>) => RelayDelegate;
  readonly #exporter: WatchedExporter;
  readonly #counts: SpanCounts;
  /** By how the bodies are written and packed. */
  readonly #delegates = new Map<string, RelayDelegate>();
  readonly #known = new KnownSpans();
  #bytes = 0;

  /** @param delegateFor makes one that sends these fields with each body */
  constructor(
    delegateFor: (fields: Readonly<Record<string, string>>) => RelayDelegate,
    exporter: WatchedExporter,
    counts: SpanCounts,
  ) {
    this.#delegateFor = delegateFor;
    this.#exporter = exporter;
    this.#counts = counts;
  }

  /** A collector may send on what it gets, and to the mesh, too: what comes back goes in no circle. */
  relay(sent: SentSpans): void {
    const { spans, bytes } = sent;
    if (spans.length === 0 || this.#known.hasAny(spans)) return;
    this.#known.add(spans);
    const size = bytes.length + exportBytes;
    if (this.#bytes + size > relayedBytes) return void this.#counts.drop('queue_full', spans.length);
    this.#bytes += size;
    this.#exporter.relay(
      spans.length,
      (ended) => this.#delegate(sent).export(bytes, ended),
      () => {
        this.#bytes -= size;
      },
    );
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    await Promise.all([...this.#delegates.values()].map((delegate) => delegate.shutdown()));
  }

  #delegate({ type, isGzip }: SentSpans): RelayDelegate {
    const key = `${type} ${isGzip}`;
    const delegate = this.#delegates.get(key) ?? this.#delegateFor(fieldsOf(type, isGzip));
    this.#delegates.set(key, delegate);
    return delegate;
  }
}

function fieldsOf(type: string, isGzip: boolean): Record<string, string> {
  return { 'Content-Type': type, ...(isGzip ? { 'Content-Encoding': 'gzip' } : {}) };
}

/** The newest ids, in two halves: the older one is forgotten as a whole. */
class KnownSpans {
  #newer = new Set<string>();
  #older = new Set<string>();

  hasAny(spans: readonly ServiceSpan[]): boolean {
    return spans.map(idOf).some((id) => this.#newer.has(id) || this.#older.has(id));
  }

  add(spans: readonly ServiceSpan[]): void {
    for (const span of spans) this.#newer.add(idOf(span));
    if (this.#newer.size < knownSpans) return;
    this.#older = this.#newer;
    this.#newer = new Set();
  }
}

function idOf({ traceId, spanId }: ServiceSpan): string {
  return traceId + spanId;
}
