import type { Finding } from '../finding.js';
import type { MeshFile, ServiceFile } from '../schema/mesh-file.js';
import { unknownService } from './service-names.js';

/** Copies go to another service that can be called. */
export function checkMirror(
  name: string,
  { mirror }: ServiceFile,
  file: MeshFile,
  names: ReadonlySet<string>,
): Finding[] {
  const target = mirror?.service;
  if (target === undefined) return [];
  const path = ['services', name, 'mirror', 'service'];
  if (!names.has(target)) return [unknownService(target, names, path)];
  if (target === name) {
    const hint = 'for another version of it write `version`';
    return [{ code: 'contradiction', message: 'a service cannot mirror itself', hint, path }];
  }
  if (file.services?.[target]?.expose !== false) return [];
  return [{ code: 'contradiction', message: `\`${target}\` is a worker: it cannot be called`, path }];
}
