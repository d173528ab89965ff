import type { SplitConfig } from '../config/policy-configs.js';
import type { Shape } from '../config/shaping-configs.js';
import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { RegistryEvent } from '../registry/events.js';
import type { MemoryRooms } from './service-memory.js';
import { ServiceMemory } from './service-memory.js';

/** A seed is one of so many. */
const seeds = 2 ** 32;

/** The memory of every service that was called, for as long as there is such a service. */
export class Memories {
  readonly #rooms: MemoryRooms;
  readonly #memories = new Map<string, ServiceMemory>();
  /** Said at run time: they hold for a service that goes and comes back, too. */
  readonly #splits = new Map<string, SplitConfig>();
  readonly #shapes = new Map<string, Shape>();
  #snapshot: Snapshot;
  #drawn: number | undefined;

  constructor(snapshot: Snapshot, rooms: Omit<MemoryRooms, 'seed'>) {
    this.#snapshot = snapshot;
    this.#rooms = { ...rooms, seed: () => this.#snapshot.seed ?? this.#draw() };
  }

  /** Of the mesh file, or drawn at the start: it makes a run of faults repeatable. */
  get seed(): number {
    return this.#rooms.seed();
  }

  readonly of = (service: string): ServiceMemory => {
    const known = this.#memories.get(service);
    if (known !== undefined) return known;
    const made = new ServiceMemory(service, configOf(this.#snapshot, service), this.#rooms);
    made.overrideSplit(this.#splits.get(service));
    made.overrideShape(this.#shapes.get(service));
    // What a request still asks for may have gone meanwhile, and would never be forgotten again.
    if (this.#rooms.registry.service(service) !== undefined) this.#memories.set(service, made);
    return made;
  };

  #draw(): number {
    this.#drawn ??= Math.floor(this.#rooms.random() * seeds);
    return this.#drawn;
  }

  /** @param split in place of that of the mesh file; undefined gives way to it again */
  splitBy(service: string, split: SplitConfig | undefined): void {
    if (split === undefined) this.#splits.delete(service);
    else this.#splits.set(service, split);
    this.of(service).overrideSplit(split);
  }

  /** @param shape each key of it stands in place of the mesh file's; undefined gives way to that again */
  shapeBy(service: string, shape: Shape | undefined): void {
    if (shape === undefined) this.#shapes.delete(service);
    else this.#shapes.set(service, shape);
    this.of(service).overrideShape(shape);
  }

  /** All follow another snapshot. */
  configure(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    for (const memory of this.#memories.values()) memory.configure(configOf(snapshot, memory.name));
  }

  /** Whatever is held up on purpose goes on. */
  letGo(): void {
    for (const { shaping } of this.#memories.values()) shaping.letGo();
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
