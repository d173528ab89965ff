import type { Finding, Path } from '../finding.js';
import type { MeshFile, ServiceFile } from '../schema/mesh-file.js';
import { probes } from '../under-defaults.js';

/** A health check of a service has one probe, be it that of `defaults`. */
export function checkHealthCheck(
  name: string,
  { healthCheck: own, expose }: ServiceFile,
  defaults: MeshFile['defaults'],
  isBroken: (path: Path) => boolean,
): Finding[] {
  const path = ['services', name, 'healthCheck'];
  if (!own || expose === false || isBroken(path) || isBroken(['defaults', 'healthCheck'])) return [];
  if (probes(own).length > 0 || probes(defaults?.healthCheck).length > 0) return checkProbes(own, path);
  const message = 'a health check needs `path: /…` (HTTP), `tcp: true` or `command: …`';
  return [{ code: 'contradiction', message, path, at: 'key' }];
}

/** The probes of one health check exclude each other. */
export function checkProbes(check: ServiceFile['healthCheck'], path: readonly string[]): Finding[] {
  const [first, second] = probes(check);
  if (second === undefined) return [];
  const message = `a health check has one probe: either \`${first}\` or \`${second}\`, not both`;
  return [{ code: 'contradiction', message, path: [...path, second], at: 'key' }];
}
