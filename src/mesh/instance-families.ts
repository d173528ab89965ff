import type { Instance } from '../registry/instance.js';
import { isRoutable } from '../registry/instance.js';
import type { Family } from '../telemetry/prometheus/exposition.js';
import type { Rooms } from './assemble.js';

/** Who is there. */
export function instanceFamilies({ registry }: Rooms): Family[] {
  const instances = registry.services.flatMap(({ instances }) => instances);
  const each = (is: (instance: Instance) => boolean) =>
    instances.map((instance) => {
      const { service, id, version = '' } = instance;
      return { labels: { service, instance: id, version }, value: is(instance) ? 1 : 0 };
    });
  return [
    {
      name: 'mesh_instance_up',
      type: 'gauge',
      help: '1 while it may be given requests.',
      samples: each(isRoutable),
    },
    {
      name: 'mesh_instance_healthy',
      type: 'gauge',
      help: '0 while its checks, or what it has answered, speak against it, or while it leaves; 1 where nobody looks.',
      samples: each(({ health }) => health === 'healthy' || health === 'unknown'),
    },
  ];
}
