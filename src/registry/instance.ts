import type { Address } from '../foundation/address.js';
import type { Lease } from './lease.js';

/** file: the mesh file names it. process: the mesh runs it. registered: someone said so at run time. */
export type InstanceSource = 'file' | 'process' | 'registered';

/**
 * unknown: nobody checks it, so it is trusted. unhealthy: checked and failed, or not yet passed.
 * draining: leaving, finishes what it has. ejected: out of rotation for what it answered.
 */
export type Health = 'healthy' | 'unhealthy' | 'unknown' | 'draining' | 'ejected';

/** What an instance is told to be. */
export interface InstanceSpec {
  readonly id: string;
  readonly address: Address;
  /** Share of the traffic beside its siblings; 0 gets none. */
  readonly weight: number;
  readonly version: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * One address that serves a service. The object is the same for as long as its id keeps its address, so connections,
 * counters and balancing state may hang on it; only the registry changes what it says.
 */
export interface Instance extends InstanceSpec {
  readonly service: string;
  readonly source: InstanceSource;
  readonly health: Health;
  /** Why it is not healthy, in a few words. */
  readonly healthReason: string | undefined;
  /** While it is out of rotation for what it answered; then its health is `ejected`, whatever its checks say. */
  readonly ejection: Ejection | undefined;
  readonly lease: Lease | undefined;
  /** Milliseconds on the monotonic clock: since then it may be given requests; undefined while it may not. */
  readonly routableSince: number | undefined;
}

export interface Ejection {
  /** Wall time in milliseconds since 1970: when it gets requests again. */
  readonly until: number;
  /** In a few words. */
  readonly reason: string;
}

/** Has nobody found out yet whether it can serve? */
export function isUnproven({ health, healthReason }: Instance): boolean {
  return health === 'unhealthy' && healthReason === undefined;
}

/** May it be given requests? */
export function isRoutable(instance: Instance): boolean {
  return (instance.health === 'healthy' || instance.health === 'unknown') && instance.weight > 0;
}
