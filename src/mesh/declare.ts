import type { InstanceConfig, ServiceConfig, Snapshot } from '../config/snapshot.js';
import type { Health } from '../registry/instance.js';
import type { Registry } from '../registry/registry.js';

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

/** Where nobody checks, an instance is trusted; where somebody does, it is trusted once it has passed (as in Envoy). */
export function firstHealth(service: Pick<ServiceConfig, 'healthCheck'>): Health {
  return service.healthCheck === undefined ? 'unknown' : 'unhealthy';
}
