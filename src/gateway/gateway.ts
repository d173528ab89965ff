import { isDeepStrictEqual } from 'node:util';
import type { SplitConfig } from '../config/policy-configs.js';
import type { Shape } from '../config/shaping-configs.js';
import type { PortWish, Snapshot } from '../config/snapshot.js';
import type { Arrival } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import type { Address } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import type { Registry } from '../registry/registry.js';
import type { OnCircuit } from './circuits.js';
import type { OnTurnedAway } from './downstream.js';
import { pseudonymOf } from './headers.js';
import type { WhenServed } from './hold.js';
import { Intake } from './intake.js';
import type { Capacity } from './listener.js';
import { Listener } from './listener.js';
import { Routes } from './match.js';
import { Memories } from './memories.js';
import { pipeline } from './pipeline.js';
import { Pool } from './pool.js';
import type { MemoryRooms, ServiceMemory } from './service-memory.js';
import { Upgrades } from './upgrade.js';
import { makeAllYoung } from './young.js';

export interface GatewayRooms {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly snapshot: Snapshot;
  readonly whenServed: WhenServed;
  /** Layers that see every exchange, outermost first. */
  readonly observers: readonly Layer[];
  /** Layers that see every copy that a mirror is sent. */
  readonly copyObservers: readonly Layer[];
  readonly onTurnedAway: OnTurnedAway;
  /** A circuit breaker has changed its state. */
  readonly onCircuit: OnCircuit;
  readonly onPanic: MemoryRooms['onPanic'];
}

/** The reverse proxy in front of all services: its ports, and the snapshot by which it carries what comes in. */
export class Gateway {
  readonly #rooms: GatewayRooms;
  readonly #pool: Pool;
  readonly #upgrades = new Upgrades();
  readonly #capacity: Capacity = { used: 0, limit: () => this.#plan.snapshot.gateway.maxConnections };
  readonly #intake: Intake;
  readonly #memories: Memories;
  readonly #doors = new Map<string, Promise<Listener>>();
  readonly #openDoors: Listener[] = [];
  /** Ports that were given up and still finish what they have. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #unsubscribe: () => void;
  /** By the snapshot that is in force when it begins. */
  readonly #handle: Handler = (exchange) => this.#plan.handle(exchange);
  #plan: Plan;
  #ports: readonly BoundPort[] = [];
  #closed: Promise<void> | undefined;

