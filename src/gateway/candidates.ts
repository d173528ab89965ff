import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import type { Service } from '../registry/service.js';

/**
 * Who may be given the requests of one service. The lists stay the same objects until the registry knows something new, so
 * that policies may keep their tables beside them, and no request filters.
 */
export class Candidates {
  readonly #registry: Registry;
  readonly #name: string;
  #panicThreshold = 0;
  #from: readonly Instance[] = [];
  #all: readonly Instance[] = [];
  readonly #ofVersion = new Map<string, readonly Instance[]>();

  constructor(registry: Registry, name: string) {
    this.#registry = registry;
    this.#name = name;
  }

  /** 0–1: below this share of routable instances, all of them get requests. 0 is never. */
  set panicThreshold(threshold: number) {
    this.#panicThreshold = threshold;
    this.#from = none; // to be looked at anew
  }

  /** @param version undefined is any */
  of(version: string | undefined): readonly Instance[] {
    const service = this.#registry.service(this.#name);
    if (service === undefined) return none;
    if (service.routable !== this.#from) this.#renew(service);
    if (version === undefined) return this.#all;
    const known = this.#ofVersion.get(version);
    if (known !== undefined) return known;
    const found = this.#all.filter((instance) => instance.version === version);
    this.#ofVersion.set(version, found);
    return found;
  }

  /** All that there are, whatever their health. */
  get instances(): readonly Instance[] {
    return this.#registry.service(this.#name)?.instances ?? none;
  }

  /** So few are healthy that those which are not get requests too: better a chance than none. Envoy: healthy_panic_threshold. */
  get isPanicking(): boolean {
    const service = this.#registry.service(this.#name);
    if (service === undefined || this.#panicThreshold === 0) return false;
    const weighted = weightedOf(service);
    return weighted.length > 0 && service.routable.length / weighted.length < this.#panicThreshold;
  }

  #renew(service: Service): void {
    this.#from = service.routable;
    this.#all = this.isPanicking ? weightedOf(service) : service.routable;
    this.#ofVersion.clear();
  }
}

const none: readonly Instance[] = [];

function weightedOf({ instances }: Service): Instance[] {
  return instances.filter(({ weight, health }) => weight > 0 && health !== 'draining');
}
