import type { Checked } from './check.js';
import type { Finding } from './finding.js';
import { checkDependencies } from './rules/dependencies.js';
import { checkInstances } from './rules/instances.js';
import { checkPorts } from './rules/ports.js';
import { checkRoutes } from './rules/routes.js';
import { checkEnvironment, checkService } from './rules/service-keys.js';
import { checkToken } from './rules/token.js';

/** What no key can know alone: mistakes between keys and between services. They see what `check` found right. */
export function checkRules({ file, serviceNames, isBroken }: Checked): Finding[] {
  const services = Object.entries(file.services ?? {});
  return [
    ...checkToken(file),
    ...checkEnvironment(file.defaults?.environment, ['defaults', 'environment']),
    ...services.flatMap(([name, service]) => [
      ...checkService(name, service, file.defaults, isBroken),
      ...checkInstances(name, service, isBroken),
    ]),
    ...checkDependencies(file, serviceNames),
    ...checkRoutes(file, isBroken),
    ...checkPorts(file),
  ];
}
