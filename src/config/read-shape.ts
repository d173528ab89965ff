import type { z } from 'zod';
import type { Path } from './finding.js';
import { formatPath } from './finding.js';
import { resolveShape } from './resolve-shaping.js';
import { shape } from './schema/shape.js';
import type { Shape } from './shaping-configs.js';

export type ShapeReading =
  | { readonly kind: 'shape'; readonly shape: Shape }
  /** A sentence each, with the path of the value: `faults[0].delay: expected a duration …`. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/**
 * What is said at run time of a service, in the words of the mesh file. Nothing of it is read from the environment, and
 * whether a caller is a service of the file is not asked: it may be registered later.
 * @param directory absolute; files are read against it.
 */
export function readShape(value: unknown, directory: string): ShapeReading {
  const result = shape.safeParse(value);
  if (result.success) return { kind: 'shape', shape: resolveShape(result.data, directory) };
  return { kind: 'invalid', problems: result.error.issues.flatMap((issue) => problemsOf(issue, [])) };
}

function problemsOf(issue: z.core.$ZodIssue, prefix: Path): string[] {
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  switch (issue.code) {
    case 'invalid_union': {
      // The form that was meant has more to say of the value than that it is of another form.
      const meant = issue.errors.find((issues) => issues.some(tellsMore));
      return meant?.flatMap((inner) => problemsOf(inner, path)) ?? [sentence(path, issue.message)];
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => sentence([...path, key], `unknown key${hintOf(issue)}`));
    default:
      return [sentence(path, `${issue.message}${hintOf(issue)}`)];
  }
}

function tellsMore(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.some((issues) => issues.some(tellsMore));
  return issue.path.length > 0 || hintOf(issue) !== '';
}

function sentence(path: Path, message: string): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`;
}

function hintOf(issue: z.core.$ZodIssue): string {
  const params: unknown = 'params' in issue ? issue.params : undefined;
  if (typeof params !== 'object' || params === null || !('hint' in params)) return '';
  return `; ${params.hint}`;
}
