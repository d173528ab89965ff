import type { Finding, Path } from '../finding.js';
import type { MeshFile } from '../schema/mesh-file.js';
import type { WholeService } from '../under-defaults.js';
import { underDefaults } from '../under-defaults.js';

/** A circuit that nothing opens is a wish that was forgotten. */
export function checkCircuitBreakers(file: MeshFile, isBroken: (path: Path) => boolean): Finding[] {
  const services = Object.entries(file.services ?? {}).filter(([, service]) => service.circuitBreaker !== undefined);
  return [
    ...checkOne(underDefaults({}, file.defaults), ['defaults'], isBroken),
    ...services.flatMap(([name, service]) =>
      checkOne(underDefaults(service, file.defaults), ['services', name], isBroken),
    ),
  ];
}

function checkOne({ circuitBreaker }: WholeService, at: string[], isBroken: (path: Path) => boolean): Finding[] {
  const path = [...at, 'circuitBreaker'];
  if (circuitBreaker?.failureRate !== 0 || (circuitBreaker.consecutiveFailures ?? 0) > 0 || isBroken(path)) return [];
  const message = 'nothing opens this circuit';
  const hint = 'give it a `failureRate` or `consecutiveFailures` above 0';
  return [{ code: 'contradiction', message, hint, path, at: 'key' }];
}
