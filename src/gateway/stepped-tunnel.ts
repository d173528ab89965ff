import { Duplex } from 'node:stream';
import type { BodySink } from '../exchange/body-sink.js';
import { Steps } from '../exchange/body-step.js';
import type { UpgradeRequest } from '../exchange/exchange.js';
import { Fields } from '../http1/fields.js';

/**
 * The service's side of a tunnel, with steps on the way of the bytes in both directions. It stands in the place of the
 * service's socket: http-proxy pipes it to the client's.
 */
export class SteppedTunnel extends Duplex {
  readonly #upstream: Duplex;
  readonly #up: Steps;
  readonly #down: Steps;
  #written: (() => void) | undefined;
  #ended: (() => void) | undefined;

  /** @param early what the service has sent behind its head */
  constructor(upstream: Duplex, { up, down }: UpgradeRequest['steps'], early: Buffer) {
    super({ allowHalfOpen: true });
    const cancel = () => this.destroy();
    const passed = () => {};
    this.#upstream = upstream;
    this.#up = new Steps(up, this.#toUpstream(), { more: () => this.#goOn(), cancel, passed });
    this.#down = new Steps(down, this.#toReader(), { more: () => upstream.resume(), cancel, passed });
    upstream.on('drain', () => this.#up.resume());
    upstream.on('data', (bytes: Buffer) => this.#take(bytes));
    upstream.once('end', () => this.#down.end(noTrailers));
    upstream.on('error', () => {}); // `close` follows
    upstream.once('close', () => {
      if (!upstream.readableEnded) this.destroy(); // else what it has said is still on its way
    });
    if (early.length > 0) this.#take(early);
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#up.write(bytes)) done();
    else this.#written = done;
  }

  override _final(done: () => void): void {
    this.#ended = done;
    this.#up.end(noTrailers);
  }

  override _read(): void {
    this.#down.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#up.stop();
    this.#down.stop();
    this.#upstream.destroy();
    done(error);
  }

  // What http-proxy asks of a socket; the real one is as it should be.

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  #take(bytes: Buffer): void {
    if (!this.#down.write(bytes)) this.#upstream.pause();
  }

  #goOn(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  #toUpstream(): BodySink {
    return {
      write: (bytes) => this.#upstream.write(bytes),
      holdsNothing: false, // it may keep it
      end: () => {
        this.#upstream.end();
        this.#ended?.();
      },
      fail: () => void this.destroy(),
    };
  }

  #toReader(): BodySink {
    return {
      write: (bytes) => this.push(bytes),
      holdsNothing: false, // who reads it may keep it
      end: () => void this.push(null),
      fail: () => void this.destroy(),
    };
  }
}

const noTrailers = new Fields();
