import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { WireSpan } from './otlp-decoder.js';
import { decodeSpans } from './otlp-decoder.js';

/** How a collector answers an export: with a status (and fields), or never. */
export type CollectorAnswer = { readonly status: number; readonly headers?: Record<string, string> } | 'never';

/** A collector of spans, as Jaeger or the OpenTelemetry Collector are, that takes OTLP over HTTP in protobuf. */
export class Collector implements AsyncDisposable {
  /** Those that it has taken. */
  readonly spans: WireSpan[] = [];
  /** Of each export. */
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  answer: CollectorAnswer = { status: 200 };
  readonly #server = createServer((message, response) => void this.#take(message, response));
  readonly #open = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];

  private constructor() {
    this.#server.on('connection', (socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** @param port 0 for any free one */
  static async start(port = 0): Promise<Collector> {
    const collector = new Collector();
    collector.#server.listen(port, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the collector does not listen');
    return address.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resolves when it has taken so many spans; those with this name, where one is given. */
  async until(count: number, name?: string): Promise<WireSpan[]> {
    const found = () => this.spans.filter((span) => name === undefined || span.name === name);
    await this.when(() => found().length >= count);
    return found();
  }

  async when(isThere: () => boolean): Promise<void> {
    while (!isThere()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Stops at once: open connections are cut. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #take(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await buffer(message);
    this.requests.push({ url: message.url ?? '', headers: message.headers, body: sent });
    if (this.answer !== 'never') {
      const { status, headers } = this.answer;
      const bytes = message.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const isProtobuf = message.headers['content-type'] === 'application/x-protobuf';
      if (status === 200 && isProtobuf) this.spans.push(...decodeSpans(bytes));
      response.writeHead(status, headers).end();
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Those directly below it. */
export function childrenOf(parent: WireSpan, spans: readonly WireSpan[]): WireSpan[] {
  return spans.filter(({ traceId, parentSpanId }) => traceId === parent.traceId && parentSpanId === parent.spanId);
}
