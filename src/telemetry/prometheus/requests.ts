import type { Measure } from '../measure.js';
import type { ServiceMeter } from '../metrics/service-meter.js';
import type { Family, Sample } from './exposition.js';
import { histogramSamples } from './histogram-samples.js';

/** Who called what, by which route, and what came of it. */
export function requestFamilies(measure: Measure): Family[] {
  const meters: ReadonlyArray<[service: string, meter: ServiceMeter]> = [...measure.meters, ['', measure.unrouted]];
  const each = (samplesOf: (service: string, meter: ServiceMeter) => Sample[]) =>
    meters.flatMap(([service, meter]) => samplesOf(service, meter));
  return [
    {
      name: 'mesh_requests_total',
      type: 'counter',
      help: 'Requests that ended. code 0: without an answer; reason: why one was not simply answered by its service.',
      samples: each((service, { totals }) =>
        [...totals.cells()].flatMap(({ caller, route, counts }) =>
          Array.from(counts, ({ version, method, code, protocol, reason, value }) => {
            return { labels: { source: caller, service, version, route, method, code, protocol, reason }, value };
          }),
        ),
      ),
    },
    {
      name: 'mesh_request_duration_seconds',
      type: 'histogram',
      help: 'From the head of a request to the last byte of its answer; without tunnels, and without clients that left.',
      samples: each((service, { totals }) =>
        [...totals.cells()]
          .filter(({ durations }) => durations.count > 0)
          .flatMap(({ caller, route, durations }) => histogramSamples({ source: caller, service, route }, durations)),
      ),
    },
    {
      name: 'mesh_request_bytes_total',
      type: 'counter',
      help: 'Bytes of the bodies of requests.',
      samples: each((service, { totals }) =>
        Array.from(totals.callers, ({ name, requestBytes }) => {
          return { labels: { source: name, service }, value: requestBytes };
        }),
      ),
    },
    {
      name: 'mesh_response_bytes_total',
      type: 'counter',
      help: 'Bytes of the bodies of answers, as they came from the instances.',
      samples: each((service, { totals }) =>
        Array.from(totals.callers, ({ name, responseBytes }) => {
          return { labels: { source: name, service }, value: responseBytes };
        }),
      ),
    },
    {
      name: 'mesh_gateway_turned_away_total',
      type: 'counter',
      help: 'Clients that were answered before they came to a request: too many connections, or no HTTP.',
      samples: Array.from(measure.turnedAway, ({ service = '', reason, value }) => {
        return { labels: { service, reason }, value };
      }),
    },
    {
      name: 'mesh_inflight_requests',
      type: 'gauge',
      help: 'Requests under way.',
      samples: inFlight(measure),
    },
  ];
}

/** By caller; where nothing is under way, that is said too. */
function inFlight({ meters, underWay }: Measure): Sample[] {
  const counts = new Map([...meters.values()].flatMap(({ totals }) => Array.from(totals.callers, (part) => [part, 0])));
  for (const exchange of underWay) {
    const part = meters.get(exchange.service ?? '')?.totals.callerOf(exchange);
    if (part !== undefined) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...meters].flatMap(([service, { totals }]) =>
    Array.from(totals.callers, (part) => ({ labels: { source: part.name, service }, value: counts.get(part) ?? 0 })),
  );
}
