import { nearest } from '../../foundation/text.js';
import type { Finding } from '../finding.js';
import type { MeshFile } from '../schema/mesh-file.js';

/** `dependsOn` names services of the file, and nobody waits for himself. */
export function checkDependencies(file: MeshFile, names: ReadonlySet<string>): Finding[] {
  return [...unknownServices(file, names), ...cycles(file)];
}

function unknownServices(file: MeshFile, names: ReadonlySet<string>): Finding[] {
  return Object.entries(file.services ?? {}).flatMap(([name, service]) =>
    (service.dependsOn ?? []).flatMap((dependency, index): Finding[] => {
      if (names.has(dependency)) return [];
      const near = nearest(dependency, names);
      const hint = near === undefined ? `the services are ${[...names].join(', ')}` : `did you mean \`${near}\`?`;
      const message = `there is no service \`${dependency}\``;
      return [{ code: 'unknown_service', message, hint, path: ['services', name, 'dependsOn', index] }];
    }),
  );
}

/** Each cycle once, named in full from the service that the file names first: `web → orders → web`. */
function cycles(file: MeshFile): Finding[] {
  const services = file.services ?? {};
  const findings: Finding[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const onTrail = new Set<string>();

  const visit = (name: string) => {
    trail.push(name);
    onTrail.add(name);
    for (const [index, dependency] of (services[name]?.dependsOn ?? []).entries()) {
      if (onTrail.has(dependency)) {
        const cycle = [...trail.slice(trail.indexOf(dependency)), dependency];
        findings.push({
          code: 'dependency_cycle',
          message: `services wait for each other: ${cycle.join(' → ')}`,
          hint: 'remove one of these dependencies; a service may call another without waiting for it',
          path: ['services', name, 'dependsOn', index],
        });
      } else if (Object.hasOwn(services, dependency) && !done.has(dependency)) {
        visit(dependency);
      }
    }
    trail.pop();
    onTrail.delete(name);
    done.add(name);
  };

  for (const name of Object.keys(services)) if (!done.has(name)) visit(name);
  return findings;
}
