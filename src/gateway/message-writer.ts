import type { Socket } from 'node:net';
import type { Body } from '../exchange/body.js';
import { highWater } from '../exchange/body.js';
import type { BodySink } from '../exchange/body-sink.js';
import type { Fields } from '../http1/fields.js';
import { chunkEnd, chunkStart, lastChunk } from '../http1/wire.js';
import { sendInBurst } from './burst.js';
import { trailerFields } from './headers.js';

export interface WriterEvents {
  /** All was written; the system may not have taken all of it yet. */
  written(): void;
  /** The body has broken off. */
  brokenOff(): void;
}

/** Bytes of a body that is copied behind its head, so that both are one write: one system call instead of two. */
const smallBody = 16 * 1024;

/**
 * Writes a message: its head, then its body as it comes. The owner of the socket calls `body.resume()` on its `drain`.
 *
 * @param head as text of the wire, framing included
 * @param isChunked whether that framing is `chunked`; else the bytes go as they are
 */
export function writeMessage(socket: Socket, head: string, body: Body, isChunked: boolean, events: WriterEvents): void {
  const whole = body.takeWhole(smallBody);
  if (whole !== undefined) {
    const text = whole.toString('latin1');
    sendInBurst(socket, head + (isChunked ? chunkedText(text) : text), events);
    return;
  }
  socket.cork(); // with what is there of the body already
  socket.write(head, 'latin1');
  body.pipe(isChunked ? new ChunkedSink(socket, events) : new PlainSink(socket, events));
  socket.uncork();
}

/** Calls back once the system has taken all that was written; not when the socket is closed before. */
export function whenFlushed(socket: Socket, act: () => void): void {
  if (socket.destroyed) return;
  if (socket.writableLength === 0) return void act();
  socket.write('', 'latin1', (error) => {
    if (!error) act();
  });
}

class PlainSink implements BodySink {
  protected readonly socket: Socket;
  readonly #events: WriterEvents;

  constructor(socket: Socket, events: WriterEvents) {
    this.socket = socket;
    this.#events = events;
  }

  write(bytes: Buffer): boolean {
    this.socket.write(bytes);
    return takesMore(this.socket);
  }

  get holdsNothing(): boolean {
    return this.socket.writableLength === 0;
  }

  end(_trailers: Fields): void {
    this.#events.written();
  }

  fail(): void {
    this.#events.brokenOff();
  }
}

class ChunkedSink extends PlainSink {
  override write(bytes: Buffer): boolean {
    this.socket.cork();
    this.socket.write(chunkStart(bytes.length), 'latin1');
    this.socket.write(bytes);
    this.socket.write(chunkEnd, 'latin1');
    this.socket.uncork();
    return takesMore(this.socket);
  }

  override end(trailers: Fields): void {
    this.socket.write(lastChunk(trailerFields(trailers)), 'latin1');
    super.end(trailers);
  }
}

/** Not what `write` returns: that is false for each large chunk, even when the system has taken it at once. */
function takesMore(socket: Socket): boolean {
  return socket.writableLength < highWater;
}

function chunkedText(text: string): string {
  const end = '0\r\n\r\n';
  return text === '' ? end : chunkStart(text.length) + text + chunkEnd + end;
}
