import type { Checked } from './check.js';
import type { Finding } from './finding.js';
import { checkDependencies } from './rules/dependencies.js';
import { checkInstances } from './rules/instances.js';
import { checkPorts } from './rules/ports.js';
import { checkRoutes } from './rules/routes.js';
import { checkEnvironment, checkService } from './rules/service-keys.js';
import { checkToken } from './rules/token.js';

/** What no key can know alone: mistakes between keys and between services. They see what `check` found right. */
export function checkRules({ file, findings, serviceNames }: Checked): Finding[] {
  // Of a service with mistakes only what it does to others is judged: a key that was left out must not be missed.
  const broken = new Set(findings.filter(({ path }) => path[0] === 'services').map(({ path }) => path[1]));
  const whole = Object.entries(file.services ?? {}).filter(([name]) => !broken.has(name));
  return [
    ...checkToken(file),
    ...checkEnvironment(file.defaults?.environment, ['defaults', 'environment']),
    ...whole.flatMap(([name, service]) => [
      ...checkService(name, service, file.defaults),
      ...checkInstances(name, service),
    ]),
    ...checkDependencies(file, serviceNames),
    ...checkRoutes(file),
    ...checkPorts(file),
  ];
}
