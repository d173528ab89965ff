import type { LeftOut } from '../exchange/choice.js';
import { Lineup } from '../exchange/choice.js';
import type { Instance } from '../registry/instance.js';
import { isRoutable } from '../registry/instance.js';
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
  readonly #standings = new Map<string | undefined, Standing>();

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
    return this.standing(version).candidates;
  }

  /** They, and who is not among them. @param version undefined is any */
  standing(version: string | undefined): Standing {
    const service = this.#registry.service(this.#name);
    if (service === undefined) return nobody;
    if (service.routable !== this.#from) this.#renew(service);
    const known = this.#standings.get(version);
    if (known !== undefined) return known;
    const found = standingOf(service, version, this.isPanicking);
    this.#standings.set(version, found);
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
    this.#standings.clear();
  }
}

/** Who may be given requests, and what is remembered of it. */
export interface Standing {
  readonly candidates: readonly Instance[];
  readonly lineup: Lineup;
}

/** As many are remembered of those that may not. */
const named = 32;

const none: readonly Instance[] = [];
const nobody: Standing = { candidates: none, lineup: new Lineup(0, [], 0) };

/** Written down at once, for what the registry says of an instance changes, and this is told of later. */
function standingOf(service: Service, version: string | undefined, isPanicking: boolean): Standing {
  const all = isPanicking ? weightedOf(service) : service.routable;
  const candidates = version === undefined ? all : all.filter((instance) => instance.version === version);
  const chosen = new Set(candidates);
  const others = service.instances.filter((instance) => !chosen.has(instance));
  const leftOut = others.slice(0, named).map((instance) => leftOutOf(instance, version));
  const unwell = candidates.filter((instance) => !isRoutable(instance)).map((instance) => leftOutOf(instance, version));
  const more = others.length - leftOut.length;
  return { candidates, lineup: new Lineup(candidates.length, leftOut, more, isPanicking ? unwell : undefined) };
}

function leftOutOf(instance: Instance, version: string | undefined): LeftOut {
  const { id, health, healthReason, weight } = instance;
  if (version !== undefined && instance.version !== version)
    return { instance: id, because: 'other-version', detail: instance.version };
  if (health === 'draining' || health === 'ejected') return { instance: id, because: health, detail: healthReason };
  if (weight === 0) return { instance: id, because: 'no-weight', detail: undefined };
  return { instance: id, because: 'unhealthy', detail: healthReason };
}

function weightedOf({ instances }: Service): Instance[] {
  return instances.filter(({ weight, health }) => weight > 0 && health !== 'draining');
}
