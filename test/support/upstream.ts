import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { createServer as createNetServer } from 'node:net';
import type { Address } from '../../src/foundation/address.js';
import { Fields } from '../../src/http1/fields.js';

/** A request as the service saw it. */
export interface Seen {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  /** Filled as it comes in; whole when `ended` resolves. */
  body: string;
  readonly ended: Promise<void>;
  readonly message: IncomingMessage;
}

/** What to answer to everything, or how. */
export type Answer = number | string | RequestListener;

/** A small real HTTP server on a free port of 127.0.0.1 that remembers what it was asked. */
export class Upstream implements AsyncDisposable {
  readonly server: Server;
  readonly seen: Seen[] = [];
  /** Every connection there was; those that are open are in `open`. */
  accepted = 0;
  readonly open = new Set<Socket>();
  answer: Answer;
  readonly #waiting: Array<{ count: number; resolve: () => void }> = [];

  private constructor(answer: Answer) {
    this.answer = answer;
    this.server = createServer((message, response) => {
      this.#remember(message);
      this.#reply(message, response);
    });
    this.server.on('connection', (socket) => {
      this.accepted++;
      this.open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /** A number is a status with an empty body, a text is a body, and by default it answers `ok`. */
  static async start(answer: Answer = 'ok', host = '127.0.0.1'): Promise<Upstream> {
    const upstream = new Upstream(answer);
    upstream.server.listen(0, host);
    await once(upstream.server, 'listening');
    return upstream;
  }

  get address(): Address {
    return { host: '127.0.0.1', port: this.port };
  }

  get port(): number {
    return portOf(this.server);
  }

  /** `GET /path` of each request, in their order. */
  get targets(): string[] {
    return this.seen.map(({ method, target }) => `${method} ${target}`);
  }

  /** The last request. */
  get last(): Seen {
    const last = this.seen.at(-1);
    if (last === undefined) throw new Error('the upstream has seen no request');
    return last;
  }

  /** Resolves when it has seen so many requests (their heads). */
  async until(count: number): Promise<void> {
    if (this.seen.length >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Stops at once: open connections are cut. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #remember(message: IncomingMessage): void {
    const seen: Seen = {
      method: message.method ?? '',
      target: message.url ?? '',
      fields: new Fields(message.rawHeaders),
      body: '',
      ended: new Promise((resolve) => message.once('end', resolve)),
      message,
    };
    if (typeof this.answer !== 'function')
      message.on('data', (chunk: Buffer) => {
        seen.body += chunk.toString('latin1');
      });
    this.seen.push(seen);
    for (const { count, resolve } of this.#waiting) if (this.seen.length >= count) resolve();
  }

  #reply(...[message, response]: Parameters<RequestListener>): void {
    if (typeof this.answer === 'function') this.answer(message, response);
    else if (typeof this.answer === 'number') response.writeHead(this.answer).end();
    else response.end(this.answer);
  }
}

/** A server that speaks bytes: for answers that no HTTP server would give. Calls `talk` with what each read brought. */
export class RawUpstream implements AsyncDisposable {
  readonly server: NetServer;
  readonly open = new Set<Socket>();
  /** All that came in, over all connections. */
  received = '';
  accepted = 0;

  private constructor(talk: (socket: Socket, text: string) => void) {
    this.server = createNetServer((socket) => {
      this.accepted++;
      this.open.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.open.delete(socket));
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        this.received += text;
        talk(socket, text);
      });
    });
  }

  static async start(talk: (socket: Socket, text: string) => void): Promise<RawUpstream> {
    const upstream = new RawUpstream(talk);
    upstream.server.listen(0, '127.0.0.1');
    await once(upstream.server, 'listening');
    return upstream;
  }

  /** Answers every request head with these bytes (latin1). */
  static answering(bytes: string, end = false): Promise<RawUpstream> {
    return RawUpstream.start((socket, text) => {
      if (!text.includes('\r\n\r\n')) return;
      socket.write(bytes, 'latin1');
      if (end) socket.end();
    });
  }

  get address(): Address {
    return { host: '127.0.0.1', port: portOf(this.server) };
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function portOf(server: NetServer): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}
