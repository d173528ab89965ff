import type { InstanceSpec } from './instance.js';

/** A registration as it is kept between runs. */
export interface StoredInstance extends InstanceSpec {
  readonly service: string;
  /** Milliseconds; undefined stays until it is deregistered. */
  readonly ttl: number | undefined;
}

/** Where registrations survive: memory, a file, later a shared etcd. */
export interface RegistryStore {
  /** What was kept; a warning when something could not be read and was set aside. */
  load(): Promise<{
    readonly instances: readonly StoredInstance[];
    readonly warning: string | undefined;
  }>;
  /** Resolves when all of it is durable. */
  save(instances: readonly StoredInstance[]): Promise<void>;
}
