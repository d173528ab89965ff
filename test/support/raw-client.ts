import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Address } from '../../src/foundation/address.js';

/** A client that speaks bytes (latin1 text), for what no HTTP client would send and for what none would show. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  received = '';
  /** How the connection ended: an orderly end, or a reset. */
  readonly closed: Promise<'end' | 'reset'>;

  private constructor(socket: Socket) {
    this.socket = socket;
    let how: 'end' | 'reset' = 'end';
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
    });
    socket.on('error', () => {
      how = 'reset';
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(how)));
  }

  static async connect({ host, port }: Address): Promise<RawClient> {
    const socket = connect({ host, port, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Sends no more, and goes on listening. */
  halfClose(): void {
    this.socket.end();
  }

  /** Resolves with all that was received when the pattern is in it; rejects when the connection ends without. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!pattern.test(this.received)) return;
        this.socket.off('data', look);
        resolve(this.received);
      };
      this.socket.on('data', look);
      look();
      this.closed.then(() =>
        reject(new Error(`closed without ${pattern}: ${JSON.stringify(this.received.slice(0, 2_000))}`)),
      );
    });
  }

  /** Resolves with all that was received when the server has ended its side. */
  async untilEnd(): Promise<string> {
    if (!this.socket.readableEnded && !this.socket.destroyed)
      await Promise.race([once(this.socket, 'end').catch(() => {}), this.closed]);
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends the text, and resolves with all that comes until the server ends the connection. */
export async function exchangeBytes(address: Address, text: string): Promise<string> {
  using client = await RawClient.connect(address);
  client.send(text);
  return await client.untilEnd();
}
