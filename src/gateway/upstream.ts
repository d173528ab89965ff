import { Body } from '../exchange/body.js';
import type { BodySource } from '../exchange/body-source.js';
import type { AbortListener, Exchange } from '../exchange/exchange.js';
import { MeshError, toMeshError } from '../foundation/errors.js';
import type { Fields } from '../http1/fields.js';
import type { Framing } from '../http1/framing.js';
import { responseFraming } from '../http1/framing.js';
import type { Receiver } from '../http1/message-reader.js';
import { MessageReader } from '../http1/message-reader.js';
import { persists, promisedIdleTime } from '../http1/persistence.js';
import type { ResponseHead } from '../http1/response-head.js';
import { parseResponseHead } from '../http1/response-head.js';
import { Violation } from '../http1/violation.js';
import type { Instance } from '../registry/instance.js';
import { nameOf } from './connect.js';
import type { Pseudonym } from './headers.js';
import { keepEndToEnd, passResponseFields } from './headers.js';
import type { WriterEvents } from './message-writer.js';
import { writeMessage } from './message-writer.js';
import type { SocketReader, UpstreamSocket } from './upstream-socket.js';

/** Takes back a connection on which an exchange is over and another may follow. */
export type KeepConnection = (connection: UpstreamConnection) => void;

/** What is asked of an instance. */
export interface Question {
  readonly exchange: Exchange;
  /** As text of the wire. */
  readonly head: string;
  readonly isChunked: boolean;
  readonly pseudonym: Pseudonym;
}

/** A kept connection turned out to be closed before a byte of the answer came: that says nothing about the request. */
export class StaleConnection extends MeshError {}

const grammar = {
  parse: parseResponseHead,
  maxBytes: 64 * 1024, // more than of a request: services set many cookies and long policies
  mayBeginEmpty: false,
};

/** One connection to an instance, for one exchange at a time. */
export class UpstreamConnection implements SocketReader, Receiver<ResponseHead>, WriterEvents {
  readonly instance: Instance;
  /** Milliseconds for which the service has said that it keeps the connection; undefined when it says nothing. */
  promisedIdleTime: number | undefined;
  readonly #socket: UpstreamSocket;
  readonly #keep: KeepConnection;
  readonly #reader = new MessageReader(grammar, this);
  readonly #source: BodySource = {
    pause: () => this.#socket.pause(),
    resume: () => this.#socket.resume(),
    cancel: () => this.#socket.destroy(),
  };
  readonly #giveUp: AbortListener = (reason) => this.#fail(reason);
  #pending: Pending | undefined;
  #wasUsed = false;
  /** A byte has come since the request was sent. */
  #hasHeard = false;

  constructor(instance: Instance, socket: UpstreamSocket, keep: KeepConnection) {
    this.instance = instance;
    this.#socket = socket;
    this.#keep = keep;
    socket.readBy(this);
    socket.on('drain', () => this.#pending?.exchange.request.body.resume());
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
      this.#pending = { exchange, pseudonym, resolve, reject, answer: undefined, isSent: false };
      this.#hasHeard = false;
      exchange.onAttemptAbort(this.#giveUp);
      if (this.#pending === undefined) return; // aborted already
      writeMessage(this.#socket, head, exchange.request.body, isChunked, this);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // The request.

  written(): void {
    if (this.#pending !== undefined) this.#pending.isSent = true;
  }

  brokenOff(): void {
    this.#fail(new MeshError('client_gone'));
  }

  // The answer.

  head(head: ResponseHead): Framing {
    const pending = this.#pending;
    if (pending === undefined) throw new Violation('more than was asked for');
    if (head.status === 101) throw new Violation('a change to another protocol, which nobody has asked for');
    const framing = responseFraming(pending.exchange.request.method, head);
    const { status, reason, fields } = head;
    if (status < 200) {
      keepEndToEnd(fields);
      fields.delete('content-length'); // RFC 9110 §8.6: a client that believes it takes the answer for its body
      pending.exchange.inform({ status, reason, fields });
      return framing;
    }
    this.promisedIdleTime = promisedIdleTime(fields);
    const body = new Body(this.#source);
    pending.answer = { body, mayKeep: persists(head) && framing.kind !== 'until-close' };
    passResponseFields(fields, head.version, pending.pseudonym);
    pending.exchange.response = { status, reason, fields, body };
    pending.resolve(status);
    return framing;
  }

  data(bytes: Buffer): void {
    this.#pending?.answer?.body.write(bytes);
  }

  end(trailers: Fields): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (pending.answer === undefined)
      this.#reader.next(); // it was interim
    else this.#finish(pending, pending.answer, trailers);
  }

  get isWithinBody(): boolean {
    return this.#pending?.answer !== undefined;
  }

  read(bytes: Buffer): boolean {
    const pending = this.#pending;
    if (pending === undefined) {
      this.#socket.destroy(); // nobody has asked
      return true;
    }
    this.#hasHeard = true;
    try {
      this.#reader.push(bytes);
    } catch (thrown) {
      this.#fail(thrown instanceof Violation ? this.#invalid(thrown) : toMeshError(thrown));
    }
    return this.#reader.waiting === 0 && pending.answer?.body.holdsNothing === true;
  }

  /** The service has closed its side. */
  #ended(): void {
    if (this.#pending === undefined || this.#socket.hasLostBytes || this.#reader.endOfInput() !== 'whole') this.#lost();
    this.#socket.destroy();
  }

  /** The connection broke, or came to an early end. */
  #lost(cause?: Error): void {
    if (this.#pending !== undefined) this.#fail(this.#reset(cause));
    this.#socket.destroy();
  }

  /** The connection is free again before the last of the answer is handed on: that may bring the next request. */
  #finish(pending: Pending, { body, mayKeep }: Answer, trailers: Fields): void {
    pending.exchange.offAttemptAbort(this.#giveUp);
    this.#pending = undefined;
    this.#wasUsed = true;
    const { writableLength, hasLostBytes } = this.#socket;
    const isClean = pending.isSent && writableLength === 0 && !hasLostBytes && this.#reader.waiting === 0;
    if (mayKeep && isClean) {
      this.#reader.next();
      this.#socket.resume();
      this.#keep(this);
    } else this.#socket.destroy();
    if (!pending.isSent) pending.exchange.request.body.discard(); // a client that sends all before it reads would never read its answer
    body.end(trailers);
  }

  #fail(reason: MeshError): void {
    const pending = this.#pending;
    this.#socket.destroy();
    if (pending === undefined) return;
    pending.exchange.offAttemptAbort(this.#giveUp);
    this.#pending = undefined;
    if (pending.answer === undefined) pending.reject(reason);
    else pending.answer.body.fail();
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

/** The request in hand. */
interface Pending {
  readonly exchange: Exchange;
  readonly pseudonym: Pseudonym;
  readonly resolve: (status: number) => void;
  readonly reject: (reason: MeshError) => void;
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
