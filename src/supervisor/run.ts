import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import type { Child } from './child.js';
import type { Guard } from './guard.js';
import type { ProcessRecord } from './orphans.js';
import { isGroupAlive, signalGroup } from './process-group.js';
import type { Exit } from './restart.js';
import { stopTree } from './stop-tree.js';

export interface RunRooms {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly guard: Guard;
  readonly record: ProcessRecord;
  /** Resolves when an instance that gets no new requests has finished those it has, or was given time enough. */
  drain(instance: Instance): Promise<void>;
}

/** What a program serves, and where; a worker serves nothing. */
export interface Serving {
  readonly service: string;
  readonly port: number;
  readonly version: string | undefined;
}

/** One start of a program, from its place in the registry until nothing of it is left. */
export class Run {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly #rooms: RunRooms;
  readonly #child: Child;
  readonly #instance: Instance | undefined;
  #unfollow: () => void = () => {};

  constructor(rooms: RunRooms, child: Child, replica: string, serving: Serving | undefined) {
    this.#rooms = rooms;
    this.#child = child;
    this.pid = child.pid;
    this.exited = child.exited;
    rooms.guard.add(child.group);
    void rooms.record.add(child.pid, replica);
    this.#instance = serving === undefined ? undefined : enrol(rooms.registry, replica, serving);
  }

  /** Calls back once, when it has passed its health check; a worker has none and is ready at once. */
  whenReady(callback: () => void): void {
    if (this.#instance?.health === 'healthy' || this.#instance === undefined) {
      callback();
      return;
    }
    this.#unfollow = this.#rooms.registry.on((event) => {
      if (event.type !== 'health-changed' || event.instance !== this.#instance || event.to !== 'healthy') return;
      this.#unfollow();
      callback();
    });
  }

  /** Does anything of it still run? */
  get isAlive(): boolean {
    return isGroupAlive(this.#child.group);
  }

  /** Nobody is sent there any more, what is under way may finish, then it is asked to end. */
  async putDown(stopTimeout: number): Promise<'ended' | 'killed'> {
    const instance = this.#instance;
    if (instance !== undefined) {
      const { registry, drain } = this.#rooms;
      registry.setHealth(instance.service, instance.id, 'draining', 'stopping');
      await Promise.race([drain(instance), this.exited]);
    }
    return this.clearAway(stopTimeout);
  }

  /** Ends all that is left: after a program's own end its children, who might hold its port. */
  async clearAway(stopTimeout: number): Promise<'ended' | 'killed'> {
    const { clock, guard, record } = this.#rooms;
    const { group, pid } = this.#child;
    void this.exited.then(() => this.#leave());
    const how = await stopTree(group, stopTimeout, clock);
    this.#leave();
    await this.#child.closeOutput();
    guard.remove(group);
    record.remove(pid);
    return how;
  }

  kill(): void {
    signalGroup(this.#child.group, 'SIGKILL');
  }

  /** Out of the registry: what has ended must not be called. */
  #leave(): void {
    this.#unfollow();
    const instance = this.#instance;
    if (instance === undefined) return;
    const { registry } = this.#rooms;
    if (registry.instance(instance.service, instance.id) === instance)
      registry.remove(instance.service, instance.id, 'stopped');
  }
}

/**
 * It is an instance from the start, and healthy once a check has said so. Its address is `localhost`, for a program may
 * listen on either loopback (Vite listens on ::1 alone where that comes first): whoever connects tries both (RFC 8305).
 */
function enrol(registry: Registry, id: string, { service, port, version }: Serving): Instance {
  const instance = registry.put(
    service,
    {
      id,
      address: { host: 'localhost', port },
      weight: 1,
      version,
      metadata: {},
    },
    'process',
    'unhealthy',
  );
  registry.setHealth(service, id, 'unhealthy', 'starting');
  return instance;
}
