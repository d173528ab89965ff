import { isDeepStrictEqual } from 'node:util';
import { LoadBook } from '../balancing/load.js';
import type { Policy } from '../balancing/policy.js';
import { Split } from '../balancing/split.js';
import type { PolicyConfigs, SplitConfig } from '../config/policy-configs.js';
import type { Shape } from '../config/shaping-configs.js';
import { OutlierDetector } from '../health/outliers.js';
import type { Instance } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import { ConnectionSlots } from '../shaping/connection-slots.js';
import { MirrorBook } from '../shaping/mirror-book.js';
import { RetryBudget } from '../shaping/retry-budget.js';
import { Candidates } from './candidates.js';
import type { Balance } from './choose.js';
import type { OnCircuit } from './circuits.js';
import { Circuits } from './circuits.js';
import { following } from './following.js';
import type { ShapingRooms } from './shaping-memory.js';
import { ShapingMemory } from './shaping-memory.js';
import { VersionPolicies } from './version-policies.js';

export interface MemoryRooms extends ShapingRooms {
  readonly registry: Registry;
  readonly onCircuit: OnCircuit;
  /** So few instances are healthy that all of them get requests; or no longer. */
  readonly onPanic: (service: string, isPanicking: boolean) => void;
}

/**
 * What the requests to one service leave behind: who was given how many, what has failed, whose circuit is open. It outlives
 * reloads; `configure` makes it follow another configuration. What the service does not configure is not there.
 */
export class ServiceMemory implements Balance {
  readonly name: string;
  readonly candidates: Candidates;
  readonly loads: LoadBook;
  mirrors = new MirrorBook();
  readonly #rooms: MemoryRooms;
  readonly shaping: ShapingMemory;
  #policies: VersionPolicies;
  /** Of the mesh file. */
  #configs: PolicyConfigs;
  /** Said at run time: each key of it stands in place of the file's. */
  #shape: Shape = {};
  #wasPanicking = false;
  /** Said at run time: it overrules the mesh file until it is cleared. */
  #splitOverride: SplitConfig | undefined;
  split: Split | undefined;
  circuits: Circuits | undefined;
  budget: RetryBudget | undefined;
  slots: ConnectionSlots | undefined;
  outliers: OutlierDetector | undefined;

  constructor(name: string, configs: PolicyConfigs, rooms: MemoryRooms) {
    this.name = name;
    this.#rooms = rooms;
    this.loads = new LoadBook(rooms.clock);
    this.#policies = new VersionPolicies(configs.loadBalancer, { ...rooms, loads: this.loads });
    this.#configs = configs;
    this.candidates = new Candidates(rooms.registry, name);
    this.shaping = new ShapingMemory(name, rooms);
    this.#follow(configs);
  }

  /** In force. */
  get configs(): PolicyConfigs {
    return { ...this.#configs, ...this.#shape };
  }

  /** The split in force, and whether it was said at run time. */
  get splitInForce(): { readonly config: SplitConfig; readonly isOverride: boolean } | undefined {
    if (this.split === undefined) return undefined;
    return { config: this.split.config, isOverride: this.#splitOverride !== undefined };
  }

  policyFor(version: string | undefined): Policy {
    return this.#policies.for(version);
  }

  get goesByLatency(): boolean {
    return this.#configs.loadBalancer.policy.kind === 'peak-ewma';
  }

  /** For copies of requests: they are dealt out likewise, and count for nobody. */
  apart(): Balance {
    const loads = new LoadBook(this.#rooms.clock);
    const policies = new VersionPolicies(this.#configs.loadBalancer, { ...this.#rooms, loads });
    const { candidates, goesByLatency } = this;
    return { candidates, loads, goesByLatency, policyFor: (version) => policies.for(version) };
  }

  /** @param configs of the snapshot that is in force from now on */
  configure(configs: PolicyConfigs): void {
    if (!isDeepStrictEqual(configs.loadBalancer, this.#configs.loadBalancer))
      this.#policies = new VersionPolicies(configs.loadBalancer, { ...this.#rooms, loads: this.loads });
    // What another target has answered says nothing of this one.
    if (!isDeepStrictEqual(configs.mirror?.target, this.#configs.mirror?.target)) this.mirrors = new MirrorBook();
    this.#configs = configs;
    this.#follow(configs);
  }

  /** @param split in place of that of the mesh file; undefined gives way to it again */
  overrideSplit(split: SplitConfig | undefined): void {
    this.#splitOverride = split;
    this.#followSplit(this.#configs.split);
  }

  /** @param shape each key of it stands in place of the mesh file's; undefined gives way to that again */
  overrideShape(shape: Shape | undefined): void {
    this.#shape = shape ?? {};
    this.shaping.follow(this.configs);
  }

  /** After a change of the instances: tells when it makes the difference between panic and calm. */
  noticePanic(): void {
    const { isPanicking } = this.candidates;
    if (isPanicking === this.#wasPanicking) return;
    this.#wasPanicking = isPanicking;
    this.#rooms.onPanic(this.name, isPanicking);
  }

  forget(instance: Instance): void {
    this.outliers?.forget(instance);
    this.circuits?.forget(instance);
  }

  close(): void {
    this.outliers?.close();
  }

  #follow(configs: PolicyConfigs): void {
    const { clock } = this.#rooms;
    const { circuitBreaker, retries, connectionPool, loadBalancer } = configs;
    this.candidates.panicThreshold = loadBalancer.healthyPanicThreshold;
    this.#followSplit(configs.split);
    this.circuits = following(this.circuits, circuitBreaker, (config) => {
      return new Circuits(this.name, config, clock, this.#rooms.onCircuit);
    });
    this.budget = following(this.budget, retries?.budget, (config) => new RetryBudget(config, clock));
    if (connectionPool === undefined) this.slots?.open(); // whoever waits need not any more
    this.slots = following(this.slots, connectionPool, (config) => new ConnectionSlots(config));
    this.#followOutliers(configs);
    this.shaping.follow(this.configs);
  }

  #followSplit(split: SplitConfig | undefined): void {
    const wanted = this.#splitOverride ?? split;
    if (isDeepStrictEqual(wanted, this.split?.config)) return; // what is due goes on
    this.split = following(this.split, wanted, (config) => new Split(config));
  }

  #followOutliers({ outlierDetection }: PolicyConfigs): void {
    if (outlierDetection === undefined) {
      this.outliers?.readmitAll();
      this.outliers?.close();
    }
    this.outliers = following(this.outliers, outlierDetection, (config) => {
      return new OutlierDetector(this.name, config, this.#rooms);
    });
  }
}
