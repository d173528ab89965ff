import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { errnoOf } from '../../foundation/errors.js';
import { printable, shorten } from '../../foundation/text.js';
import type { DropReason, SpanCounts } from './span-counts.js';

type Done = Parameters<SpanExporter['export']>[1];

/** Of the API's `ExportResultCode`. */
const success = 0;
const failure = 1;

export interface WatchRooms {
  /** Of the mesh's own spans. */
  readonly counts: SpanCounts;
  /** Of those of services. */
  readonly relayed: SpanCounts;
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
    const { counts, onTaken } = this.#rooms;
    onTaken(spans.length);
    this.#watch({ size: spans.length, counts, done }, (ended) => this.#exporter.export(spans, ended));
  }

  /** Spans of services, which come as a batch already. @param done called once, whatever becomes of them */
  relay(size: number, send: (ended: Done) => void, done: () => void): void {
    this.#watch({ size, counts: this.#rooms.relayed, done }, send);
  }

  /** The collector has taken nothing of late. */
  get isFailing(): boolean {
    return this.#lostBefore !== undefined;
  }

  /** Whatever is under way is not waited for any more. */
  giveUp(): void {
    if (this.#underWay.size > 0) this.#lostBefore ??= this.#lost; // nor is it for what comes behind
    for (const batch of this.#underWay) this.#lose(batch, 'shutdown');
    this.#underWay.clear();
  }

  /** Resolves when what is under way now is over. */
  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #watch(batch: Batch, send: (ended: Done) => void): void {
    if (this.isFailing && this.#underWay.size > 0) return void this.#lose(batch, 'export_failed');
    this.#underWay.add(batch);
    send((result) => {
      if (!this.#underWay.delete(batch)) return; // it was given up
      if (result.code !== success) return void this.#failed(batch, result.error);
      this.#succeeded(batch);
      batch.done(result);
    });
  }

  #succeeded({ size, counts }: Batch): void {
    const { url, warn } = this.#rooms;
    counts.exported += size;
    if (this.#lostBefore === undefined) return;
    const lost = this.#lost - this.#lostBefore;
    this.#lostBefore = undefined;
    warn(`spans reach ${url} again; ${lost} were lost`);
  }

  #failed(batch: Batch, error: Error | undefined): void {
    const { url, warn } = this.#rooms;
    if (this.#lostBefore === undefined) {
      this.#lostBefore = this.#lost;
      warn(`spans do not reach ${url} and are dropped until they do: ${inWords(error)}`);
    }
    this.#lose(batch, 'export_failed');
  }

  #lose({ size, counts, done }: Batch, reason: DropReason): void {
    counts.drop(reason, size);
    done({ code: failure });
  }

  get #lost(): number {
    return this.#rooms.counts.allDropped + this.#rooms.relayed.allDropped;
  }
}

interface Batch {
  readonly size: number;
  readonly counts: SpanCounts;
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
