import type { IncomingMessage } from 'node:http';
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Arrival, ExchangeResponse, UpgradeRequest } from '../exchange/exchange.js';
import { Exchange } from '../exchange/exchange.js';
import type { Address } from '../foundation/address.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';
import { deliver, inform, refusalBytes } from './delivery.js';
import { protocolsAsked, readHead } from './head.js';
import { refuse } from './refuse.js';
import { hasBody } from './vet.js';

/** What a connection needs to know of the socket that accepted it. */
export interface Door {
  readonly arrival: Arrival;
  readonly clock: Clock;
  /** Carries an exchange to its response head. A defect is what makes its request unfit to be carried. */
  readonly handle: Handle;
}

export type Handle = (exchange: Exchange, defect: MeshError | undefined) => Promise<void>;

/** Milliseconds for which the rest of a request is read and thrown away after an early answer: to close at once would take that answer from the client. */
const lingerLimit = 5_000;

/** Milliseconds between two looks at whether a client that has stopped sending still listens. */
const probeInterval = 250;

/** One client connection: requests → exchanges; exchanges → responses. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #door: Door;
  readonly #client: Address;
  readonly #underWay = new Map<Exchange, Turn>();
  #isDraining = false;
  /** Behind a request that could not be read, nothing on this connection is a request. */
  #isSpoilt = false;
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
    this.#serve({ message, response, isUpgrade: false, isRefused: false });
  }

  /** A request to leave HTTP. `head` is what came behind it. */
  upgrade(message: IncomingMessage, head: Buffer): void {
    const protocol = protocolsAsked(message.rawHeaders).join(', ');
    this.#serve(
      { message, response: undefined, isUpgrade: true, isRefused: false },
      { protocol, socket: this.#socket, head },
    );
  }

  /** CONNECT: the gateway is no way to the outside. */
  connect(message: IncomingMessage): void {
    this.#serve(
      { message, response: undefined, isUpgrade: false, isRefused: false },
      undefined,
      new MeshError('method_not_allowed'),
    );
  }

  /** What the client sent cannot be read on. */
  broken(error: MeshError): void {
    if (this.#isSpoilt) return;
    this.#isSpoilt = true;
    const unread = [...this.#underWay].find(([, turn]) => !isRead(turn));
    if (unread !== undefined) unread[0].abort(error);
    else if (this.#underWay.size > 0) this.#onIdle.push(() => this.#socket.destroySoon());
    else this.#refuseBare(error);
  }

  /** Resolves when all that is under way is answered. An open tunnel is not waited for, and stays. */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#underWay.size === 0) this.#socket.destroy();
    if (!this.#isBusy()) return Promise.resolve();
    this.#onIdle.push(() => this.#socket.destroySoon());
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Ends whatever is under way. */
  destroy(): void {
    this.#abort(new MeshError('shutting_down'));
    this.#socket.destroy();
  }

  async #serve(turn: Turn, upgrade?: UpgradeRequest, refusal?: MeshError): Promise<void> {
    if (this.#isSpoilt) return;
    const { arrival, clock, handle } = this.#door;
    const { request, defect: found } = readHead(turn.message, upgrade);
    const defect = refusal ?? found;
    const exchange = new Exchange(arrival, this.#client, request, clock.monotonic());
    this.#isSpoilt = defect !== undefined;
    this.#underWay.set(exchange, turn);
    exchange.onFinish(() => this.#finished(exchange));
    exchange.onInterim((interim) => {
      if (turn.response !== undefined) inform(exchange, interim, turn.response);
    });
    try {
      await handle(exchange, defect);
      if (exchange.response !== undefined) await this.#answer(exchange, exchange.response, turn);
    } catch (thrown) {
      this.#refuse(exchange, toMeshError(thrown), turn);
    }
  }

  async #answer(exchange: Exchange, response: ExchangeResponse, turn: Turn): Promise<void> {
    const isWhole = exchange.abortedBy === undefined && (await deliver(exchange, response, this.#responseFor(turn)));
    if (!isWhole) {
      response.body.destroy();
      return this.#cut(exchange, response);
    }
    exchange.finish({ kind: 'answered', status: response.status });
    if (isRead(turn)) return;
    this.#throwAwayRest(turn, () => {
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
    if (this.#isSpoilt || !isRead(turn)) to.shouldKeepAlive = false;
    to.writeHead(status, STATUS_CODES[status], [...refusal.fields]);
    const done = () => exchange.finish({ kind: 'refused', status, code: error.code });
    if (this.#isSpoilt || isRead(turn)) {
      to.end(body, done);
      return;
    }
    to.write(body, done);
    this.#throwAwayRest(turn, () => to.end());
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

  /** The client has closed its side: it is gone, or it only has no more to ask. TCP tells the two alike. */
  #clientEnded(): void {
    const turns = [...this.#underWay.values()];
    // An upgrade looks after itself; where nothing is under way, node:http closes.
    if (turns.length === 0 || turns.some(({ isUpgrade }) => isUpgrade)) return;
    if (turns.every(({ response }) => response?.headersSent)) this.#socket.destroy();
    else this.#probe();
  }

  /** A client that listens takes a 102 without a word (RFC 9110 §15.2); from one that is gone, a reset comes back. */
  #probe(): void {
    this.#cancelProbe = this.#door.clock.after(probeInterval, () => {
      const [next] = this.#underWay;
      if (next === undefined) return;
      const [{ request }, { response }] = next;
      if (response?.headersSent === false && request.httpVersion === '1.1') response.writeProcessing();
      this.#probe();
    });
  }

  #abort(reason: MeshError): void {
    for (const [exchange, { isRefused }] of this.#underWay) {
      if (isRefused) exchange.finish({ kind: 'abandoned' });
      else exchange.abort(reason);
    }
  }

  #finished(exchange: Exchange): void {
    this.#underWay.delete(exchange);
    if (!this.#isBusy()) for (const act of this.#onIdle.splice(0)) act();
  }

  #isBusy(): boolean {
    return [...this.#underWay.values()].some(({ isUpgrade }) => !isUpgrade);
  }

  #responseFor(turn: Turn): ServerResponse {
    turn.response ??= this.#openResponse(turn.message);
    if (this.#isDraining) turn.response.shouldKeepAlive = false;
    return turn.response;
  }

  /** node:http holds no response ready for an upgrade or CONNECT; when it is refused, it needs an ordinary one. */
  #openResponse(message: IncomingMessage): ServerResponse {
    const response = new ServerResponse(message);
    response.shouldKeepAlive = false;
    response.assignSocket(this.#socket);
    response.once('finish', () => {
      response.detachSocket(this.#socket);
      this.#socket.destroySoon();
    });
    return response;
  }

  #throwAwayRest({ message }: Turn, done: () => void): void {
    message.resume();
    const cancel = this.#door.clock.after(lingerLimit, done);
    message.once('close', () => {
      cancel();
      done();
    });
  }
}

/** One request of the connection and where its answer goes. */
interface Turn {
  readonly message: IncomingMessage;
  /** undefined for an upgrade until it is refused. */
  response: ServerResponse | undefined;
  readonly isUpgrade: boolean;
  isRefused: boolean;
}

/** Has the whole request been read? */
function isRead({ message }: Turn): boolean {
  return message.complete || !hasBody(new Fields(message.rawHeaders));
}

/** A socket that listens on IPv6 too shows IPv4 peers as `::ffff:127.0.0.1`. */
function peerOf({ remoteAddress, remotePort }: Socket): Address {
  const host = (remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
  return { host, port: remotePort ?? 0 };
}
