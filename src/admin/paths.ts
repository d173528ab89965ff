import type { ExchangesQuery } from './exchanges-wire.js';
import type { LogsQuery } from './logs-wire.js';

/** Where in the API a client finds what takes names or a query to be found. */
export const paths = {
  instance: (service: string, id: string) => `${paths.service(service)}/instances/${encodeURIComponent(id)}`,
  service: (name: string) => `/v1/services/${encodeURIComponent(name)}`,
  split: (service: string) => `${paths.service(service)}/split`,
  shaping: (service: string) => `${paths.service(service)}/shaping`,
  run: (scenario: string) => `/v1/scenarios/${encodeURIComponent(scenario)}/run`,
  exchange: (id: string) => `/v1/exchanges/${encodeURIComponent(id)}`,
  trace: (traceId: string) => `/v1/traces/${encodeURIComponent(traceId)}`,
  alert: (name: string, service: string | undefined) =>
    `/v1/alerts/${encodeURIComponent(name)}${service === undefined ? '' : `?${queryOf({ service })}`}`,
  exchangeStream: ({ service, status, path, slow }: ExchangesQuery) =>
    `/v1/exchanges?${queryOf({ follow: 'true', service, status, path, slow })}`,
  logStream: ({ services, tail, since, trace, traceIds }: LogsQuery) =>
    `/v1/logs?${queryOf({ follow: 'true', service: services, tail, since, trace, traceIds })}`,
};

type Parameter = string | number | boolean | readonly string[] | undefined;

/** What is undefined is left out; of several values, each is a parameter of its own. */
function queryOf(parameters: Readonly<Record<string, Parameter>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) if (each !== undefined) query.append(name, String(each));
  }
  return query;
}
