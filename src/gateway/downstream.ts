import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Arrival, ExchangeResponse } from '../exchange/exchange.js';
import { Exchange } from '../exchange/exchange.js';
import type { Address } from '../foundation/address.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import { deliver, inform, refusalBytes } from './delivery.js';
import { probeHalfClosed } from './half-closed.js';
import { protocolsAsked, readHead } from './head.js';
import { refuse } from './refuse.js';
import type { Turn } from './turn.js';
import { isRead, lingerLimit, responseFor, throwAwayRest } from './turn.js';

/** What a connection needs to know of the socket that accepted it. */
export interface Door {
  readonly arrival: Arrival;
  readonly clock: Clock;
  /** Carries an exchange to its response head. A defect is what makes its request unfit to be carried. */
  readonly handle: Handle;
}

export type Handle = (exchange: Exchange, defect: MeshError | undefined) => Promise<void>;

/** Requests that wait their turn before no more are read from their connection. */
const maxWaiting = 16;

/**
 * One client connection: requests → exchanges; exchanges → responses. Requests that come pipelined are carried one after the
 * other: the second may rest on what the first has done (RFC 9112 §9.3.2).
 */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #client: Address;
  #current: { readonly exchange: Exchange; readonly turn: Turn } | undefined;
  readonly #waiting: Turn[] = [];
  #isDraining = false;
  /** Behind a request that could not be read, nothing on this connection is a request. */
  #isSpoilt = false;
  /** An answer was given, and the rest of its request is still read. */
  #isLingering = false;
  #cancelProbe: Cancel = () => {};
  readonly #onIdle: Array<() => void> = [];

  constructor(socket: Socket, door: Door) {
    this.#socket = socket;
    this.#door = door;
    this.#client = peerOf(socket);
    socket.on('error', () => {}); // `close` follows
    socket.once('end', () => this.#clientEnded());
    socket.once('close', () => {
      this.#cancelProbe();
      this.#abort(new MeshError('client_gone'));
    });
  }

  /** A request that node:http has read, and the response that it holds ready. */
  request(message: IncomingMessage, response: ServerResponse): void {
    this.#take({ message, response, upgrade: undefined, refusal: undefined, isRefused: false });
  }

  /** A request to leave HTTP. `head` is what came behind it. */
  upgrade(message: IncomingMessage, head: Buffer): void {
    const protocol = protocolsAsked(message.rawHeaders).join(', ');
    const upgrade = { protocol, socket: this.#socket, head };
    this.#leaveHttp();
    this.#take({ message, response: undefined, upgrade, refusal: undefined, isRefused: false });
  }

  /** CONNECT: the gateway is no way to the outside. */
  connect(message: IncomingMessage): void {
    const refusal = new MeshError('method_not_allowed');
    this.#leaveHttp();
    this.#take({ message, response: undefined, upgrade: undefined, refusal, isRefused: false });
  }

  /** What the client sent cannot be read on. */
  broken(error: MeshError): void {
    if (this.#isSpoilt) return;
    this.#isSpoilt = true;
    if (this.#isLingering)
      this.#socket.destroy(); // its request is answered
    else if (this.#current === undefined) this.#refuseBare(error);
    else if (isRead(this.#current.turn)) this.#onIdle.push(() => this.#refuseBare(error));
    else this.#current.exchange.abort(error);
  }

  /** Resolves when all that is under way is answered. An open tunnel is not waited for, and stays. */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#current === undefined) this.#socket.destroy();
    if (!this.#isBusy()) return Promise.resolve();
    this.#onIdle.push(() => this.#socket.destroySoon());
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Ends whatever is under way. */
  destroy(): void {
    this.#abort(new MeshError('shutting_down'));
    this.#socket.destroy();
  }

  #take(turn: Turn): void {
    if (this.#isSpoilt) return;
    this.#waiting.push(turn);
    // Later in this turn: behind each request that it has read, node:http sets its socket going again.
    if (this.#waiting.length === maxWaiting) queueMicrotask(() => this.#holdBack());
    if (this.#current === undefined) this.#next();
  }

  #holdBack(): void {
    if (this.#waiting.length >= maxWaiting) this.#socket.pause();
  }

  /** Behind an upgrade or CONNECT, node:http passes no `drain` of the socket on, not even to the answers before it. */
  #leaveHttp(): void {
    this.#socket.on('drain', () => this.#current?.turn.response?.emit('drain'));
  }

  #next(): void {
    const isOver = this.#isDraining || this.#socket.writableEnded || this.#socket.destroyed;
    const turn = isOver ? undefined : this.#waiting.shift();
    if (this.#waiting.length === maxWaiting - 1) this.#socket.resume();
    if (turn !== undefined) this.#serve(turn).catch(() => this.#socket.destroy());
    else this.#idle();
  }

  #idle(): void {
    for (const act of this.#onIdle.splice(0)) act();
  }

  async #serve(turn: Turn): Promise<void> {
    const { arrival, clock, handle } = this.#door;
    const { request, defect: found } = readHead(turn.message, turn.upgrade);
    const defect = turn.refusal ?? found;
    const exchange = new Exchange(arrival, this.#client, request, clock.monotonic());
    if (defect !== undefined) {
      this.#isSpoilt = true;
      this.#waiting.length = 0;
    }
    this.#current = { exchange, turn };
    exchange.onFinish(() => {
      this.#current = undefined;
      this.#next();
    });
    exchange.onInterim((interim) => {
      if (turn.response !== undefined) inform(exchange, interim, turn.response);
    });
    try {
      await handle(exchange, defect);
      if (exchange.response !== undefined) await this.#answer(exchange, exchange.response, turn);
      else if (exchange.isTunnel) this.#idle();
    } catch (thrown) {
      exchange.response?.body.destroy();
      this.#refuse(exchange, toMeshError(thrown), turn);
    }
  }

  async #answer(exchange: Exchange, response: ExchangeResponse, turn: Turn): Promise<void> {
    if (response.body.destroyed && !response.body.readableEnded) {
      throw new MeshError('upstream_invalid', `\`${exchange.service}\` broke the connection with its answer`);
    }
    const isWhole = exchange.abortedBy === undefined && (await deliver(exchange, response, this.#responseFor(turn)));
    if (!isWhole) {
      response.body.destroy();
      return this.#cut(exchange, response);
    }
    exchange.finish({ kind: 'answered', status: response.status });
    if (isRead(turn)) return;
    this.#linger(turn, () => {
      if (!turn.message.complete) this.#socket.destroy();
    });
  }

  /** What was begun cannot be finished: the client must not take it for whole. */
  #cut(exchange: Exchange, { status, fields }: ExchangeResponse): void {
    const isGone = exchange.abortedBy?.code === 'client_gone';
    const endsWithConnection = exchange.request.httpVersion === '1.0' && !fields.has('content-length');
    if (endsWithConnection) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    exchange.finish(isGone ? { kind: 'abandoned' } : { kind: 'cut', status });
  }

  #refuse(exchange: Exchange, error: MeshError, turn: Turn): void {
    turn.isRefused = true;
    if (error.code === 'client_gone' || this.#socket.destroyed) {
      this.#socket.destroy();
      exchange.finish({ kind: 'abandoned' });
      return;
    }
    const { method, fields } = exchange.request;
    const accept = fields.get('accept');
    const { status, body, ...refusal } = refuse(error, { method, accept });
    const to = this.#responseFor(turn);
    if (to.headersSent) {
      this.#socket.destroy();
      exchange.finish({ kind: 'cut', status: to.statusCode });
      return;
    }
    const isLast = this.#isSpoilt && this.#waiting.length === 0; // whatever follows is no request
    if (isLast || !isRead(turn)) to.shouldKeepAlive = false;
    to.writeHead(status, STATUS_CODES[status], [...refusal.fields]);
    const done = () => exchange.finish({ kind: 'refused', status, code: error.code });
    if (isLast || isRead(turn)) {
      to.end(body, done);
      return;
    }
    to.write('', 'latin1'); // the head, of which HEAD would hear nothing until the end
    to.write(body, done);
    this.#linger(turn, () => to.end());
  }

  #linger(turn: Turn, done: () => void): void {
    this.#isLingering = true;
    throwAwayRest(turn, this.#door.clock, () => {
      this.#isLingering = false;
      done();
    });
  }

  /** Answers what never became an exchange. */
  #refuseBare(error: MeshError): void {
    const isSilent = this.#socket.bytesRead === 0; // a browser that connected ahead of time
    if (error.code === 'client_gone' || isSilent || !this.#socket.writable) return void this.#socket.destroy();
    const unknown = { method: undefined, accept: undefined };
    this.#socket.end(refusalBytes(refuse(error, unknown)));
    const cancel = this.#door.clock.after(lingerLimit, () => this.#socket.destroy());
    this.#socket.once('close', cancel);
  }

  /** The client has closed its side. An upgrade looks after itself; where nothing is under way, node:http closes. */
  #clientEnded(): void {
    if (this.#current === undefined || this.#current.turn.upgrade !== undefined) return;
    this.#cancelProbe = probeHalfClosed(this.#socket, this.#door.clock, () => this.#current?.turn);
  }

  #abort(reason: MeshError): void {
    if (this.#current === undefined) return;
    const { exchange, turn } = this.#current;
    if (turn.isRefused) exchange.finish({ kind: 'abandoned' });
    else exchange.abort(reason);
  }

  #isBusy(): boolean {
    return this.#current?.exchange.isTunnel === false;
  }

  #responseFor(turn: Turn): ServerResponse {
    const response = responseFor(turn, this.#socket);
    if (this.#isDraining) response.shouldKeepAlive = false;
    return response;
  }
}

/** A socket that listens on IPv6 too shows IPv4 peers as `::ffff:127.0.0.1`. */
function peerOf({ remoteAddress, remotePort }: Socket): Address {
  const host = (remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
  return { host, port: remotePort ?? 0 };
}
