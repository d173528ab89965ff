import type { BodySource } from '../exchange/body.js';
import { Body } from '../exchange/body.js';
import type { Exchange } from '../exchange/exchange.js';
import { MeshError } from '../foundation/errors.js';
import type { Fields } from '../http1/fields.js';
import type { Framing } from '../http1/framing.js';
import { mayHaveBody, responseFraming } from '../http1/framing.js';
import { MessageReader } from '../http1/message-reader.js';
import { persists, promisedIdleTime } from '../http1/persistence.js';
import type { ResponseHead } from '../http1/response-head.js';
import { parseResponseHead } from '../http1/response-head.js';
import { Violation } from '../http1/violation.js';
import type { Instance } from '../registry/instance.js';
import type { UpstreamSocket } from './connect.js';
import { nameOf } from './connect.js';
import { endToEnd, responseFields } from './headers.js';
import { writeMessage } from './message-writer.js';

/** Takes back a connection on which an exchange is over and another may follow. */
export type KeepConnection = (connection: UpstreamConnection) => void;

/** What is asked of an instance. */
export interface Question {
  readonly exchange: Exchange;
  /** As text of the wire. */
  readonly head: string;
  readonly isChunked: boolean;
  /** How this mesh names itself in `Via`. */
  readonly pseudonym: string;
}

/** A kept connection turned out to be closed before a byte of the answer came: that says nothing about the request. */
export class StaleConnection extends MeshError {}

const grammar = {
  parse: parseResponseHead,
  maxBytes: 64 * 1024, // more than of a request: services set many cookies and long policies
  mayBeginEmpty: false,
};

/** One connection to an instance, for one exchange at a time. */
export class UpstreamConnection {
  readonly instance: Instance;
  /** Milliseconds for which the service has said that it keeps the connection; undefined when it says nothing. */
  promisedIdleTime: number | undefined;
  readonly #socket: UpstreamSocket;
  readonly #keep: KeepConnection;
  readonly #reader = new MessageReader(grammar, {
    head: (head) => this.#head(head),
    data: (bytes) => this.#turn?.answer?.body.write(bytes),
    end: (trailers) => this.#end(trailers),
  });
  readonly #source: BodySource = {
    pause: () => this.#socket.pause(),
    resume: () => this.#socket.resume(),
    cancel: () => this.#socket.destroy(),
  };
  #turn: Turn | undefined;
  #wasUsed = false;
  /** A byte has come since the request was sent. */
  #hasHeard = false;

  constructor(instance: Instance, socket: UpstreamSocket, keep: KeepConnection) {
    this.instance = instance;
    this.#socket = socket;
    this.#keep = keep;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('drain', () => this.#turn?.exchange.request.body.resume());
    socket.once('end', () => this.#ended());
    socket.on('error', (error) => this.#lost(error));
    socket.once('close', () => this.#lost());
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /**
   * Sends the request, body and all, and resolves with the status of the answer once `exchange.response` is set.
   *
   * @throws upstream_reset (StaleConnection), upstream_invalid, or what aborted the exchange
   */
  ask({ exchange, head, isChunked, pseudonym }: Question): Promise<number> {
    return new Promise((resolve, reject) => {
      const turn: Turn = { exchange, pseudonym, resolve, reject, forget: () => {}, answer: undefined, isSent: false };
      this.#turn = turn;
      this.#hasHeard = false;
      turn.forget = exchange.onAbort((reason) => this.#fail(reason));
      if (this.#turn === undefined) return; // aborted already
      writeMessage(this.#socket, head, exchange.request.body, isChunked, {
        end: () => {
          turn.isSent = true;
        },
        fail: () => this.#fail(new MeshError('client_gone')),
      });
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #head(head: ResponseHead): Framing {
    const turn = this.#turn;
    if (turn === undefined) throw new Violation('come unasked');
    if (head.status === 101) throw new Violation('switched protocols without being asked to');
    if (head.status < 200) {
      turn.exchange.inform({ status: head.status, reason: head.reason, fields: endToEnd(head.fields) });
      return responseFraming('HEAD', head);
    }
    const { method } = turn.exchange.request;
    const framing = responseFraming(method, head);
    this.promisedIdleTime = promisedIdleTime(head.fields);
    const body = new Body(this.#source);
    turn.answer = { body, mayKeep: persists(head) && framing.kind !== 'until-close' };
    const fields = responseFields(head.fields, head.version, turn.pseudonym);
    if (!mayHaveBody(method, head.status)) fields.delete('trailer');
    turn.exchange.response = { status: head.status, reason: head.reason, fields, body };
    turn.resolve(head.status);
    return framing;
  }

  #end(trailers: Fields): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    if (turn.answer === undefined)
      this.#reader.next(); // it was interim
    else this.#finish(turn, turn.answer, trailers);
  }

  #read(bytes: Buffer): void {
    if (this.#turn === undefined) return void this.#socket.destroy(); // nobody has asked
    this.#hasHeard = true;
    try {
      this.#reader.push(bytes);
    } catch (thrown) {
      if (!(thrown instanceof Violation)) throw thrown;
      this.#fail(this.#invalid(thrown));
    }
  }

  /** The service has closed its side. */
  #ended(): void {
    if (this.#turn === undefined || this.#socket.hasLostBytes || this.#reader.endOfInput() !== 'whole') this.#lost();
    this.#socket.destroy();
  }

  /** The connection broke, or came to an early end. */
  #lost(cause?: Error): void {
    if (this.#turn !== undefined) this.#fail(this.#reset(cause));
    this.#socket.destroy();
  }

  /** The connection is free again before the last of the answer is handed on: that may bring the next request. */
  #finish(turn: Turn, { body, mayKeep }: Answer, trailers: Fields): void {
    turn.forget();
    this.#turn = undefined;
    this.#wasUsed = true;
    const isClean = turn.isSent && this.#socket.writableLength === 0 && this.#reader.waiting === 0;
    if (mayKeep && isClean) {
      this.#reader.next();
      this.#socket.resume();
      this.#keep(this);
    } else this.#socket.destroy();
    if (!turn.isSent) turn.exchange.request.body.discard(); // a client that sends all before it reads would never read its answer
    body.end(trailers);
  }

  #fail(reason: MeshError): void {
    const turn = this.#turn;
    this.#socket.destroy();
    if (turn === undefined) return;
    turn.forget();
    this.#turn = undefined;
    if (turn.answer === undefined) turn.reject(reason);
    else turn.answer.body.fail();
  }

  #reset(cause?: Error): MeshError {
    const name = nameOf(this.instance);
    if (this.#wasUsed && !this.#hasHeard) {
      return new StaleConnection('upstream_reset', `${name} had closed the connection that was kept to it`);
    }
    return new MeshError('upstream_reset', `${name} closed the connection before it answered`, { cause });
  }

  #invalid({ message }: Violation): MeshError {
    return new MeshError('upstream_invalid', `${nameOf(this.instance)} answered with ${message}`);
  }
}

interface Turn {
  readonly exchange: Exchange;
  readonly pseudonym: string;
  readonly resolve: (status: number) => void;
  readonly reject: (reason: MeshError) => void;
  forget: () => void;
  /** Once its head has come. */
  answer: Answer | undefined;
  /** The whole request was written. */
  isSent: boolean;
}

interface Answer {
  readonly body: Body;
  /** Both sides want to keep the connection. */
  readonly mayKeep: boolean;
}
