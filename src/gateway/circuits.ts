import type { CircuitBreakerConfig } from '../config/policy-configs.js';
import type { Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { BreakerChange, BreakerState } from '../shaping/circuit/breaker.js';
import { Breaker } from '../shaping/circuit/breaker.js';

/** @param instance undefined for the breaker of the whole service */
export type OnCircuit = (change: BreakerChange, service: string, instance: Instance | undefined) => void;

/** The circuit breakers of a service: one for all of it, or one for each instance. */
export class Circuits {
  readonly #service: string;
  readonly #clock: Clock;
  readonly #tell: OnCircuit;
  readonly #ofInstances = new WeakMap<Instance, Breaker>();
  #config: CircuitBreakerConfig;
  #ofService: Breaker;

  constructor(service: string, config: CircuitBreakerConfig, clock: Clock, tell: OnCircuit) {
    this.#service = service;
    this.#clock = clock;
    this.#tell = tell;
    this.#config = config;
    this.#ofService = this.#breaker(undefined);
  }

  get ofService(): Breaker {
    return this.#ofService;
  }

  ofInstance(instance: Instance): Breaker {
    const known = this.#ofInstances.get(instance);
    if (known !== undefined) {
      known.update(this.#config);
      return known;
    }
    const made = this.#breaker(instance);
    this.#ofInstances.set(instance, made);
    return made;
  }

  /** What is shown of the service's own, where it has one. */
  get state(): BreakerState | undefined {
    return this.#config.per === 'service' ? this.#ofService.state : undefined;
  }

  stateOf(instance: Instance): BreakerState | undefined {
    return this.#config.per === 'instance' ? this.ofInstance(instance).state : undefined;
  }

  update(config: CircuitBreakerConfig): void {
    if (config.per !== this.#config.per) this.#ofService = this.#breaker(undefined);
    this.#config = config;
    this.#ofService.update(config);
  }

  #breaker(instance: Instance | undefined): Breaker {
    return new Breaker(this.#config, this.#clock, (change) => this.#tell(change, this.#service, instance));
  }
}
