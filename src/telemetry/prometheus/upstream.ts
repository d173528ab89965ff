import type { Measure } from '../measure.js';
import type { InstancePart } from '../metrics/parts.js';
import type { Family, Labels, Sample } from './exposition.js';
import { histogramSamples } from './histogram-samples.js';

/** What the instances have made of the attempts at them. */
export function upstreamFamilies(measure: Measure): Family[] {
  const meters = [...measure.meters];
  const each = (samplesOf: (labels: Labels, instance: InstancePart) => Sample[]) =>
    meters.flatMap(([service, { totals }]) =>
      [...totals.instances].flatMap((part) => samplesOf({ service, instance: part.id }, part)),
    );
  return [
    {
      name: 'mesh_upstream_requests_total',
      type: 'counter',
      help: 'Attempts at an instance, by the class of its answer, or by why there was none.',
      samples: each((labels, { outcomes }) =>
        outcomes.map(({ code, reason, value }) => ({ labels: { ...labels, code, reason }, value })),
      ),
    },
    {
      name: 'mesh_upstream_duration_seconds',
      type: 'histogram',
      help: 'From the beginning of an attempt to the head of its answer, or to its failure.',
      samples: each((labels, { durations }) => histogramSamples(labels, durations)),
    },
    {
      name: 'mesh_upstream_inflight_requests',
      type: 'gauge',
      help: 'Requests that an instance has in hand.',
      samples: inFlight(measure),
    },
    {
      name: 'mesh_retries_total',
      type: 'counter',
      help: 'Attempts behind the first, by why the one before was not enough: its status, or what it failed with.',
      samples: meters.flatMap(([service, { totals }]) =>
        Array.from(totals.retries, ([reason, value]) => ({ labels: { service, reason }, value })),
      ),
    },
  ];
}

function inFlight({ meters, underWay }: Measure): Sample[] {
  const counts = new Map<InstancePart, number>();
  for (const { service, instance } of underWay) {
    const part = instance && meters.get(service ?? '')?.totals.instances.of(instance.id);
    if (part !== undefined) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...meters].flatMap(([service, { totals }]) =>
    Array.from(totals.instances, (part) => ({
      labels: { service, instance: part.id },
      value: counts.get(part) ?? 0,
    })),
  );
}
