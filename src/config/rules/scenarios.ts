import type { Finding, Path } from '../finding.js';
import type { MeshFile } from '../schema/mesh-file.js';
import type { StepFile } from '../schema/scenarios.js';
import { everyService } from '../schema/scenarios.js';
import { checkFault, checkFaults } from './faults.js';
import { unknownService } from './service-names.js';

/** Scenarios are about services of the file that can be called. */
export function checkScenarios(file: MeshFile, names: ReadonlySet<string>): Finding[] {
  return Object.entries(file.scenarios ?? {}).flatMap(([scenario, steps]) =>
    steps.flatMap((step, index) => checkStep(step, ['scenarios', scenario, index], file, names)),
  );
}

function checkStep(step: StepFile, path: Path, file: MeshFile, names: ReadonlySet<string>): Finding[] {
  const { service, clear, fault, faults } = step;
  return [
    ...(service === undefined ? [] : checkTarget(service, names, file, [...path, 'service'])),
    ...(clear === undefined || clear === everyService || names.has(clear)
      ? []
      : [unknownService(clear, [...names, everyService], [...path, 'clear'])]),
    ...(fault === undefined ? [] : checkFault(fault, [...path, 'fault'], names)),
    ...checkFaults(faults, [...path, 'faults'], names),
  ];
}

function checkTarget(service: string, names: ReadonlySet<string>, file: MeshFile, path: Path): Finding[] {
  if (!names.has(service)) return [unknownService(service, names, path)];
  if (file.services?.[service]?.expose !== false) return [];
  return [{ code: 'contradiction', message: `\`${service}\` is a worker: it cannot be called`, path }];
}
