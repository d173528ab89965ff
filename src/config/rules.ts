import type { Checked } from './check.js';
import type { Finding } from './finding.js';
import { checkAlerts } from './rules/alerts.js';
import { checkAllow } from './rules/allow.js';
import { checkCircuitBreakers } from './rules/circuit-breaker.js';
import { checkDependencies } from './rules/dependencies.js';
import { checkFaults } from './rules/faults.js';
import { checkHealthCheck, checkProbes } from './rules/health-check.js';
import { checkInstances } from './rules/instances.js';
import { checkDefaultLoadBalancer, checkLoadBalancer } from './rules/load-balancer.js';
import { checkMirror } from './rules/mirror.js';
import { checkPorts } from './rules/ports.js';
import { checkRoutes } from './rules/routes.js';
import { checkScenarios } from './rules/scenarios.js';
import { checkEnvironment, checkService } from './rules/service-keys.js';
import { checkSplit } from './rules/split.js';
import { checkToken } from './rules/token.js';

/** What no key can know alone: mistakes between keys and between services. They see what `check` found right. */
export function checkRules({ file, serviceNames, isBroken }: Checked): Finding[] {
  const { defaults } = file;
  const services = Object.entries(file.services ?? {});
  return [
    ...checkToken(file),
    ...checkEnvironment(defaults?.environment, ['defaults', 'environment']),
    ...checkProbes(defaults?.healthCheck, ['defaults', 'healthCheck']),
    ...checkDefaultLoadBalancer(defaults, isBroken),
    ...services.flatMap(([name, service]) => [
      ...checkService(name, service, isBroken),
      ...checkInstances(name, service, isBroken),
      ...checkHealthCheck(name, service, defaults, isBroken),
      ...checkAllow(name, service, serviceNames),
      ...checkLoadBalancer(name, service, defaults, isBroken),
      ...checkSplit(name, service, isBroken),
      ...checkMirror(name, service, file, serviceNames),
      ...checkFaults(service.faults, ['services', name, 'faults'], serviceNames),
    ]),
    ...checkCircuitBreakers(file, isBroken),
    ...checkDependencies(file, serviceNames),
    ...checkScenarios(file, serviceNames),
    ...checkAlerts(file, serviceNames, isBroken),
    ...checkRoutes(file, isBroken),
    ...checkPorts(file),
  ];
}
