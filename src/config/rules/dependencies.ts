import type { Finding } from '../finding.js';
import type { MeshFile } from '../schema/mesh-file.js';
import { unknownService } from './service-names.js';

/** `dependsOn` names services of the file, and nobody waits for himself. */
export function checkDependencies(file: MeshFile, names: ReadonlySet<string>): Finding[] {
  return [...unknownServices(file, names), ...cycles(file)];
}

function unknownServices(file: MeshFile, names: ReadonlySet<string>): Finding[] {
  return Object.entries(file.services ?? {}).flatMap(([name, service]) =>
    (service.dependsOn ?? []).flatMap((dependency, index) =>
      names.has(dependency) ? [] : [unknownService(dependency, names, ['services', name, 'dependsOn', index])],
    ),
  );
}

/** Each cycle once, named in full from the service that the file names first: `web → orders → web`. */
function cycles(file: MeshFile): Finding[] {
  const services = file.services ?? {};
  const findings: Finding[] = [];
  const done = new Set<string>();
  const trail: Step[] = []; // not the stack of calls: a generated file may have a chain of thousands
  const onTrail = new Set<string>();
  const enter = (name: string) => {
    trail.push({ name, rest: (services[name]?.dependsOn ?? []).entries() });
    onTrail.add(name);
  };
  for (const first of Object.keys(services)) {
    if (!done.has(first)) enter(first);
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const next = step.rest.next();
      if (next.done) {
        trail.pop();
        onTrail.delete(step.name);
        done.add(step.name);
        continue;
      }
      const [index, dependency] = next.value;
      if (onTrail.has(dependency)) findings.push(cycleAt(trail, dependency, index));
      else if (Object.hasOwn(services, dependency) && !done.has(dependency)) enter(dependency);
    }
  }
  return findings;
}

/** A service on the way, and those of its dependencies that have not been looked at. */
interface Step {
  readonly name: string;
  readonly rest: IterableIterator<[index: number, dependency: string]>;
}

function cycleAt(trail: readonly Step[], dependency: string, index: number): Finding {
  const names = trail.map(({ name }) => name);
  const cycle = [...names.slice(names.indexOf(dependency)), dependency];
  return {
    code: 'dependency_cycle',
    message: `services wait for each other: ${cycle.join(' → ')}`,
    hint: 'remove one of these dependencies; a service may call another without waiting for it',
    path: ['services', names.at(-1) ?? '', 'dependsOn', index],
  };
}
