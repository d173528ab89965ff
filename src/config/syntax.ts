// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import type { Document, YAMLError } from 'yaml';
import { Lexer, parseDocument } from 'yaml';
import type { Diagnostic } from './diagnostic.js';
import type { SourceText, Span } from './source-text.js';

export type Syntax =
  | { readonly kind: 'document'; readonly document: Document }
  | { readonly kind: 'broken'; readonly diagnostics: readonly Diagnostic[] };

/** Levels of mappings and lists. The grammar has seven; the parser's own recursion ends in the thousands. */
export const deepest = 64;

/** Text → one YAML 1.2 document, or why it is none. */
export function readYaml(source: SourceText): Syntax {
  const refusal = unfit(source);
  if (refusal !== undefined) return { kind: 'broken', diagnostics: [refusal] };
  // uniqueKeys is quadratic in the number of keys; `parse` finds doubles in one pass, and names both places.
  const document = parseDocument(source.text, {
    version: '1.2',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) return { kind: 'broken', diagnostics: syntaxErrors(source, broken) };
  return { kind: 'document', document };
}

/** What must not even reach the parser: controls, YAML 1.1, and depths at which it overflows the stack (or worse, dies). */
function unfit(source: SourceText): Diagnostic | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: YAML allows no other controls than tab and line breaks.
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.exec(source.text);
  if (control !== null) {
    return source.diagnose('yaml_syntax', spanAt(control.index), {
      message: 'a control character; a mesh file is text',
    });
  }
  const directive = /^%YAML[ \t]+(?!1\.2\s)\S+/m.exec(source.text);
  if (directive !== null) {
    const span = { start: directive.index, end: directive.index + directive[0].length };
    return source.diagnose('yaml_syntax', span, { message: 'a mesh file is YAML 1.2', hint: 'remove the line' });
  }
  let offset = 0;
  let depth = 0;
  for (const token of new Lexer().lex(source.text)) {
    if (token === '[' || token === '{') depth++;
    if (token === ']' || token === '}') depth--;
    if (depth > deepest) return tooDeep(source, spanAt(offset));
    if (!lexerMarks.has(token)) offset += token.length;
  }
  return undefined;
}

/** Tokens of yaml's lexer that stand for no text: document and flow-error marks, and "a scalar follows". */
const lexerMarks = new Set(['\u0002', '\u0018', '\u001f']);

export function tooDeep(source: SourceText, span: Span): Diagnostic {
  return source.diagnose('yaml_limit', span, { message: `nested more than ${deepest} levels deep` });
}

function spanAt(offset: number): Span {
  return { start: offset, end: offset + 1 };
}

/** The first of each line: the others there are what the parser makes of the first. */
function syntaxErrors(source: SourceText, errors: readonly YAMLError[]): Diagnostic[] {
  const lines = new Set<number>();
  return errors.flatMap((error) => {
    const line = source.lineNumber(error.pos[0]);
    if (lines.has(line)) return [];
    lines.add(line);
    return [syntaxError(source, error)];
  });
}

function syntaxError(source: SourceText, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  if (error.code === 'RESOURCE_EXHAUSTION') return tooDeep(source, spanAt(start));
  // The commonest trap: to YAML, `{ port: ${PORT} }` is a mapping in a mapping.
  if (source.text.slice(start - 1, start + 1) === '${') {
    const message = 'between { } and [ ] a variable needs quotes';
    return source.diagnose('yaml_syntax', { start: start - 1, end }, { message, hint: 'write "${NAME}"' });
  }
  const wording = wordings[error.code] ?? {
    message: error.message.charAt(0).toLowerCase() + error.message.slice(1),
  };
  return source.diagnose('yaml_syntax', { start, end }, wording);
}

/** Where yaml's own words do not say what to do. */
const wordings: Partial<Record<YAMLError['code'], { message: string; hint?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab cannot indent', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'a second document starts here; a mesh file is one', hint: 'remove the line `---`' },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a mapping cannot start here',
    hint: 'put it on lines of its own, or quote a text that contains `: `',
  },
};
