import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { PortWish } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { bind } from '../gateway/bind.js';
import { createApp } from './app.js';
import type { Control } from './control.js';
import { EventStreams } from './stream.js';

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

  /** @throws port_taken, listen_failed */
  async open(wish: PortWish): Promise<void> {
    const { control, token, host } = this.#rooms;
    const app = createApp({ control, token, host, streams: this.#streams, port: () => this.address.port });
    // http.createServer is what createAdaptorServer makes unless it is told to speak HTTP/2.
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    this.#bound = { server, address: await bind(server, host, wish) };
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
