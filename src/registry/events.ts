import type { Health, Instance } from './instance.js';

/** Why an instance left. */
export type RemovalReason =
  | 'deregistered'
  /** Its lease ended without a heartbeat. */
  | 'expired'
  /** Its process ended. */
  | 'stopped'
  /** The mesh file names it no more. */
  | 'file'
  /** It is at another address now. */
  | 'moved'
  /** The mesh file or a process has its id now. */
  | 'replaced';

/** Everything that can happen to the registry, in the order in which it happened. */
export type RegistryEvent =
  | { readonly type: 'service-added'; readonly service: string }
  | { readonly type: 'service-removed'; readonly service: string }
  | {
      readonly type: 'instance-added';
      readonly service: string;
      readonly instance: Instance;
    }
  /** Its weight, version, metadata, lease or source. */
  | {
      readonly type: 'instance-updated';
      readonly service: string;
      readonly instance: Instance;
    }
  | {
      readonly type: 'instance-removed';
      readonly service: string;
      readonly instance: Instance;
      readonly reason: RemovalReason;
    }
  | {
      readonly type: 'health-changed';
      readonly service: string;
      readonly instance: Instance;
      readonly from: Health;
      readonly to: Health;
    };

export interface RegistryEvents {
  change: RegistryEvent;
}
