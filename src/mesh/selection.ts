import type { Snapshot } from '../config/snapshot.js';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';

/** The services named, and all that they depend on. @throws unknown_service */
export function withDependencies(snapshot: Snapshot, names: readonly string[]): ReadonlySet<string> {
  const selected = new Set<string>();
  const select = (name: string): void => {
    if (selected.has(name)) return;
    const service = snapshot.services.get(name);
    if (service === undefined) throw unknown(name, snapshot);
    selected.add(name);
    service.process?.dependsOn.forEach(select);
  };
  names.forEach(select);
  return selected;
}

function unknown(name: string, { services }: Snapshot): MeshError {
  const meant = nearest(name, services.keys());
  return new MeshError('unknown_service', `The mesh file has no service \`${name}\``, {
    hint: meant === undefined ? `It has ${[...services.keys()].join(', ')}.` : `Did you mean \`${meant}\`?`,
  });
}
