import type { Measure } from '../measure.js';
import type { ServiceMeter } from '../metrics/service-meter.js';
import type { Family, Sample } from './exposition.js';
import { histogramSamples } from './histogram-samples.js';
import { requestFamilies } from './requests.js';
import { upstreamFamilies } from './upstream.js';

/** What the measure knows, in the words of Prometheus. */
export function trafficFamilies(measure: Measure): Family[] {
  return [...requestFamilies(measure), ...upstreamFamilies(measure), ...policyFamilies(measure)];
}

/** What the policies of the services have done to their requests. */
function policyFamilies({ meters }: Measure): Family[] {
  const each = (samplesOf: (service: string, meter: ServiceMeter) => Sample[]) =>
    [...meters].flatMap(([service, meter]) => samplesOf(service, meter));
  return [
    {
      name: 'mesh_waiting_duration_seconds',
      type: 'histogram',
      help: 'How long those requests waited that had to wait: for their turn, for a program to start, for the next try.',
      samples: each((service, { totals }) => histogramSamples({ service }, totals.waiting)),
    },
    {
      name: 'mesh_waiting_seconds_total',
      type: 'counter',
      help: 'Seconds that requests have waited, by what for.',
      samples: each((service, { totals }) => {
        return Array.from(totals.waits, ([kind, milliseconds]) => ({
          labels: { service, kind },
          value: milliseconds / 1_000,
        }));
      }),
    },
    {
      name: 'mesh_rate_limited_total',
      type: 'counter',
      help: 'Requests that the rate limit has held up (delayed) or refused (rejected).',
      samples: each((service, { totals }) => [
        { labels: { service, action: 'delayed' }, value: totals.rateLimited.delayed },
        { labels: { service, action: 'rejected' }, value: totals.rateLimited.rejected },
      ]),
    },
    {
      name: 'mesh_faults_injected_total',
      type: 'counter',
      help: 'Faults that attempts have met, by type.',
      samples: each((service, { totals }) => {
        return Array.from(totals.faults, ([type, value]) => ({ labels: { service, type }, value }));
      }),
    },
  ];
}
