import type { TargetGroupView } from '../admin/metrics-wire.js';
import { formatAddress } from '../foundation/address.js';
import type { Instance } from '../registry/instance.js';
import type { Rooms } from './assemble.js';

/** Every instance as a target of Prometheus. Labels with `__meta_` are there to be relabelled, and dropped afterwards. */
export function targetsOf({ registry }: Rooms): TargetGroupView[] {
  return registry.services.flatMap(({ instances }) => instances.map(targetOf));
}

function targetOf({ service, id, address, version = '', source, health, metadata }: Instance): TargetGroupView {
  const labels: Record<string, string> = {
    service,
    __meta_mesh_instance: id,
    __meta_mesh_version: version,
    __meta_mesh_source: source,
    __meta_mesh_health: health,
  };
  for (const [name, value] of Object.entries(metadata)) {
    labels[`__meta_mesh_metadata_${name.replace(/[^A-Za-z0-9_]/g, '_')}`] = value;
  }
  return { targets: [formatAddress(address)], labels };
}
