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
  readonly #breakers = new Map<Instance | undefined, Breaker>();
  #config: CircuitBreakerConfig;

  constructor(service: string, config: CircuitBreakerConfig, clock: Clock, tell: OnCircuit) {
    this.#service = service;
    this.#clock = clock;
    this.#tell = tell;
    this.#config = config;
  }

  /** Whose failures are counted together. */
  get per(): CircuitBreakerConfig['per'] {
    return this.#config.per;
  }

  /** @param instance undefined for the breaker of the whole service */
  of(instance: Instance | undefined): Breaker {
    const known = this.#breakers.get(instance);
    if (known !== undefined) return known;
    const made = new Breaker(this.#config, this.#clock, (change) => this.#tell(change, this.#service, instance));
    this.#breakers.set(instance, made);
    return made;
  }

  /** What is to be shown of it; undefined where there is no such breaker. */
  stateOf(instance: Instance | undefined): BreakerState | undefined {
    return (instance === undefined) === (this.per === 'service') ? this.of(instance).state : undefined;
  }

  update(config: CircuitBreakerConfig): void {
    if (config.per !== this.per) this.#breakers.clear();
    this.#config = config;
    for (const breaker of this.#breakers.values()) breaker.update(config);
  }

  forget(instance: Instance): void {
    this.#breakers.delete(instance);
  }
}