  constructor(rooms: GatewayRooms) {
    this.#rooms = rooms;
    this.#pool = new Pool(rooms.clock);
    this.#intake = new Intake(rooms.clock);
    this.#memories = new Memories(rooms.snapshot, rooms);
    this.#plan = this.#compile(rooms.snapshot);
    this.#unsubscribe = rooms.registry.on((event) => {
      if (event.type === 'instance-removed') this.#pool.drop(event.instance);
      this.#memories.follow(event);
    });
  }

  /** Opens the front door and the services' own ports. @throws port_taken, listen_failed */
  open(): Promise<void> {
    makeAllYoung();
    return this.apply(this.#plan.snapshot);
  }

  /** The front door as bound. @throws no_mesh before it is open */
  get address(): Address {
    const front = this.#find(({ kind }) => kind === 'front');
    if (front === undefined) throw new MeshError('no_mesh', 'The gateway is not open');
    return front.address;
  }

  /** Where people call a service: `http://orders.localhost:8080`. undefined for a worker, an unknown service, and before the gateway is open. */
  url(service: string): string | undefined {
    const { routes, snapshot } = this.#plan;
    const front = this.#find(({ kind }) => kind === 'front');
    if (front === undefined || !routes.isCallable(service)) return undefined;
    const { port } = front.address;
    const suffix = port === 80 ? '' : `:${port}`;
    return `http://${service}.${snapshot.gateway.domain}${suffix}`;
  }

  /** The service's own port, where it has one. */
  listenAddress(service: string): Address | undefined {
    return this.#find((arrival) => arrival.kind === 'service' && arrival.service === service)?.address;
  }

  /** The door by which `caller` calls `service` (DESIGN §6.4): the same for the same pair, for the gateway's life. @throws listen_failed */
  async door(caller: string, service: string): Promise<Address> {
    const pair = `${caller} ${service}`;
    const door = this.#doors.get(pair) ?? this.#openDoor(caller, service);
    this.#doors.set(pair, door);
    door.catch(() => this.#doors.delete(pair));
    return (await door).address;
  }

  /** What is known of how requests to the service are dealt out and what came of them. */
  memoryOf(service: string): ServiceMemory {
    return this.#memories.of(service);
  }

  /** Deals requests to the service out otherwise than the mesh file says; undefined gives way to it again. */
  splitBy(service: string, split: SplitConfig | undefined): void {
    this.#memories.splitBy(service, split);
    this.#plan = this.#compile(this.#plan.snapshot);
  }

  /** Shapes the traffic to the service otherwise than the mesh file says; undefined gives way to it again. */
  shapeBy(service: string, shape: Shape | undefined): void {
    this.#memories.shapeBy(service, shape);
    this.#plan = this.#compile(this.#plan.snapshot);
  }

  /** Of the chance in faults. */
  get seed(): number {
    return this.#memories.seed;
  }

  /** Every address on which it accepts. */
  ownAddresses(): readonly Address[] {
    const listeners = this.#ports.map(({ listener }) => listener);
    return [...listeners, ...this.#openDoors].map(({ address }) => address);
  }

  /**
   * Puts a snapshot in force, at once and as a whole: requests under way keep the old one; ports are opened before, and
   * those no longer wanted are closed behind it. When a port cannot be had, it rejects and nothing has changed.
   *
   * @throws port_taken, listen_failed
   */
  async apply(snapshot: Snapshot): Promise<void> {
    const opened: Listener[] = [];
    const ports: BoundPort[] = [];
    const standing = new Set(this.#ports); // each serves one wish
    try {
      for (const wish of wishesOf(snapshot)) {
        const found = [...standing].find((port) => serves(port, wish, snapshot.claimedPorts));
        if (found !== undefined) standing.delete(found);
        const listener = found?.listener ?? (await this.#listen(wish, snapshot.claimedPorts));
        if (found === undefined) opened.push(listener);
        ports.push({ ...wish, listener });
      }
      this.#refuseWhenClosed();
    } catch (failure) {
      await Promise.all(opened.map((listener) => listener.close()));
      throw failure;
    }
    for (const { listener, arrival } of ports) listener.arrival = arrival;
    this.#ports = ports;
    this.#memories.configure(snapshot);
    this.#plan = this.#compile(snapshot);
    for (const { listener } of standing) this.#retire(listener);
  }

  /** Refuses new connections, lets requests under way finish for a while, then ends what is left. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#memories.letGo();
    await Promise.allSettled(this.#doors.values());
    const listeners = this.#ports.map(({ listener }) => listener);
    await Promise.all([...this.#leaving, ...[...listeners, ...this.#openDoors].map((each) => each.close())]);
    this.#unsubscribe();
    this.#upgrades.close();
    this.#pool.close();
    this.#memories.close();
  }

  #compile(snapshot: Snapshot): Plan {
    const { registry, clock, random, whenServed, observers, copyObservers } = this.#rooms;
    const routes = new Routes(snapshot, registry, (name) => this.url(name));
    const handle = pipeline(snapshot, {
      registry,
      whenServed,
      closing: this.#closing.signal,
      observers,
      copyObservers,
      routes,
      carriers: {
        clock,
        pool: this.#pool,
        upgrades: this.#upgrades,
        pseudonym: pseudonymOf(snapshot.name),
      },
      random,
      memoryOf: this.#memories.of,
    });
    return { snapshot, routes, handle };
  }

  #listen({ wish, arrival }: WishedPort, claimed: ReadonlySet<number>): Promise<Listener> {
    this.#refuseWhenClosed();
    // A door is for programs of this machine alone. The host of the others is that of the start.
    const host = arrival.kind === 'caller' ? '127.0.0.1' : this.#rooms.snapshot.gateway.host;
    return Listener.open(host, wish, claimed, arrival, {
      clock: this.#rooms.clock,
      handle: (exchange) => this.#intake.admit(exchange, this.#handle),
      intake: this.#intake,
      maxRequestBytes: () => this.#plan.snapshot.gateway.maxRequestBytes,
      onTurnedAway: this.#rooms.onTurnedAway,
      capacity: this.#capacity,
    });
  }

  async #openDoor(caller: string, service: string): Promise<Listener> {
    const arrival = { kind: 'caller', caller, service } as const;
    const door = await this.#listen({ wish: { port: 0, named: true }, arrival }, new Set());
    this.#openDoors.push(door);
    return door;
  }

  #retire(listener: Listener): void {
    const leaving = listener.close().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  #find(wanted: (arrival: Arrival) => boolean): Listener | undefined {
    return this.#ports.find(({ arrival }) => wanted(arrival))?.listener;
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new MeshError('shutting_down');
  }
}

/** One snapshot, made ready to carry requests. */
interface Plan {
  readonly snapshot: Snapshot;
  readonly routes: Routes;
  readonly handle: Handler;
}

interface WishedPort {
  readonly wish: PortWish;
  readonly arrival: Arrival;
}

interface BoundPort extends WishedPort {
  readonly listener: Listener;
}

/** Ports that the file names come first: one that may move must not stand in their way. */
function wishesOf({ gateway, services }: Snapshot): WishedPort[] {
  const front: WishedPort = { wish: gateway.port, arrival: { kind: 'front' } };
  const own = [...services.values()].flatMap(({ name, listen }): WishedPort[] =>
    listen === undefined ? [] : [{ wish: { port: listen, named: true }, arrival: { kind: 'service', service: name } }],
  );
  return [...own, front];
}

/**
 * Is this open port what is wished for? One with a number may change hands. One that may be anywhere belongs to whom it was
 * opened for, and stays where it is, unless the file has another use for the number.
 */
function serves({ wish, arrival, listener }: BoundPort, wished: WishedPort, claimed: ReadonlySet<number>): boolean {
  const { port } = listener.address;
  if (wished.wish.named) return port === wished.wish.port || isDeepStrictEqual({ wish, arrival }, wished);
  return arrival.kind === wished.arrival.kind && !claimed.has(port) && (!wish.named || port === wished.wish.port);
}
