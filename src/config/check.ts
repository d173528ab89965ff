import type { z } from 'zod';
import { nearest, shorten } from '../foundation/text.js';
import { maskCredentials } from './credentials.js';
import type { Finding, Path, TextPart } from './finding.js';
import { formatPath } from './finding.js';
import { plain, Scalar } from './scalar.js';
import type { MeshFile } from './schema/mesh-file.js';
import { meshFile } from './schema/mesh-file.js';
import { isMapping } from './schema/section.js';

export interface Checked {
  readonly findings: readonly Finding[];
  /** What is right: where something is not, its key (or its whole list) is left out. */
  readonly file: MeshFile;
  /** Every name under `services`, also of those left out: to depend on one of them is no second mistake. */
  readonly serviceNames: ReadonlySet<string>;
  /** Was something there, at the path or in it, left out of `file` because of a mistake? An unknown key is no loss. */
  isBroken(path: Path): boolean;
}

/**
 * The values of a file, or options, against the schema: all mistakes at once, and the rest as typed values.
 * @param missing where values are missing because of mistakes that were found before.
 */
export function check(value: unknown, missing: readonly Path[] = []): Checked {
  const findings: Finding[] = [];
  const services = valueAt(value, ['services']);
  const serviceNames = new Set([
    ...(isMapping(services) ? Object.keys(services) : []),
    ...missing.filter(([section]) => section === 'services').map(([, name]) => String(name)),
  ]);
  const lost = [...missing];
  let rest = value;
  // Each round leaves something out, down to the empty file, which is right.
  for (;;) {
    const result = meshFile.safeParse(rest);
    if (result.success) {
      return { findings, file: result.data, serviceNames, isBroken: isAmong(lost) };
    }
    const mistakes = firstPerPath(result.error.issues.flatMap((issue) => toMistakes(issue, [], rest)));
    if (findings.length === 0) {
      findings.push(...mistakes.flatMap((mistake) => toFindings(mistake, value)));
      rest = copyOf(value);
    }
    lost.push(...mistakes.filter(({ issue }) => issue.code !== 'unrecognized_keys').map(({ path }) => path));
    // Once each: two mistakes in one list leave out the list, not also what it stands in.
    const wrong = new Map(
      mistakes
        .map(placeOf)
        .map(upToList)
        .map((path) => [formatPath(path), path]),
    );
    for (const path of wrong.values()) if (!cut(rest, path)) rest = {};
  }
}

/** Is the place one that was lost, or around one, or within one? */
function isAmong(lost: readonly Path[]): (path: Path) => boolean {
  const exact = new Set(lost.map(formatPath));
  const around = new Set(lost.flatMap(prefixes));
  return (path) => around.has(formatPath(path)) || prefixes(path).some((prefix) => exact.has(prefix));
}

/** `a`, `a.b`, `a.b.c` */
function prefixes(path: Path): string[] {
  return path.map((_, index) => formatPath(path.slice(0, index + 1)));
}

type Issue = z.core.$ZodIssue;

/** An issue by its path from the top of the file, of the form that was meant where a value has several. */
interface Mistake {
  readonly issue: Issue;
  readonly path: Path;
}

function toMistakes(issue: Issue, prefix: Path, root: unknown): Mistake[] {
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  if (issue.code === 'invalid_union') {
    // The form that was meant is the one whose outermost type is right.
    const given = plain(valueAt(root, path));
    const meant = issue.errors.filter((errors) => !errors.some((error) => isRootType(error, given)));
    const [only] = meant;
    if (meant.length === 1 && only !== undefined) return only.flatMap((error) => toMistakes(error, path, root));
  }
  return [{ issue, path }];
}

/** Is the value not even of the type that the form has? One of several words is of the type of every text. */
function isRootType(issue: Issue, given: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') {
    return issue.errors.every((errors) => errors.some((error) => isRootType(error, given)));
  }
  if (issue.code !== 'invalid_value') return issue.code === 'invalid_type';
  return typeof given !== 'string' || !issue.values.some((value) => typeof value === 'string');
}

