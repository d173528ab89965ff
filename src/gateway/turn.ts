import type { Socket } from 'node:net';
import { begun } from '../exchange/begun.js';
import type { Exchange, ExchangeResponse, InterimResponse, InterimSink } from '../exchange/exchange.js';
import type { Handler } from '../exchange/layer.js';
import type { Outcome } from '../exchange/outcome.js';
import { answered } from '../exchange/outcome.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import { responseHeadText } from '../http1/wire.js';
import { deliveryOf, fieldsOf, refusalText } from './delivery.js';
import type { WriterEvents } from './message-writer.js';
import { whenFlushed, writeMessage } from './message-writer.js';
import { refuse } from './refuse.js';

/** The connection on which it is a request's turn. */
export interface TurnRooms {
  readonly socket: Socket;
  readonly clock: Clock;
  /** Carries an exchange to its response head. */
  readonly handle: Handler;
  /** May another request follow on it? */
  mayGoOn(): boolean;
  /** It has become a tunnel: nothing of HTTP is under way any more. */
  tunnelled(): void;
  /** The exchange is over; the connection is of further use, or not. */
  over(isKept: boolean): void;
}

/** Milliseconds for a client to read what was sent before a reset: it loses what it has not read, and Node takes both together for an end. */
const resetDelay = 20;

/** One exchange on a client's connection: it is carried, and its answer, whoever gives it, goes onto the socket. */
export class Turn implements InterimSink, WriterEvents {
  readonly exchange: Exchange;
  readonly #rooms: TurnRooms;
  /** The client wants to go on behind it. */
  readonly #persists: boolean;
  /** The client sends its body when it is told to, and may or may not send it when it is not. */
  #awaitsContinue: boolean;
  #state: 'read' | 'carried' | 'answering' | 'over' = 'read';
  /** The connection goes on behind the answer. */
  #isKept = false;

  constructor(exchange: Exchange, persists: boolean, rooms: TurnRooms) {
    this.exchange = exchange;
    this.#persists = persists;
    this.#awaitsContinue = exchange.request.fields.has('expect');
    this.#rooms = rooms;
  }

  get isServed(): boolean {
    return this.#state !== 'read';
  }

  /** The head of the answer is on its way. */
  get isAnswering(): boolean {
    return this.#state === 'answering';
  }

  /** The client was not told yet to send its body. */
  get awaitsContinue(): boolean {
    return this.#awaitsContinue;
  }

  serve(): void {
    this.#state = 'carried';
    this.exchange.interimSink = this;
    // What is refused at once is refused in a turn of its own, too: hundreds of requests in one packet, each served out of the
    // end of the one before, have overflowed the stack, and ended the process.
    begun(this.#rooms.handle, this.exchange).then(
      () => this.#carried(),
      (thrown: unknown) => this.#refuse(toMeshError(thrown)),
    );
  }

  #carried(): void {
    const { response } = this.exchange;
    if (response === undefined) return void this.#rooms.tunnelled();
    try {
      this.#answer(response);
    } catch (thrown) {
      this.#refuse(toMeshError(thrown));
    }
  }

  /** The socket can take more. */
  resume(): void {
    this.exchange.response?.body.resume();
  }

  /** The client's connection has closed. A tunnel's end is told by who carries it. */
  leave(): void {
    this.exchange.abort(new MeshError('client_gone'));
    if (!this.isAnswering) return;
    this.exchange.response?.body.cancel();
    this.#finish({ kind: 'abandoned' }, false);
  }

  /** A 1xx, to clients that know of them. Whoever does not read them needs no more of them. */
  inform(interim: InterimResponse): void {
    const { socket } = this.#rooms;
    if (this.exchange.request.version === '1.0' || this.isAnswering || socket.writableNeedDrain) return;
    if (interim.status === 100 && !this.#awaitsContinue) return; // each attempt may ask for the body; the client was told
    if (interim.status === 100) this.#awaitsContinue = false;
    socket.write(responseHeadText(interim.status, interim.reason, interim.fields), 'latin1');
  }

  #answer(response: ExchangeResponse): void {
    const { socket, clock } = this.#rooms;
    if (response.body.hasFailed) {
      throw new MeshError('upstream_invalid', `\`${this.exchange.service}\` broke the connection with its answer`);
    }
    const { head, isChunked, isKept } = deliveryOf(this.exchange, response, this.#mayGoOn(), clock);
    this.#state = 'answering';
    this.#isKept = isKept;
    writeMessage(socket, head, response.body, isChunked, this);
  }

  /** The whole answer is written. */
  written(): void {
    this.#whenDelivered(answered(this.exchange.response?.status ?? 0));
  }

  /** The answer has broken off. */
  brokenOff(): void {
    this.#cut();
  }

  #refuse(error: MeshError): void {
    const { socket, clock } = this.#rooms;
    const { method, fields, body } = this.exchange.request;
    this.exchange.response?.body.cancel();
    if (this.#state !== 'carried') return void this.#cut();
    if (error.code === 'fault_injected') return void this.#cut(); // it asks for no answer at all
    if (error.code === 'client_gone' || socket.destroyed) {
      socket.destroy();
      return void this.#finish({ kind: 'abandoned' }, false);
    }
    const { fields: own, ...refusal } = refuse(error, { method, accept: fields.get('accept') });
    const told = [...own, ...fieldsOf(this.exchange)];
    this.#isKept = this.#mayGoOn() && body.isComplete;
    this.#state = 'answering';
    socket.cork();
    socket.write(refusalText({ ...refusal, fields: told }, this.#isKept, clock), 'latin1');
    if (refusal.body.length > 0) socket.write(refusal.body);
    socket.uncork();
    this.#whenDelivered({ kind: 'refused', status: refusal.status, code: error.code });
  }

  /** What was begun cannot be finished: the client must not take it for whole. */
  #cut(): void {
    const { socket, clock } = this.#rooms;
    const { request, response, abortedBy, breaksOff } = this.exchange;
    const isGone = abortedBy?.code === 'client_gone';
    const outcome: Outcome = isGone ? { kind: 'abandoned' } : { kind: 'cut', status: response?.status ?? 0 };
    if (breaksOff === 'by-reset') {
      const reset = () => {
        socket.resetAndDestroy();
        this.#finish(outcome, false);
      };
      if (this.#state === 'carried') reset();
      else whenFlushed(socket, () => clock.after(resetDelay, reset));
      return;
    }
    // Where the end of the connection is that of the body, only a reset tells that it is not.
    const isUntilClose = request.version === '1.0' && response?.fields.has('content-length') === false;
    if (breaksOff === undefined && isUntilClose) socket.resetAndDestroy();
    else if (breaksOff === undefined) socket.destroy();
    this.#finish(outcome, false);
  }

  #whenDelivered(outcome: Outcome): void {
    whenFlushed(this.#rooms.socket, () => this.#finish(outcome, this.#isKept));
  }

  #finish(outcome: Outcome, isKept: boolean): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    try {
      this.exchange.finish(outcome);
    } catch {
      this.#rooms.socket.destroy(); // a bug of who listens: it costs this connection, and not the mesh
    }
    this.#rooms.over(isKept);
  }

  #mayGoOn(): boolean {
    const { upgrade, body } = this.exchange.request;
    return (
      this.#persists && upgrade === undefined && (body.isComplete || !this.#awaitsContinue) && this.#rooms.mayGoOn()
    );
  }
}
