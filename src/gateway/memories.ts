import type { SplitConfig } from '../config/policy-configs.js';
import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { RegistryEvent } from '../registry/events.js';
import type { MemoryRooms } from './service-memory.js';
import { ServiceMemory } from './service-memory.js';

/** The memory of every service that was called, for as long as there is such a service. */
export class Memories {
  readonly #rooms: MemoryRooms;
  readonly #memories = new Map<string, ServiceMemory>();
  /** Said at run time: they hold for a service that goes and comes back, too. */
  readonly #splits = new Map<string, SplitConfig>();
  #snapshot: Snapshot;

  constructor(snapshot: Snapshot, rooms: MemoryRooms) {
    this.#snapshot = snapshot;
    this.#rooms = rooms;
  }

  readonly of = (service: string): ServiceMemory => {
    const known = this.#memories.get(service);
    if (known !== undefined) return known;
    const made = new ServiceMemory(service, configOf(this.#snapshot, service), this.#rooms);
    made.overrideSplit(this.#splits.get(service));
    // What a request still asks for may have gone meanwhile, and would never be forgotten again.
    if (this.#rooms.registry.service(service) !== undefined) this.#memories.set(service, made);
    return made;
  };

  /** @param split in place of that of the mesh file; undefined gives way to it again */
  splitBy(service: string, split: SplitConfig | undefined): void {
    if (split === undefined) this.#splits.delete(service);
    else this.#splits.set(service, split);
    this.of(service).overrideSplit(split);
  }

  /** All follow another snapshot. */
  configure(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const memory of this.#memories.values()) memory.configure(configOf(snapshot, memory.name));
  }

  readonly follow = (event: RegistryEvent): void => {
    const memory = this.#memories.get(event.service);
    if (memory === undefined) return;
    if (event.type === 'instance-removed') memory.forget(event.instance);
    memory.noticePanic();
    if (event.type !== 'service-removed') return;
    memory.close();
    this.#memories.delete(event.service);
  };

  close(): void {
    for (const memory of this.#memories.values()) memory.close();
  }
}
