import { MeshError } from '../foundation/errors.js';
import type { Candidates } from './candidates.js';

/** Why a service has nobody to answer, in a sentence, with the way out. */
export function noneOf(name: string, version: string | undefined, candidates: Candidates): MeshError {
  const all = candidates.instances;
  const instances = version === undefined ? all : all.filter((instance) => instance.version === version);
  const what = version === undefined ? '' : ` of version \`${version}\``;
  if (instances.length === 0) {
    const start = `Start one, or name one that runs already: \`mesh register ${name} HOST:PORT${version === undefined ? '' : ` --version ${version}`}\`.`;
    return new MeshError('no_healthy_instance', `\`${name}\` has no instance${what}`, { hint: start });
  }
  const counts = new Map<string, number>();
  for (const { health, weight } of instances) {
    const state = weight === 0 ? `${health} with weight 0` : health;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  const states = [...counts].map(([state, count]) => `${count} ${state}`);
  return new MeshError('no_healthy_instance', `\`${name}\` has no healthy instance${what}: ${states.join(', ')}`, {
    hint: `Look at \`mesh inspect ${name}\` for what its health checks say.`,
  });
}
