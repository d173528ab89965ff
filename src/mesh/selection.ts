import type { Snapshot } from '../config/snapshot.js';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';

/** The services named, and all that they depend on. @throws unknown_service */
export function withDependencies(snapshot: Snapshot, names: readonly string[]): ReadonlySet<string> {
  const selected = new Set(names);
  for (const name of selected) {
    const service = snapshot.services.get(name);
    if (service === undefined) throw unknown(name, snapshot);
    for (const dependency of service.process?.dependsOn ?? []) selected.add(dependency); // the loop comes to it, too
  }
  return selected;
}

function unknown(name: string, { services }: Snapshot): MeshError {
  const meant = nearest(name, services.keys());
  const known = services.size === 0 ? 'It has no services yet.' : `It has ${[...services.keys()].join(', ')}.`;
  return new MeshError('unknown_service', `The mesh file has no service \`${name}\``, {
    hint: meant === undefined ? known : `Did you mean \`${meant}\`?`,
  });
}
