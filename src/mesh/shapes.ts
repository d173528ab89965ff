import type { Shape } from '../config/shaping-configs.js';
import type { Cancel, Clock } from '../foundation/clock.js';

/** What was said at run time of the traffic to a service. */
export interface ActiveShape {
  readonly shape: Shape;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The same; undefined: it lasts until it is cleared. */
  readonly until: number | undefined;
}

export type ShapeChange =
  | { readonly kind: 'set'; readonly active: ActiveShape }
  | { readonly kind: 'ended'; readonly because: 'cleared' | 'its time is up' };

export interface ShapesRooms {
  readonly clock: Clock;
  /** Puts a shape in force; undefined gives way to the mesh file. */
  readonly put: (service: string, shape: Shape | undefined) => void;
  /** @param change what is in force now, or why the mesh file alone is again */
  readonly tell: (service: string, change: ShapeChange) => void;
}

/** The shapes that were said at run time. One for each service; each ends by itself when its time is up, whoever said it. */
export class Shapes {
  readonly #rooms: ShapesRooms;
  readonly #active = new Map<string, ActiveShape>();
  readonly #timers = new Map<string, Cancel>();

  constructor(rooms: ShapesRooms) {
    this.#rooms = rooms;
  }

  of(service: string): ActiveShape | undefined {
    return this.#active.get(service);
  }

  /** Stands in place of what was said of the service before. @param duration milliseconds; undefined: until it is cleared */
  set(service: string, shape: Shape, by: string, duration: number | undefined): void {
    const { clock, put, tell } = this.#rooms;
    this.#timers.get(service)?.();
    this.#timers.delete(service);
    const since = clock.now();
    const active = { shape, by, since, until: duration === undefined ? undefined : since + duration };
    this.#active.set(service, active);
    put(service, shape);
    if (duration !== undefined)
      this.#timers.set(
        service,
        clock.after(duration, () => this.#end(service, 'its time is up')),
      );
    tell(service, { kind: 'set', active });
  }

  clear(service: string): void {
    this.#end(service, 'cleared');
  }

  clearAll(): void {
    for (const service of [...this.#active.keys()]) this.clear(service);
  }

  #end(service: string, because: 'cleared' | 'its time is up'): void {
    if (!this.#active.delete(service)) return;
    this.#timers.get(service)?.();
    this.#timers.delete(service);
    this.#rooms.put(service, undefined);
    this.#rooms.tell(service, { kind: 'ended', because });
  }
}
