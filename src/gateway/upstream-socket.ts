import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { Socket } from 'node:net';

/** Takes what a socket has read. */
export interface SocketReader {
  /**
   * @param bytes in a place that is read into again
   * @returns whether nobody holds them any more
   */
  read(bytes: Buffer): boolean;
  /** More of a body is to come. */
  readonly isWithinBody: boolean;
}

/** Bytes that one read may bring: what Node itself asks the system for. */
const place = 64 * 1024;

/** Bytes from which on a read is taken for one of many. */
const large = 16 * 1024;

/** What all sockets read into that are not within a large body: nothing is left in it when the next of them is read. */
const shared = Buffer.allocUnsafeSlow(place);

/**
 * A connection to an instance.
 *
 * It reads into memory that is used again. Node would take 64 KiB of new memory for each read, and give back what the read did not fill: that is
 * a third of the time of a small answer, and most of a large one, where every page is new to the process. Small reads are
 * copied out of a place that all connections share; a large body gets one of its own, and keeps it as long as the client
 * takes the bytes at once.
 *
 * A service may answer an upload early and close. Node destroys a socket whose write fails, and with it the answer that lies
 * in the system's buffer, unread. Here, reading goes on: it finds the answer, if there is one.
 */
export class UpstreamSocket extends Socket {
  /** Not all that was written has arrived: behind that, the system shows even a reset as an orderly end. */
  hasLostBytes = false;
  readonly #reading: Reading;
  /** Of the write under way: there is one at a time. */
  #done: (error?: Error | null) => void = () => {};

  constructor() {
    const reading = new Reading();
    super(optionsOf(reading));
    this.#reading = reading;
  }

  readBy(reader: SocketReader): void {
    this.#reading.reader = reader;
  }

  override _write(bytes: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#done = done;
    super._write(bytes, encoding, this.#written);
  }

  override _writev(
    chunks: Array<{ chunk: Buffer; encoding: BufferEncoding }>,
    done: (error?: Error | null) => void,
  ): void {
    this.#done = done;
    super._writev?.(chunks, this.#written);
  }

  readonly #written = (error?: Error | null): void => {
    if (error) this.hasLostBytes = true;
    this.#done();
  };
}

/** Where a socket's next read goes. */
class Reading {
  reader: SocketReader | undefined;
  place: Buffer = shared;

  took(length: number, bytes: Uint8Array): boolean {
    const isOwn = bytes !== shared;
    const read = isOwn ? this.place.subarray(0, length) : Buffer.from(shared.subarray(0, length));
    const isFree = this.reader?.read(read) ?? true;
    if (length < large || this.reader?.isWithinBody !== true) this.place = shared;
    else if (!isOwn || !isFree) this.place = Buffer.allocUnsafeSlow(place);
    return true;
  }
}

/** `onread` is an option of the constructor too, which its type does not know. */
function optionsOf(reading: Reading): SocketConstructorOpts & ConnectOpts {
  return {
    allowHalfOpen: true,
    onread: { buffer: () => reading.place, callback: (length, bytes) => reading.took(length, bytes) },
  };
}
