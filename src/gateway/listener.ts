import { once } from 'node:events';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import type { PortWish } from '../config/snapshot.js';
import type { Arrival } from '../exchange/exchange.js';
import type { Handler } from '../exchange/layer.js';
import type { Address } from '../foundation/address.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { bind } from './bind.js';
import type { Door, OnTurnedAway } from './downstream.js';
import { ClientConnection } from './downstream.js';
import type { Intake } from './intake.js';

/** Milliseconds that requests under way are given when a port is closed. */
const drainLimit = 10_000;

/** Milliseconds between two looks for clients that take too long: so exactly are their limits kept, and no request pays for a timer. */
const lookEvery = 1_000;

export interface ListenerRooms {
  readonly clock: Clock;
  readonly handle: Handler;
  /** Bytes that the body of a request may have, just now. */
  readonly maxRequestBytes: () => number;
  /** Left out: nobody asks. */
  readonly onTurnedAway: OnTurnedAway;
  /** Shared by all listeners of a gateway, as is the next. */
  readonly capacity: Capacity;
  readonly intake: Intake;
}

/** How many connections there are, and may be. */
export interface Capacity {
  used: number;
  readonly limit: () => number;
}

/** One listening socket, and what is known of those who call on it. */
export class Listener implements Door {
  /** As bound. */
  readonly address: Address;
  readonly handle: Handler;
  readonly onTurnedAway: OnTurnedAway;
  /** A reload may give the port to another service. */
  arrival: Arrival;
  readonly #rooms: ListenerRooms;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  #cancelLook: Cancel | undefined;

  /** @param claimed ports that the mesh file names for something else @throws port_taken, listen_failed */
  static async open(
    host: string,
    wish: PortWish,
    claimed: ReadonlySet<number>,
    arrival: Arrival,
    rooms: ListenerRooms,
  ): Promise<Listener> {
    // Half open: a client that has no more to ask still gets its answer.
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new Listener(server, await bind(server, host, wish, claimed), arrival, rooms);
  }

  private constructor(server: Server, address: Address, arrival: Arrival, rooms: ListenerRooms) {
    this.#server = server;
    this.#rooms = rooms;
    this.handle = rooms.handle;
    this.onTurnedAway = rooms.onTurnedAway;
    this.arrival = arrival;
    this.address = address;
    this.#accept(server);
  }

  get clock(): Clock {
    return this.#rooms.clock;
  }

  get maxRequestBytes(): number {
    return this.#rooms.maxRequestBytes();
  }

  /** Accepts no more, lets requests under way finish (for 10 s at most), then ends what is left: tunnels, and who did not finish. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const drained = Promise.all([...this.#connections].map((each) => each.drain()));
    await within(this.clock, drainLimit, drained);
    for (const connection of this.#connections) connection.destroy();
    await closed;
    this.#cancelLook?.();
  }

  #accept(server: Server): void {
    const { capacity, intake } = this.#rooms;
    server.on('connection', (socket) => {
      const connection = new ClientConnection(socket, this);
      this.#connections.add(connection);
      capacity.used++;
      intake.arrived();
      socket.once('close', () => {
        this.#connections.delete(connection);
        capacity.used--;
      });
      this.#cancelLook ??= this.clock.after(lookEvery, () => this.#look());
      const limit = capacity.limit();
      if (capacity.used > limit) {
        connection.turnAway(new MeshError('too_many_connections', `The gateway has ${limit} connections already`));
      }
    });
  }

  #look(): void {
    const now = this.clock.monotonic();
    for (const connection of this.#connections) connection.look(now);
    this.#cancelLook = this.#connections.size === 0 ? undefined : this.clock.after(lookEvery, () => this.#look());
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
