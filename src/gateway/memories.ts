import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { RegistryEvent } from '../registry/events.js';
import type { MemoryRooms } from './service-memory.js';
import { ServiceMemory } from './service-memory.js';

/** The memory of every service that was called, for as long as there is such a service. */
export class Memories {
  readonly #rooms: MemoryRooms;
  readonly #memories = new Map<string, ServiceMemory>();
  #snapshot: Snapshot;

  constructor(snapshot: Snapshot, rooms: MemoryRooms) {
    this.#snapshot = snapshot;
    this.#rooms = rooms;
  }

  readonly of = (service: string): ServiceMemory => {
    const known = this.#memories.get(service);
    if (known !== undefined) return known;
    const made = new ServiceMemory(service, configOf(this.#snapshot, service), this.#rooms);
    this.#memories.set(service, made);
    return made;
  };

  /** All follow another snapshot. */
  configure(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const memory of this.#memories.values()) memory.configure(configOf(snapshot, memory.name));
  }

  readonly follow = (event: RegistryEvent): void => {
    const memory = this.#memories.get(event.service);
    if (memory === undefined) return;
    if (event.type === 'instance-removed') memory.forget(event.instance);
    if (event.type !== 'service-removed') return;
    memory.close();
    this.#memories.delete(event.service);
  };

  close(): void {
    for (const memory of this.#memories.values()) memory.close();
  }
}
