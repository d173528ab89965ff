import { MeshError } from '../foundation/errors.js';
import { printable } from '../foundation/text.js';

export type DiagnosticCode =
  | 'unreadable'
  | 'yaml_syntax'
  | 'yaml_limit'
  | 'duplicate_key'
  | 'reserved_key'
  | 'unknown_key'
  | 'unknown_alias'
  | 'invalid_value'
  | 'bad_variable'
  | 'unset_variable'
  | 'unknown_service'
  | 'dependency_cycle'
  | 'duplicate_route'
  | 'duplicate_instance'
  | 'bad_address'
  | 'own_address'
  | 'port_conflict'
  | 'contradiction'
  | 'needs_token';

/** One mistake: what it is, where it stands, and what would be right. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  /** Without a full stop and without the place. */
  readonly message: string;
  /** How to put it right; undefined where the message says it. */
  readonly hint: string | undefined;
  /** As the caller named it; undefined for options given by a program. */
  readonly file: string | undefined;
  /** `services.web.instances[1].weight`; empty for the file as a whole. */
  readonly path: string;
  /** 1-based; undefined for options, and for a file that could not be read. */
  readonly line: number | undefined;
  /** 1-based, in characters (code points). */
  readonly column: number | undefined;
  /** The column after the last character that is meant, on the same line. */
  readonly endColumn: number | undefined;
  /** The line of the file; undefined where `line` is. */
  readonly source: SourceExcerpt | undefined;
}

/** A line, cut where it is too long to show, and what is meant in it, in UTF-16 units. */
export interface SourceExcerpt {
  readonly text: string;
  readonly start: number;
  readonly length: number;
}

/** How the parts are coloured. The default leaves them plain. */
export interface Paint {
  place(text: string): string;
  error(text: string): string;
  gutter(text: string): string;
  caret(text: string): string;
  hint(text: string): string;
}

/** A mesh file, or options, with everything that is wrong in them. The message is what a compiler would print. */
export class ConfigError extends MeshError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: 'invalid_config' | 'config_unreadable', diagnostics: readonly Diagnostic[], cause?: unknown) {
    super(code, formatDiagnostics(diagnostics), { cause });
    this.diagnostics = diagnostics;
  }
}

/** All of them, one after the other. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], paint: Paint = plainPaint): string {
  const shown = diagnostics.slice(0, shownAtMost).map((diagnostic) => formatDiagnostic(diagnostic, paint));
  const more = diagnostics.length - shown.length;
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

/** Beyond this many nobody reads on, and a file of garbage has a mistake in every line. */
const shownAtMost = 50;

/**
 * ```
 * mesh.yaml:12:7 error: unknown key `repliacs`
 *    12 |       repliacs: 2
 *       |       ^^^^^^^^
 *       = did you mean `replicas`?
 * ```
 */
export function formatDiagnostic(diagnostic: Diagnostic, paint: Paint = plainPaint): string {
  const lines = [`${placeOf(diagnostic, paint)}${paint.error('error:')} ${printable(diagnostic.message)}`];
  const number = diagnostic.line === undefined ? '' : String(diagnostic.line);
  const margin = ' '.repeat(Math.max(gutterWidth, number.length));
  if (diagnostic.source !== undefined) {
    const { text, start, length } = diagnostic.source;
    const before = text.slice(0, start);
    const meant = text.slice(start, start + length);
    lines.push(`${paint.gutter(`${number.padStart(margin.length)} |`)} ${printable(text).trimEnd()}`);
    lines.push(`${paint.gutter(`${margin} |`)} ${blanks(before)}${paint.caret('^'.repeat(Math.max(1, cells(meant))))}`);
  }
  if (diagnostic.hint !== undefined) {
    lines.push(`${paint.gutter(`${margin} =`)} ${paint.hint(printable(diagnostic.hint))}`);
  }
  return lines.join('\n');
}

const gutterWidth = 5;

const plainPaint: Paint = {
  place: (text) => text,
  error: (text) => text,
  gutter: (text) => text,
  caret: (text) => text,
  hint: (text) => text,
};

/** `mesh.yaml:12:7 `, `mesh.yaml: `, or for options `services.web.replicas: `. */
function placeOf({ file, path, line, column }: Diagnostic, paint: Paint): string {
  const name = file ?? path;
  if (name === '') return '';
  const place = line === undefined ? `${name}:` : `${name}:${line}:${column}`;
  return `${paint.place(printable(place))} `;
}

/** As wide as the text, on the line below it: tabs stay tabs. */
function blanks(text: string): string {
  return text
    .split('\t')
    .map((part) => ' '.repeat(cells(part)))
    .join('\t');
}

/** How many cells of a terminal the text fills. */
function cells(text: string): number {
  let count = 0;
  for (const character of printable(text)) {
    if (/\p{Mark}/u.test(character)) continue;
    count += wide.test(character) ? 2 : 1;
  }
  return count;
}

/** East Asian wide characters and emoji take two cells. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
