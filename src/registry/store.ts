import type { InstanceSpec } from './instance.js';

/** A registration as it is kept between runs. */
export interface StoredInstance extends InstanceSpec {
  readonly service: string;
  /** Milliseconds; undefined stays until it is deregistered. */
  readonly ttl: number | undefined;
}

export interface Loaded {
  readonly instances: readonly StoredInstance[];
  /** Something could not be read and was set aside. */
  readonly warning: string | undefined;
}

/** Where registrations survive: memory, a file, later a shared etcd. */
export interface RegistryStore {
  load(): Promise<Loaded>;
  /** Resolves when all of it is durable. */
  save(instances: readonly StoredInstance[]): Promise<void>;
}
