import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { errnoOf } from '../../foundation/errors.js';
import { printable, shorten } from '../../foundation/text.js';
import type { DropReason, SpanCounts } from './span-counts.js';

type Done = Parameters<SpanExporter['export']>[1];

/** Of the API's `ExportResultCode`. */
const success = 0;
const failure = 1;

export interface WatchRooms {
  readonly counts: SpanCounts;
  /** Where the spans go. */
  readonly url: string;
  /** Told of a batch that has left the queue. */
  readonly onTaken: (count: number) => void;
  /** Told once when the collector takes no spans, and once when it does again. */
  readonly warn: (message: string) => void;
}

/**
 * Counts what an exporter brings to its collector and what is lost. While the collector takes nothing, one batch at a time
 * is tried and the others are dropped as they come: it costs neither memory nor time that grow with the traffic.
 */
export class WatchedExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #rooms: WatchRooms;
  readonly #underWay = new Set<Batch>();
  /** Spans that had been dropped when it began to take nothing; undefined while it takes them. */
  #lostBefore: number | undefined;

  constructor(exporter: SpanExporter, rooms: WatchRooms) {
    this.#exporter = exporter;
    this.#rooms = rooms;
  }

  export(spans: ReadableSpan[], done: Done): void {
    const batch = { size: spans.length, done };
    this.#rooms.onTaken(batch.size);
    if (this.isFailing && this.#underWay.size > 0) return void this.#lose(batch, 'export_failed');
    this.#underWay.add(batch);
    this.#exporter.export(spans, (result) => {
      if (!this.#underWay.delete(batch)) return; // it was given up
      if (result.code !== success) return void this.#failed(batch, result.error);
      this.#succeeded(batch);
      done(result);
    });
  }

  /** The collector has taken nothing of late. */
  get isFailing(): boolean {
    return this.#lostBefore !== undefined;
  }

  /** Whatever is under way is not waited for any more. */
  giveUp(): void {
    for (const batch of this.#underWay) this.#lose(batch, 'shutdown');
    this.#underWay.clear();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #succeeded({ size }: Batch): void {
    const { counts, url, warn } = this.#rooms;
    counts.exported += size;
    if (this.#lostBefore === undefined) return;
    const lost = counts.allDropped - this.#lostBefore;
    this.#lostBefore = undefined;
    warn(`spans reach ${url} again; ${lost} were lost`);
  }

  #failed(batch: Batch, error: Error | undefined): void {
    const { counts, url, warn } = this.#rooms;
    if (this.#lostBefore === undefined) {
      this.#lostBefore = counts.allDropped;
      warn(`spans do not reach ${url} and are dropped until they do: ${inWords(error)}`);
    }
    this.#lose(batch, 'export_failed');
  }

  #lose({ size, done }: Batch, reason: DropReason): void {
    this.#rooms.counts.drop(reason, size);
    done({ code: failure });
  }
}

interface Batch {
  readonly size: number;
  readonly done: Done;
}

/** What the exporter says is of use, but for two cases: that of a host with two addresses, and that of a status it has tried again. */
function inWords(error: Error | undefined): string {
  const code = errnoOf(error);
  if (error === undefined || /retryable status/.test(error.message)) {
    return 'it answers with 429, 502, 503 or 504';
  }
  if (code !== undefined && /^\d{3}$/.test(code)) return `it answers with ${code} ${shorten(printable(error.message))}`;
  return shorten(printable(error.message)) || code || 'it is not there';
}
