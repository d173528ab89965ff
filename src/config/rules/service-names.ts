import { nearest } from '../../foundation/text.js';
import type { Finding, Path } from '../finding.js';

/** A name that should be one of these, and is not. */
export function unknownService(name: string, known: Iterable<string>, path: Path): Finding {
  const names = [...known];
  const near = nearest(name, names);
  return {
    code: 'unknown_service',
    message: `there is no service \`${name}\``,
    hint: near === undefined ? `the services are ${names.join(', ')}` : `did you mean \`${near}\`?`,
    path,
  };
}
