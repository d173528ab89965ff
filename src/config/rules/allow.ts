import type { Finding } from '../finding.js';
import { anonymousCaller } from '../schema/allow.js';
import type { ServiceFile } from '../schema/mesh-file.js';
import { unknownService } from './service-names.js';

/** Callers are services of the file, or whoever the mesh does not know. */
export function checkAllow(name: string, service: ServiceFile, names: ReadonlySet<string>): Finding[] {
  return (service.allow ?? []).flatMap((caller, index) => {
    if (names.has(caller) || caller === anonymousCaller) return [];
    return [unknownService(caller, [...names, anonymousCaller], ['services', name, 'allow', index])];
  });
}