function toFindings({ issue, path }: Mistake, root: unknown): Finding[] {
  const given = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        code: 'unknown_key',
        message: `unknown key \`${shorten(key)}\``,
        path: [...path, key],
        at: 'key',
        ...hintOf(issue),
      }));
    case 'invalid_key':
      return [
        {
          code: 'invalid_value',
          message: `${issue.message}, found \`${shorten(String(path.at(-1)))}\``,
          path,
          at: 'key',
        },
      ];
    case 'invalid_value': {
      const near = nearest(String(plain(given)), issue.values.map(String));
      return [
        { ...invalid(issue.message, path, given), ...(near !== undefined && { hint: `did you mean \`${near}\`?` }) },
      ];
    }
    case 'custom':
      switch (issue.params?.code) {
        case 'unset_variable':
        case 'bad_variable':
          return [{ code: issue.params.code, message: issue.message, path, ...hintOf(issue) }];
        case 'contradiction':
        case 'invalid_value':
          return [{ code: issue.params.code, message: issue.message, path, ...placeIn(issue), ...hintOf(issue) }];
        default:
          return [{ ...invalid(issue.message, path, given), ...hintOf(issue) }];
      }
    default:
      return [invalid(issue.message, path, given)];
  }
}

function invalid(message: string, path: Path, given: unknown): Finding {
  // A secret that came from the environment must not reach a log.
  const found = formatPath(path) === 'admin.token' ? '' : `, found ${describe(given)}`;
  return { code: 'invalid_value', message: message + found, path };
}

function describe(given: unknown): string {
  if (given instanceof Scalar && given.isText) {
    const expansion = given.expansion;
    const text = expansion.kind === 'text' ? expansion.text : given.source;
    return text === given.source ? quote(text) : `${quote(text)} (from ${quote(given.source)})`;
  }
  if (given instanceof Scalar) return given.value === null ? 'nothing' : quote(given.source);
  if (given === null || given === undefined) return 'nothing';
  if (Array.isArray(given)) return 'a list';
  if (isMapping(given)) return 'a mapping';
  return quote(String(given));
}

function quote(text: string): string {
  return text === '' ? 'an empty text' : `\`${shorten(maskCredentials(text))}\``;
}

/** A word of the value, where the issue names one; else the key. */
function placeIn(issue: z.core.$ZodIssueCustom): Pick<Finding, 'at' | 'part'> {
  const part: unknown = issue.params?.part;
  return isPart(part) ? { part } : { at: 'key' };
}

function isPart(part: unknown): part is TextPart {
  if (!isMapping(part)) return false;
  return typeof part.text === 'string' && typeof part.start === 'number' && typeof part.end === 'number';
}

function hintOf(issue: Issue): { hint?: string } {
  if (!('params' in issue) || !isMapping(issue.params)) return {};
  const { hint } = issue.params;
  return typeof hint === 'string' ? { hint } : {};
}

/** Several checks of one value fail together; the first says what is expected. */
function firstPerPath(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter(({ issue, path }) => {
    const key = formatPath(path);
    if (issue.code === 'unrecognized_keys' || !seen.has(key)) return seen.add(key);
    return false;
  });
}

/** An unknown key is left out itself, and not what it stands in. */
function placeOf({ issue, path }: Mistake): Path {
  return issue.code === 'unrecognized_keys' ? [...path, ...issue.keys] : path;
}

function upToList(path: Path): Path {
  const list = path.findIndex((step) => typeof step === 'number');
  return list === -1 ? path : path.slice(0, list);
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else value = isMapping(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}

/** A copy of the mappings, to be cut; lists and single values are only ever left out whole. */
function copyOf(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)]));
}

/** Leaves out what stands at the path, or where nothing does, what it is missing from. False: there is nothing left. */
function cut(root: unknown, path: Path): boolean {
  let holder: Record<string, unknown> | undefined;
  let key: string | number = '';
  let value = root;
  for (const step of path) {
    if (!isMapping(value) || !Object.hasOwn(value, step)) break;
    [holder, key, value] = [value, step, value[step]];
  }
  if (holder === undefined) return false;
  delete holder[key];
  return true;
}
