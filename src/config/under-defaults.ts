import type { MeshFile, ServiceFile } from './schema/mesh-file.js';

/** The service over the file's `defaults`: its own values win, mappings are merged one level deep. */
export function underDefaults(service: ServiceFile, defaults: MeshFile['defaults']): ServiceFile {
  if (defaults === undefined) return service;
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
  };
}

/** One probe is enough: a service that names one does not also get the other kinds from the defaults. */
function healthCheckUnder({ healthCheck: own, expose }: ServiceFile, below: ServiceFile['healthCheck']) {
  if (expose === false || below === undefined) return own;
  const { path: _, tcp: __, command: ___, ...withoutProbe } = below;
  return merged(probes(own).length > 0 ? withoutProbe : below, own);
}

/** The names of the probes that a health check has. */
export function probes(check: ServiceFile['healthCheck']): ReadonlyArray<'path' | 'tcp' | 'command'> {
  return (['path', 'tcp', 'command'] as const).filter((probe) => check?.[probe] !== undefined);
}

function merged<Values extends object>(
  below: Values | undefined,
  own: Values | undefined,
): Partial<Values> | undefined {
  return below === undefined ? own : { ...present(below), ...present(own) };
}

/** Without keys that are undefined, which would overrule what is below them. */
export function present<Values extends object>(values: Values | undefined): Partial<Values> {
  const kept: Partial<Values> = { ...values };
  for (const key of Object.keys(kept)) {
    if (Reflect.get(kept, key) === undefined) Reflect.deleteProperty(kept, key);
  }
  return kept;
}
