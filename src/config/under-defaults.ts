import type { MeshFile, ServiceFile } from './schema/mesh-file.js';

/** A service with all that holds for it. What it switched off is not there. */
export type WholeService = {
  readonly [Key in keyof ServiceFile]: Key extends SwitchableKey ? Exclude<ServiceFile[Key], false> : ServiceFile[Key];
};

/** `false` switches these off; of `expose` it is a value like another. */
type SwitchableKey =
  | 'healthCheck'
  | 'retries'
  | 'connectionPool'
  | 'circuitBreaker'
  | 'outlierDetection'
  | 'rateLimit'
  | 'concurrency'
  | 'bandwidth'
  | 'slo';

/** The service over the file's `defaults`: its own values win, mappings are merged one level deep. */
export function underDefaults(service: ServiceFile, defaults: MeshFile['defaults'] = {}): WholeService {
  return {
    ...present(defaults),
    ...present(service),
    environment: { ...defaults.environment, ...service.environment },
    healthCheck: healthCheckUnder(service, defaults.healthCheck),
    loadBalancer: merged(defaults.loadBalancer, service.loadBalancer),
    timeouts: merged(defaults.timeouts, service.timeouts),
    retries: merged(defaults.retries, service.retries),
    connectionPool: merged(defaults.connectionPool, service.connectionPool),
    circuitBreaker: merged(defaults.circuitBreaker, service.circuitBreaker),
    outlierDetection: merged(defaults.outlierDetection, service.outlierDetection),
    rateLimit: merged(defaults.rateLimit, service.rateLimit),
    concurrency: merged(defaults.concurrency, service.concurrency),
    bandwidth: merged(defaults.bandwidth, service.bandwidth),
    slo: service.expose === false ? undefined : merged(defaults.slo, service.slo), // nobody calls a worker
  };
}

/** One probe is enough: a service that names one does not also get the other kinds from the defaults. */
function healthCheckUnder({ healthCheck: own, expose }: ServiceFile, below: ServiceFile['healthCheck']) {
  if (expose === false || !below) return own || undefined;
  const { path: _, tcp: __, command: ___, ...withoutProbe } = below;
  return merged(probes(own).length > 0 ? withoutProbe : below, own);
}

/** The names of the probes that a health check has. */
export function probes(check: ServiceFile['healthCheck']): ReadonlyArray<'path' | 'tcp' | 'command'> {
  return (['path', 'tcp', 'command'] as const).filter((probe) => check && check[probe] !== undefined);
}

/** To switch off what is below wins over it as a value does; what is switched off below is nothing to build on. */
function merged<Values extends object>(
  below: Values | false | undefined,
  own: Values | false | undefined,
): Values | undefined {
  if (own === false || !below) return own || undefined;
  return { ...below, ...present(own) };
}

/** Without keys that are undefined, which would overrule what is below them. */
export function present<Values extends object>(values: Values | undefined): Partial<Values> {
  const kept: Partial<Values> = { ...values };
  for (const key of Object.keys(kept)) {
    if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  }
  return kept;
}
