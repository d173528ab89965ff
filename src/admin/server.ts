import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { PortWish } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError, messageOf } from '../foundation/errors.js';
import { bind } from '../gateway/bind.js';
import { createApp } from './app.js';
import type { Control } from './control.js';
import { bareErrorAnswer, errorAnswer } from './error-answer.js';
import { parseError } from './parse-error.js';
import { EventStreams } from './stream.js';

/** Milliseconds in which a request must be here, its body and all, and between two looks whether it is: who drips holds a place. */
const requestLimit = 10_000;
const lookPause = 1_000;

/** Milliseconds that answers under way are given when the API closes; the answer to `POST /v1/shutdown` is one. */
const closeLimit = 1_000;

export interface AdminRooms {
  readonly control: Control;
  readonly clock: Clock;
  /** What callers must show; undefined lets everyone in who reaches the socket. */
  readonly token: string | undefined;
  /** Address of this machine to listen on. */
  readonly host: string;
}

/** The admin API on its socket. */
export class AdminServer {
  readonly #rooms: AdminRooms;
  readonly #streams: EventStreams;
  #bound: { readonly server: Server; readonly address: Address } | undefined;

  constructor(rooms: AdminRooms) {
    this.#rooms = rooms;
    this.#streams = new EventStreams(rooms.control, rooms.clock);
  }

  /** @param claimed ports that the mesh file names for something else @throws port_taken, listen_failed */
  async open(wish: PortWish, claimed: ReadonlySet<number>): Promise<void> {
    const { control, token, host } = this.#rooms;
    const app = createApp({ control, token, host, streams: this.#streams, port: () => this.address.port });
    const errorHandler = (error: unknown) => errorAnswer(new MeshError('bad_request', messageOf(error)));
    const listener = getRequestListener(app.fetch, { errorHandler });
    const limits = {
      headersTimeout: requestLimit,
      requestTimeout: requestLimit,
      connectionsCheckingInterval: lookPause,
      requireHostHeader: false, // told by the handler above
    };
    const server = createServer(limits, listener);
    server.on('clientError', (error, socket) => {
      if (socket.writable) socket.end(bareErrorAnswer(parseError(error)));
    });
    this.#bound = { server, address: await bind(server, host, wish, claimed) };
  }

  /** As bound. @throws no_mesh before it is open */
  get address(): Address {
    if (this.#bound === undefined) throw new MeshError('no_mesh', 'The admin API is not open');
    return this.#bound.address;
  }

  /** Where it listens: none before it is open. */
  addresses(): readonly Address[] {
    return this.#bound === undefined ? [] : [this.#bound.address];
  }

  async close(): Promise<void> {
    if (this.#bound === undefined) return;
    const { server } = this.#bound;
    this.#streams.close();
    const closed = new Promise((resolve) => server.close(resolve));
    const cancel = this.#rooms.clock.after(closeLimit, () => server.closeAllConnections());
    server.closeIdleConnections();
    await closed;
    cancel();
  }
}
