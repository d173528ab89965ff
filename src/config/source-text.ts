import { maskCredentials } from './credentials.js';
import type { Diagnostic, DiagnosticCode, SourceExcerpt } from './diagnostic.js';
import type { Finding, Path, TextPart } from './finding.js';
import { formatPath } from './finding.js';

/** From one offset to another in the file's text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a value stands, and the values in it. */
export interface Place {
  /** The key before it; undefined for items of a list. */
  readonly key: Span | undefined;
  readonly value: Span;
  /** A mapping or a list: it is pointed at by its key, for it may be long. */
  readonly children: ReadonlyMap<string | number, Place> | undefined;
}

/** The text of a mesh file, and how its places are shown. */
export class SourceText {
  /** As the caller named it. */
  readonly file: string;
  readonly text: string;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), (match) => match.index + 1)];
  }

  /** A diagnostic of what stands at the path, or of the nearest thing around it that does. */
  locate(finding: Finding, root: Place): Diagnostic {
    const { code, message, hint, path, part } = finding;
    const whole = spanOf(root, path, finding.at ?? 'value');
    return this.diagnose(code, part === undefined ? whole : this.#partOf(whole, part), { message, hint, path });
  }

  diagnose(
    code: DiagnosticCode,
    span: Span,
    what: { message: string; hint?: string | undefined; path?: Path },
  ): Diagnostic {
    const lineIndex = this.#lineOf(span.start);
    const lineStart = this.#lineStarts[lineIndex] ?? 0;
    const line = this.text.slice(lineStart, this.#lineStarts[lineIndex + 1]).replace(/\r?\n$/, '');
    const start = Math.min(span.start - lineStart, line.length);
    const end = Math.max(start + 1, Math.min(span.end - lineStart, line.length));
    const column = characters(line.slice(0, start)) + 1;
    return {
      code,
      message: what.message,
      hint: what.hint,
      file: this.file,
      path: formatPath(what.path ?? []),
      line: lineIndex + 1,
      column,
      endColumn: column + Math.max(1, characters(line.slice(start, end))),
      source: excerpt(masked(line), start, end - start),
    };
  }

  /** A part of what is written there, between quotes or without. */
  #partOf(whole: Span, { text, start, end }: TextPart): Span {
    const written = this.text.slice(whole.start, whole.end);
    const at = written.indexOf(text);
    if (at !== -1) return { start: whole.start + at + start, end: whole.start + at + end };
    // Escapes, line breaks and variables have made another text of it: the word itself may still be there.
    const word = text.slice(start, end);
    const found = written.indexOf(word);
    const isThere = word !== '' && found !== -1 && found === written.lastIndexOf(word);
    return isThere ? { start: whole.start + found, end: whole.start + found + word.length } : whole;
  }

  /** The 1-based line of an offset. */
  lineNumber(offset: number): number {
    return this.#lineOf(offset) + 1;
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function spanOf(root: Place, path: Path, at: 'key' | 'value'): Span {
  let place = root;
  let whole = true;
  for (const step of path) {
    const child = place.children?.get(step);
    if (child === undefined) {
      whole = false;
      break;
    }
    place = child;
  }
  // What is missing is shown by the key of what it is missing from.
  const pointAtKey = at === 'key' || !whole || place.children !== undefined;
  return pointAtKey ? (place.key ?? place.value) : place.value;
}

function characters(text: string): number {
  return Array.from(text).length;
}

/** A secret does not reach a log or another screen because something is wrong beside it. The columns stay. */
function masked(line: string): string {
  return maskCredentials(line).replace(
    /(\btoken["']?\s*:\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,}#]+)/g,
    (whole: string, key: string, value: string) =>
      /^["']?(?:auto|none|\$\{.*\})["']?$/.test(value) ? whole : key + '*'.repeat(value.length),
  );
}

/** A minified file is one line of a megabyte: what is shown of a line fits a screen. */
const longestExcerpt = 160;

function excerpt(line: string, start: number, length: number): SourceExcerpt {
  if (line.length <= longestExcerpt) return { text: line, start, length };
  const from = Math.max(0, start - longestExcerpt / 2);
  const text = line.slice(from, from + longestExcerpt);
  return { text, start: start - from, length: Math.min(length, text.length - (start - from)) };
}
