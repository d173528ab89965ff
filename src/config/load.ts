import { dirname, resolve as resolvePath } from 'node:path';
import { check } from './check.js';
import type { Diagnostic } from './diagnostic.js';
import { ConfigError } from './diagnostic.js';
import type { Finding } from './finding.js';
import { formatPath } from './finding.js';
import type { Environment } from './interpolate.js';
import { parse } from './parse.js';
import { resolve } from './resolve.js';
import { checkRules } from './rules.js';
import type { MeshOptions } from './schema/mesh-file.js';
import type { Snapshot } from './snapshot.js';
import { readSource } from './source.js';
import { SourceText } from './source-text.js';

export type { MeshOptions } from './schema/mesh-file.js';

/**
 * Reads a mesh file.
 * @param environment what `${NAME}` reads.
 * @throws MeshError config_not_found; ConfigError with every mistake of the file.
 */
export async function loadFile(path: string, environment: Environment): Promise<Snapshot> {
  const text = await readSource(path);
  return loadText(text, { file: path, directory: dirname(resolvePath(path)), environment });
}

/**
 * A mesh file's text → its snapshot.
 * @param where `file` names it in diagnostics, as the reader knows it; its paths are read against `directory`.
 * @throws ConfigError with every mistake of the text.
 */
export function loadText(
  text: string,
  where: { readonly file: string; readonly directory: string; readonly environment: Environment },
): Snapshot {
  const source = new SourceText(where.file, text.replace(/^\ufeff/, ''));
  const parsed = parse(source, where.environment);
  // Without a tree there is nothing to check: what the grammar makes of a broken text are only further errors.
  if (parsed.value === undefined) throw new ConfigError('invalid_config', parsed.diagnostics);
  const checked = check(parsed.value, parsed.missing);
  const findings = [...checked.findings, ...checkRules(checked)];
  const found = findings.map((finding) => source.locate(finding, parsed.place));
  const diagnostics = inOrder([...parsed.diagnostics, ...found]);
  if (diagnostics.length > 0) throw new ConfigError('invalid_config', diagnostics);
  return resolve(checked.file, { file: resolvePath(where.file), directory: where.directory, store: 'file' });
}

/**
 * What a program gives in place of a mesh file. Same grammar, but nothing is read from the environment, and
 * registrations are kept in memory unless `registry.store` says otherwise.
 * @throws ConfigError with every mistake, each by its path.
 */
export function loadOptions(options: MeshOptions, { directory }: { readonly directory: string }): Snapshot {
  const checked = check(options);
  const diagnostics = [...checked.findings, ...checkRules(checked)].map(withoutPlace);
  if (diagnostics.length > 0) throw new ConfigError('invalid_config', diagnostics);
  return resolve(checked.file, { file: undefined, directory, store: 'memory' });
}

function withoutPlace({ code, message, hint, path }: Finding): Diagnostic {
  return {
    code,
    message,
    hint,
    file: undefined,
    path: formatPath(path),
    line: undefined,
    column: undefined,
    endColumn: undefined,
    source: undefined,
  };
}

/** From the top of the file; what an alias repeats is one mistake. */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const once = new Map(
    diagnostics.map((diagnostic) => [`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`, diagnostic]),
  );
  return [...once.values()].sort(
    (left, right) => (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0),
  );
}
