import type { Socket } from 'node:net';
import { Body, highWater } from '../exchange/body.js';
import type { BodySource } from '../exchange/body-source.js';
import type { Arrival, UpgradeRequest } from '../exchange/exchange.js';
import { Exchange } from '../exchange/exchange.js';
import type { Handler } from '../exchange/layer.js';
import type { Address } from '../foundation/address.js';
import { peerOf } from '../foundation/address.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { Fields } from '../http1/fields.js';
import type { Framing } from '../http1/framing.js';
import type { Receiver } from '../http1/message-reader.js';
import { MessageReader } from '../http1/message-reader.js';
import { persists } from '../http1/persistence.js';
import type { RequestHead } from '../http1/request-head.js';
import { parseRequestHead } from '../http1/request-head.js';
import { refusalText } from './delivery.js';
import { readDirectly } from './direct-read.js';
import { probeHalfClosed } from './half-closed.js';
import type { Phase } from './patience.js';
import { isOverdue } from './patience.js';
import { refuse } from './refuse.js';
import { refusalOf, requestOf } from './request.js';
import type { TurnRooms } from './turn.js';
import { Turn } from './turn.js';

/** What a connection needs to know of the socket that accepted it. */
export interface Door {
  readonly arrival: Arrival;
  readonly clock: Clock;
  /** Bytes that the body of a request may have. */
  readonly maxRequestBytes: number;
  readonly handle: Handler;
  /** undefined: nobody asks. */
  readonly onTurnedAway: OnTurnedAway;
}

/** Told of a client that was answered before it came to a request: no layer sees it. */
export type OnTurnedAway = (client: Address, arrival: Arrival, error: MeshError) => void;

/** 16 KiB of head are what Node takes too: no service behind the gateway gets less through it than without. */
const grammar = { parse: parseRequestHead, maxBytes: 16 * 1024, mayBeginEmpty: true };

/**
 * One client connection: bytes → exchanges, in turns. Requests that come pipelined are carried one after the other: the
 * second may rest on what the first has done (RFC 9112 §9.3.2). So at most one is in hand, and what follows it waits unread.
 */
