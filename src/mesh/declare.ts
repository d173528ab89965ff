import type { InstanceConfig, Snapshot, UnlistedConfig } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import { formatAddress } from '../foundation/address.js';
import type { Health } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';
import { isOwn } from './own-address.js';

/** Makes the registry say what the mesh file says: its services, and the instances that it names. The rest is left alone. */
export function declareServices(registry: Registry, snapshot: Snapshot): void {
  for (const service of snapshot.services.values()) {
    registry.declare(service.name);
    for (const instance of service.instances) registry.put(service.name, instance, 'file', firstHealth(service));
  }
  for (const { name, instances } of registry.services) {
    const named = snapshot.services.get(name);
    for (const { id, source } of instances) {
      if (source === 'file' && !named?.instances.some((instance: InstanceConfig) => instance.id === id)) {
        registry.remove(name, id, 'file');
      }
    }
    if (named === undefined) registry.undeclare(name);
  }
}

/**
 * Registrations of an earlier run may be none that can be called by now: of a service that has become a worker, or with an
 * address that is the mesh's own by now. They are taken out; the answer says so, one line each.
 */
export async function dropUncallable(
  registry: Registry,
  snapshot: Snapshot,
  own: readonly Address[],
): Promise<string[]> {
  const notices: string[] = [];
  for (const { name, instances } of registry.services) {
    for (const { id, address, source } of instances) {
      if (source !== 'registered') continue;
      const isWorker = !configOf(snapshot, name).expose;
      if (!isWorker && !(await isOwn(address, own))) continue;
      registry.remove(name, id, 'deregistered');
      const reason = isWorker ? `\`${name}\` is a worker now` : `${formatAddress(address)} is the mesh's own now`;
      notices.push(`the registration ${id} of ${name} was dropped: ${reason}`);
    }
  }
  return notices;
}

/** Where nobody checks, an instance is trusted; where somebody does, it is trusted once it has passed (as in Envoy). */
export function firstHealth(service: UnlistedConfig): Health {
  return service.healthCheck === undefined ? 'unknown' : 'unhealthy';
}
