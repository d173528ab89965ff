import type { ServiceMemory } from '../gateway/service-memory.js';
import type { BreakerState } from '../shaping/circuit/breaker.js';
import type { Family, Sample } from '../telemetry/prometheus/exposition.js';
import type { Rooms } from './assemble.js';

/** What the policies of the services are about just now. */
export function policyFamilies({ registry, gateway }: Rooms): Family[] {
  const memories = registry.services.map(({ name }) => gateway.memoryOf(name));
  return [
    {
      name: 'mesh_queued_requests',
      type: 'gauge',
      help: 'Requests that wait for their turn, by what for.',
      samples: memories.flatMap(queues),
    },
    {
      name: 'mesh_circuit_state',
      type: 'gauge',
      help: 'Of a circuit breaker: 0 closed, 1 half-open, 2 open.',
      samples: memories.flatMap((memory) => circuits(memory, registry.service(memory.name)?.instances ?? [])),
    },
    {
      name: 'mesh_mirrored_total',
      type: 'counter',
      help: 'Copies of requests, by target and by what came of them.',
      samples: memories.flatMap(mirrored),
    },
  ];
}

function queues({ name: service, shaping, slots }: ServiceMemory): Sample[] {
  const lines = [
    ['rate-limit', shaping.rateLimiter?.waiting],
    ['concurrency', shaping.concurrency?.waiting],
    ['connection-pool', slots?.waiting],
  ] as const;
  return lines.flatMap(([kind, value]) => (value === undefined ? [] : [{ labels: { service, kind }, value }]));
}

type Instances = NonNullable<ReturnType<Rooms['registry']['service']>>['instances'];

/** Of the whole service, or of each instance; nothing where there is none. */
function circuits({ name: service, circuits }: ServiceMemory, instances: Instances): Sample[] {
  return [undefined, ...instances].flatMap((instance) => {
    const state = circuits?.stateOf(instance);
    return state === undefined
      ? []
      : [{ labels: { service, instance: instance?.id ?? '' }, value: height[state.kind] }];
  });
}

const height: Readonly<Record<BreakerState['kind'], number>> = { closed: 0, 'half-open': 1, open: 2 };

function mirrored({ name: service, configs: { mirror }, mirrors }: ServiceMemory): Sample[] {
  if (mirror === undefined) return [];
  const target = mirror.target.kind === 'service' ? mirror.target.service : mirror.target.version;
  const { compared, different, failed, skipped } = mirrors.summary();
  const results = { same: compared - different, different, failed, skipped };
  return Object.entries(results).map(([result, value]) => ({ labels: { service, target, result }, value }));
}
