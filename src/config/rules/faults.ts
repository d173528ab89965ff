import type { Finding, Path } from '../finding.js';
import { anonymousCaller } from '../schema/allow.js';
import type { FaultFile } from '../schema/faults.js';
import { repeatedHeaders } from './routes.js';
import { unknownService } from './service-names.js';

/**
 * Callers are services of the file, or whoever the mesh does not know; and no header field is there twice.
 * @param path of the list of faults, or of one.
 */
export function checkFault(fault: FaultFile, path: Path, names: ReadonlySet<string>): Finding[] {
  const { match, mock } = fault;
  const caller = match?.caller;
  const isKnown = caller === undefined || caller === anonymousCaller || names.has(caller);
  return [
    ...(isKnown ? [] : [unknownService(caller, [...names, anonymousCaller], [...path, 'match', 'caller'])]),
    ...repeatedHeaders(Object.keys(match?.headers ?? {}), [...path, 'match']),
    ...repeatedHeaders(Object.keys(mock?.headers ?? {}), [...path, 'mock']),
  ];
}

export function checkFaults(faults: readonly FaultFile[] = [], path: Path, names: ReadonlySet<string>): Finding[] {
  return faults.flatMap((fault, index) => checkFault(fault, [...path, index], names));
}