export class ClientConnection implements Receiver<RequestHead>, TurnRooms {
  readonly socket: Socket;
  readonly clock: Clock;
  readonly handle: Handler;
  readonly #door: Door;
  readonly #client: Address;
  readonly #reader = new MessageReader<RequestHead>(grammar, this);
  readonly #source: BodySource = {
    pause: () => this.socket.pause(),
    resume: () => {
      this.#since = this.clock.monotonic(); // the time in which nothing was wanted is not the client's
      this.socket.resume();
    },
    cancel: () => {}, // the rest is thrown away
  };
  #phase: Phase = 'idle';
  /** Milliseconds on the monotonic clock: when the phase began; of a body, when its last bytes came. */
  #since: number;
  /** The request in hand. It is served when what has come of it is read. */
  #turn: Turn | undefined;
  /** Of the newest request. */
  #body = new Body(undefined);
  #isDraining = false;
  /** What follows is no request. */
  #isSpoilt = false;
  #cancelProbe: Cancel = () => {};
  readonly #onDrained: Array<() => void> = [];
  readonly #stopReading: () => void;

  constructor(socket: Socket, door: Door) {
    const { clock, handle } = door;
    this.socket = socket;
    this.clock = clock;
    this.handle = handle;
    this.#door = door;
    this.#client = peerOf(socket);
    this.#since = clock.monotonic();
    this.#stopReading = readDirectly(socket, this.#read);
    socket.on('drain', this.#drained);
    socket.on('end', this.#ended);
    socket.on('error', () => {}); // `close` follows
    socket.once('close', () => this.#closed());
  }

  /** Called now and then: gives up on a client that takes too long. */
  look(now: number): void {
    const phase = this.#isReceiving() ? 'body' : this.#phase;
    if (!isOverdue(phase, now - this.#since)) return;
    if (phase === 'head') this.#broken(new MeshError('head_timeout'));
    else if (phase === 'body') this.#broken(new MeshError('body_timeout'));
    else this.socket.destroy();
  }

  /** More of a body is due from the client: it was not told to wait, and what has come is taken. */
  #isReceiving(): boolean {
    if (this.#turn === undefined || this.#turn.isAnswering || this.#body.isComplete) return false;
    return !this.#body.isHeldBack && !(this.#turn.awaitsContinue && this.#body.received === 0);
  }

  /** Answers what never became an exchange, and closes. */
  turnAway(error: MeshError): void {
    const refusal = refuse(error, { method: undefined, accept: undefined });
    this.socket.write(refusalText(refusal, false, this.clock), 'latin1');
    this.socket.write(refusal.body);
    this.#door.onTurnedAway(this.#client, this.#door.arrival, error);
    this.#close();
  }

  /** Resolves when all that is under way is answered. An open tunnel is not waited for, and stays. */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#turn === undefined) this.socket.destroy();
    if (this.#turn === undefined || this.#turn.exchange.isTunnel) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** Ends whatever is under way. */
  destroy(): void {
    this.#turn?.exchange.abort(new MeshError('shutting_down'));
    this.socket.destroy();
  }

  // Reading.

  readonly #read = (bytes: Buffer): void => {
    if (this.#isSpoilt || this.#phase === 'closing') return;
    this.#readOn(bytes);
  };

  /** @param bytes that have come; undefined: of those that wait, the next message */
  #readOn(bytes: Buffer | undefined): void {
    try {
      if (bytes === undefined) this.#reader.next();
      else this.#reader.push(bytes);
    } catch (thrown) {
      return void this.#broken(refusalOf(thrown));
    }
    if (this.#turn === undefined) {
      if (this.#phase === 'lingering' && this.#body.isComplete) this.#next();
      else if (this.#phase === 'idle' && this.#reader.isWithinMessage) this.#enter('head');
      return;
    }
    if (this.#reader.waiting >= highWater) this.socket.pause(); // and whether it leaves is not seen until it is read on
    if (!this.#turn.isServed) this.#serve(this.#turn);
  }

  head(head: RequestHead): Framing {
    const { arrival, maxRequestBytes } = this.#door;
    this.#body = new Body(this.#source);
    const { request, framing, defect } = requestOf(head, this.#body, this.#upgradeTo);
    this.#enter('busy');
    const exchange = new Exchange(arrival, this.#client, request, this.#since);
    exchange.defect = defect;
    if (framing.kind === 'length' && framing.length > maxRequestBytes) exchange.defect ??= tooLarge(maxRequestBytes);
    this.#turn = new Turn(exchange, persists(head), this);
    return exchange.defect === undefined ? framing : { kind: 'none' };
  }

  data(bytes: Buffer): void {
    const { maxRequestBytes } = this.#door;
    if (this.#phase === 'busy') this.#since = this.clock.monotonic(); // one that lingers has no more time for sending more
    if (this.#body.received + bytes.length > maxRequestBytes) throw tooLarge(maxRequestBytes);
    this.#body.write(bytes);
  }

  end(trailers: Fields): void {
    this.#body.end(trailers);
  }

  /** What the client sent cannot be read on. */
  #broken(error: MeshError): void {
    this.#isSpoilt = true;
    if (this.#turn === undefined) {
      if (this.#phase === 'lingering')
        this.socket.destroy(); // its request is answered
      else this.turnAway(error);
    } else if (this.#turn.isServed) this.#turn.exchange.abort(error);
    else {
      this.#turn.exchange.defect ??= error;
      this.#serve(this.#turn);
    }
  }

  #serve(turn: Turn): void {
    const { exchange } = turn;
    if (exchange.defect !== undefined) this.#isSpoilt = true;
    const hasEnded = this.socket.readableEnded;
    if (hasEnded && this.#isLeftBehind(turn)) exchange.defect = new MeshError('client_gone');
    turn.serve();
    if (hasEnded) this.#probe();
  }

  // Going on.

  mayGoOn(): boolean {
    return !this.#isSpoilt && !this.#isDraining;
  }

  tunnelled(): void {
    this.#tellDrained();
  }

  over(isKept: boolean): void {
    this.#turn = undefined;
    this.#tellDrained();
    if (!isKept || this.#isSpoilt || this.#isDraining) return void this.#close();
    if (this.#body.isComplete) return void this.#next();
    this.#enter('lingering');
    this.#body.discard();
  }

  #tellDrained(): void {
    for (const act of this.#onDrained.splice(0)) act();
  }

  #next(): void {
    this.#enter('idle');
    this.socket.resume();
    this.#readOn(undefined);
    if (this.#turn === undefined && this.socket.readableEnded) this.socket.destroySoon();
  }

  /** Ends our side, and reads what may still come: to close at once would take the answer from a client that still sends. */
  #close(): void {
    this.#enter('closing');
    this.#body.discard();
    this.socket.end();
    this.socket.resume();
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#since = this.clock.monotonic();
  }

  // The socket.

  readonly #drained = (): void => this.#turn?.resume();

  /** The client has closed its side. */
  readonly #ended = (): void => {
    if (this.#phase === 'closing') return;
    if (this.#turn === undefined) this.socket.destroySoon();
    else if (this.#isLeftBehind(this.#turn)) this.#turn.exchange.abort(new MeshError('client_gone'));
    else this.#probe();
  };

  /** What the client has left to come, or to be talked about, can come no more. */
  #isLeftBehind({ exchange }: Turn): boolean {
    return exchange.request.upgrade !== undefined || !this.#body.isComplete;
  }

  #probe(): void {
    this.#cancelProbe();
    this.#cancelProbe = probeHalfClosed(this.socket, this.clock, () => {
      if (this.#turn === undefined || this.#turn.exchange.isTunnel) return 'over';
      // A whole answer that is on its way to the client is held up on purpose, and may be silent for long.
      if (this.#turn.isAnswering && this.#turn.exchange.response?.body.isComplete !== true) return 'answering';
      return this.#turn.isAnswering || this.#turn.exchange.request.version === '1.0' ? 'waiting, no 1xx' : 'waiting';
    });
  }

  #closed(): void {
    this.#cancelProbe();
    this.#turn?.leave();
    this.#body.fail();
  }

  /** Where a tunnel is granted, this connection has no more to do with its socket than to know when it closes. */
  readonly #upgradeTo = (protocol: string): UpgradeRequest => {
    const socket = this.socket;
    const handOver = () => {
      this.#stopReading();
      socket.off('drain', this.#drained).off('end', this.#ended).pause();
      const early = this.#reader.takeRest();
      if (early.length > 0) socket.unshift(early);
    };
    return { protocol, socket, steps: { up: [], down: [] }, handOver };
  };
}

function tooLarge(limit: number): MeshError {
  return new MeshError(
    'request_too_large',
    `The body of the request has more than the ${limit} bytes that are allowed`,
  );
}
