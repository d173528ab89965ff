import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PortWish } from '../config/snapshot.js';
import type { Arrival } from '../exchange/exchange.js';
import type { Address } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { headLimits } from '../http1/vet.js';
import { bind } from './bind.js';
import type { Door, Handle } from './downstream.js';
import { ClientConnection } from './downstream.js';
import { protocolsAsked } from './head.js';
import { parseError } from './parse-error.js';

/** Times are milliseconds. */
const limits = {
  headersTimeout: 10_000,
  connectionsCheckingInterval: 1_000, // how exactly the line above is kept
  keepAliveTimeout: 60_000,
  requestTimeout: 0, // a long upload is no attack on a laptop; the head has its own limit
  maxHeaderSize: headLimits.bytes,
  requireHostHeader: false, // `vet` asks for it, with an answer of ours
  insecureHTTPParser: false,
};

/** Milliseconds that requests under way are given when a port is closed. */
const drainLimit = 10_000;

export interface ListenerRooms {
  readonly clock: Clock;
  readonly handle: Handle;
}

/** One listening socket, and what is known of those who call on it. */
export class Listener implements Door {
  /** As bound. */
  readonly address: Address;
  readonly clock: Clock;
  readonly handle: Handle;
  /** A reload may give the port to another service. */
  arrival: Arrival;
  readonly #server: Server;
  readonly #connections = new Map<Duplex, ClientConnection>();

  /** @param claimed ports that the mesh file names for something else @throws port_taken, listen_failed */
  static async open(
    host: string,
    wish: PortWish,
    claimed: ReadonlySet<number>,
    arrival: Arrival,
    rooms: ListenerRooms,
  ): Promise<Listener> {
    const server = createServer({ ...limits, IncomingMessage: Incoming });
    return new Listener(server, await bind(server, host, wish, claimed), arrival, rooms);
  }

  private constructor(server: Server, address: Address, arrival: Arrival, rooms: ListenerRooms) {
    this.#server = server;
    this.clock = rooms.clock;
    this.handle = rooms.handle;
    this.arrival = arrival;
    this.address = address;
    this.#accept(server);
  }

  /** Accepts no more, lets requests under way finish (for 10 s at most), then ends what is left: tunnels, and who did not finish. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const connections = [...this.#connections.values()];
    const drained = Promise.all(connections.map((each) => each.drain()));
    await within(this.clock, drainLimit, drained);
    for (const connection of this.#connections.values()) connection.destroy();
    await closed;
  }

  #accept(server: Server): void {
    const connectionOf = (socket: Duplex) => this.#connections.get(socket);
    server.maxHeadersCount = 0; // a limit of Node's would hide fields (CVE-2026-58044); `vet` counts
    Object.assign(server, { httpAllowHalfOpen: true }); // a client that has no more to ask still gets its answer
    server.on('connection', (socket) => {
      const connection = new ClientConnection(socket, this);
      this.#connections.set(socket, connection);
      socket.once('close', () => this.#connections.delete(socket));
    });
    for (const event of ['request', 'checkContinue', 'checkExpectation'])
      server.on(event, (message, response) => connectionOf(message.socket)?.request(message, response));
    server.on('upgrade', (message, socket, head) => connectionOf(socket)?.upgrade(message, head));
    server.on('connect', (message, socket) => connectionOf(socket)?.connect(message));
    server.on('clientError', (error, socket) => connectionOf(socket)?.broken(parseError(error)));
  }
}

/**
 * A request that asks for h2c alone is an ordinary request (RFC 9110 §7.8 lets a server ignore it): Java's client asks so by
 * default, with a body too. It is never passed on: a service that took it would speak past all that is decided here.
 */
class Incoming extends IncomingMessage {
  asksUpgrade: unknown;

  get upgrade(): boolean {
    return this.asksUpgrade === true && (this.method === 'CONNECT' || protocolsAsked(this.rawHeaders).length > 0);
  }

  /** Set by Node's parser, and once more when nobody listens for upgrades. */
  set upgrade(asks: unknown) {
    this.asksUpgrade = asks;
  }
}

function within(clock: Clock, limit: number, work: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const cancel = clock.after(limit, () => resolve(undefined));
    work.finally(() => {
      cancel();
      resolve(undefined);
    });
  });
}
