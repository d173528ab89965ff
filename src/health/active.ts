import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../foundation/clock.js';
import type { RegistryEvent } from '../registry/events.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import type { CheckPlan } from './check.js';
import { InstanceCheck, isOurs } from './check.js';

export type { CheckPlan } from './check.js';

export interface HealthRooms {
  readonly registry: Registry;
  readonly clock: Clock;
  /** How an instance shall be checked; undefined: not at all. Asked when it comes, when it changes, and at `refresh`. */
  checkFor(instance: Instance): CheckPlan | undefined;
}

/**
 * Active health checks: follows the registry, probes whoever has a plan, and tells the registry what it finds. A new
 * instance is probed at once and in haste until it passes, then every `interval`.
 */
export class HealthChecker {
  readonly #rooms: HealthRooms;
  readonly #checks = new Map<Instance, InstanceCheck>();
  /** Checks that were ended while a probe was under way. */
  readonly #ending = new Set<Promise<void>>();
  #unfollow: () => void = () => {};

  constructor(rooms: HealthRooms) {
    this.#rooms = rooms;
  }

  /** Begins with the instances that are there, and follows those that come and go. */
  start(): void {
    this.#unfollow = this.#rooms.registry.on((event) => this.#follow(event));
    this.refresh();
  }

  /** After a reload: asks for every plan again. A check whose plan is what it was goes on undisturbed. */
  refresh(): void {
    for (const { instances } of this.#rooms.registry.services) for (const instance of instances) this.#plan(instance);
  }

  /** Ends all checks; resolves when no socket is left. */
  async close(): Promise<void> {
    this.#unfollow();
    for (const instance of [...this.#checks.keys()]) this.#end(instance);
    await Promise.all(this.#ending);
  }

  #follow(event: RegistryEvent): void {
    if (event.type === 'instance-added' || event.type === 'instance-updated') this.#plan(event.instance);
    if (event.type === 'instance-removed') this.#end(event.instance);
  }

  #plan(instance: Instance): void {
    const plan = this.#rooms.checkFor(instance);
    const known = this.#checks.get(instance);
    if (isDeepStrictEqual(plan, known?.plan)) return;
    if (known !== undefined) this.#end(instance);
    if (plan !== undefined) {
      const check = new InstanceCheck(this.#rooms, instance, plan, known?.verdict);
      this.#checks.set(instance, check);
      check.begin();
    } else if (isOurs(instance)) {
      this.#rooms.registry.setHealth(instance.service, instance.id, 'unknown');
    }
  }

  #end(instance: Instance): void {
    const check = this.#checks.get(instance);
    if (check === undefined) return;
    this.#checks.delete(instance);
    const ending = check.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
