import { ChunkedDecoder } from './chunked.js';
import { checkLines } from './field-lines.js';
import { Fields } from './fields.js';
import type { Framing } from './framing.js';
import { Violation } from './violation.js';

/** What becomes of the messages of a connection. */
export interface Receiver<Head> {
  /** A head has come. The answer says what follows it. */
  head(head: Head): Framing;
  /** Bytes of its body, without chunks. */
  data(bytes: Buffer): void;
  /** The message is whole. */
  end(trailers: Fields): void;
}

export interface HeadGrammar<Head> {
  /** @param text the lines of the head @throws Violation */
  readonly parse: (text: string) => Head;
  /** Bytes; a longer head is refused. */
  readonly maxBytes: number;
  /** Empty lines in front of a message are passed over (RFC 9112 §2.2, of requests alone). */
  readonly mayBeginEmpty: boolean;
}

/** Bytes in which the end of a head is looked for in text, which takes half of what it takes in bytes. Most end there. */
const usualHead = 1024;

/** What came of a connection that has ended. */
export type EndOfInput = 'between-messages' | 'whole' | 'broken-off';

/**
 * Cuts the bytes of one direction of a connection into messages (RFC 9112), in whatever pieces they arrive. It reads one
 * message and stops behind it: what follows is not looked at until `next`, for it may turn out to be no message at all.
 */
export class MessageReader<Head> {
  readonly #grammar: HeadGrammar<Head>;
  readonly #receiver: Receiver<Head>;
  #state: State = { expects: 'head' };
  /** Not read yet. */
  #rest: Buffer = nothing;
  #isReading = false;

  constructor(grammar: HeadGrammar<Head>, receiver: Receiver<Head>) {
    this.#grammar = grammar;
    this.#receiver = receiver;
  }

  /** Has a message begun that has not ended? */
  get isWithinMessage(): boolean {
    return this.#state.expects === 'body' || (this.#state.expects === 'head' && this.#rest.length > 0);
  }

  /** Bytes that came and wait for `next`. */
  get waiting(): number {
    return this.#rest.length;
  }

  /** @throws Violation; then nothing more may be read */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#read();
  }

  /** Goes on behind the message that has ended. @throws Violation */
  next(): void {
    this.#state = { expects: 'head' };
    this.#read();
  }

  /** No more is read as messages: gives back what was not. */
  takeRest(): Buffer {
    const rest = this.#rest;
    this.#rest = nothing;
    this.#state = stopped;
    return rest;
  }

  /** The connection has ended, in order. A body that ends with it ends now. */
  endOfInput(): EndOfInput {
    const { expects } = this.#state;
    if (expects === 'next') return 'between-messages';
    if (expects === 'head') return this.#rest.length === 0 ? 'between-messages' : 'broken-off';
    if (this.#state.body.kind !== 'until-close') return 'broken-off';
    this.#end(noTrailers);
    return 'whole';
  }

  #read(): void {
    if (this.#isReading) return; // asked for from within: the loop below goes on
    this.#isReading = true;
    while (this.#rest.length > 0 && this.#state.expects !== 'next') {
      if (this.#state.expects === 'body') this.#readBody(this.#state.body);
      else if (!this.#readHead()) break;
    }
    this.#isReading = false;
  }

  /** @returns whether the head was whole */
  #readHead(): boolean {
    if (this.#grammar.mayBeginEmpty) this.#skipEmptyLines();
    const start = this.#rest.toString('latin1', 0, usualHead);
    const endInStart = start.indexOf('\r\n\r\n');
    const end = endInStart < 0 ? this.#rest.indexOf('\r\n\r\n', 0, 'latin1') : endInStart;
    const length = end < 0 ? this.#rest.length : end + 4;
    if (length > this.#grammar.maxBytes) throw this.#tooLarge();
    if (end < 0) {
      this.#suspect();
      return false;
    }
    const text = endInStart < 0 ? this.#rest.toString('latin1', 0, end + 2) : start.slice(0, end + 2);
    const head = this.#grammar.parse(text);
    this.#rest = behind(this.#rest, length);
    this.#state = stopped; // unless the receiver knows better
    const framing = this.#receiver.head(head);
    if (framing.kind === 'none') this.#end(noTrailers);
    else this.#state = { expects: 'body', body: bodyOf(framing) };
    return true;
  }

  #readBody(body: BodyState): void {
    const bytes = this.#rest;
    this.#rest = nothing; // what is handed on is gone, whatever the receiver does
    switch (body.kind) {
      case 'length': {
        const data = bytes.length <= body.missing ? bytes : bytes.subarray(0, body.missing);
        this.#rest = behind(bytes, data.length);
        body.missing -= data.length;
        this.#receiver.data(data);
        if (body.missing === 0) this.#end(noTrailers);
        break;
      }
      case 'chunked': {
        const end = body.decoder.decode(bytes, (data) => this.#receiver.data(data));
        this.#rest = behind(bytes, end);
        if (body.decoder.isDone) this.#end(body.decoder.trailers);
        break;
      }
      case 'until-close':
        this.#receiver.data(bytes);
    }
  }

  #end(trailers: Fields): void {
    this.#state = stopped;
    this.#receiver.end(trailers);
  }

  #skipEmptyLines(): void {
    let at = 0;
    while (this.#rest[at] === 0x0d && this.#rest[at + 1] === 0x0a) at += 2;
    if (at > 0) this.#rest = this.#rest.subarray(at);
  }

  /** Whoever speaks something else may never end its head, and would be waited for: told by what no head has. */
  #suspect(): void {
    const text = this.#rest.toString('latin1');
    checkLines(text.endsWith('\r') ? `${text}\n` : text);
    const firstLine = text.indexOf('\r\n');
    if (firstLine >= 0) this.#grammar.parse(text.slice(0, firstLine + 2)); // a head, as far as it goes
  }

  #tooLarge(): Violation {
    const { maxBytes } = this.#grammar;
    const hasFirstLine = this.#rest.subarray(0, maxBytes).includes('\r\n');
    if (hasFirstLine) return new Violation(`a head of more than ${maxBytes} bytes`, 'head-too-large');
    return new Violation(`a first line of more than ${maxBytes} bytes`, 'target-too-long');
  }
}

type State =
  | { readonly expects: 'head' }
  | { readonly expects: 'body'; readonly body: BodyState }
  /** Behind a message, until `next`. */
  | { readonly expects: 'next' };

type BodyState =
  | { readonly kind: 'length'; missing: number }
  | { readonly kind: 'chunked'; readonly decoder: ChunkedDecoder }
  | { readonly kind: 'until-close' };

const stopped: State = { expects: 'next' };
const nothing = Buffer.alloc(0);
const noTrailers = new Fields();

/** Nearly always nothing, for which no new view of the memory is made. */
function behind(bytes: Buffer, end: number): Buffer {
  return end === bytes.length ? nothing : bytes.subarray(end);
}

function bodyOf(framing: Exclude<Framing, { kind: 'none' }>): BodyState {
  switch (framing.kind) {
    case 'length':
      return { kind: 'length', missing: framing.length };
    case 'chunked':
      return { kind: 'chunked', decoder: new ChunkedDecoder() };
    case 'until-close':
      return framing;
  }
}
