import { isBlank, trimBlanks } from './blanks.js';
import { Field, named } from './field.js';
import { fieldName } from './field-name.js';
import { Fields } from './fields.js';
import { Violation } from './violation.js';

/** No control characters but HTAB, and neither CR nor LF but as CR LF (RFC 9110 §5.5, RFC 9112 §2.2). */
const lines = /^(?:[\t\x20-\x7e\x80-\xff]*\r\n)*[\t\x20-\x7e\x80-\xff]*$/;
const line = /^[\t\x20-\x7e\x80-\xff]*$/;

/** @param text some lines, ended by CR LF; the last need not be. A head, or a part of one: each line costs stack @throws Violation */
export function checkLines(text: string): void {
  if (!lines.test(text)) throw controlCharacter();
}

/**
 * Field lines → fields (RFC 9112 §5).
 *
 * @param text from `start` to the end lines that end in CR LF, each a field
 * @param maxFields more are refused: each costs work at every step
 * @param recent what heads of this kind were made of
 * @throws Violation
 */
export function parseFields(text: string, start: number, maxFields: number, recent = new RecentFields()): Fields {
  const fields = new Fields();
  for (let at = start; at < text.length; ) {
    const end = text.indexOf('\r\n', at) + 2;
    const field = recent.fieldOf(text, at, end, fields.size);
    if (fields.size === maxFields) throw new Violation(`more than ${maxFields} fields`, 'head-too-large');
    fields.add(field);
    at = end;
  }
  return fields;
}

/** Fields of a head that are remembered: as many as most have. */
const most = 32;

/**
 * The field that stood last in each place of a head. Nearly always just the same line stands there again, whoever sends it,
 * and need not be read again.
 */
export class RecentFields {
  readonly #fields: Field[] = [];

  /** @param at where its line begins, up to `end` @throws Violation */
  fieldOf(text: string, at: number, end: number, place: number): Field {
    const recent = this.#fields[place];
    if (recent !== undefined && recent.line === text.slice(at, end)) return recent; // `startsWith` compares a letter at a time
    const field = parseField(text, at, end - 2);
    if (place < most) this.#fields[place] = field;
    return field;
  }
}

/** @param at where its line begins, up to `end` @throws Violation */
function parseField(text: string, at: number, end: number): Field {
  if (!line.test(text.slice(at, end))) throw controlCharacter();
  const colon = text.indexOf(':', at);
  if (colon < 0 || colon > end) throw strayLine(text.slice(at, end));
  const name = fieldName(text.slice(at, colon));
  if (!name.isToken) throw badName(name.text);
  if (isAsWeWrite(text, colon, end)) return new Field(name, text.slice(at, end + 2));
  return named(name, trimBlanks(text, colon + 1, end));
}

/** One space between the colon and the value, and none behind it. */
function isAsWeWrite(text: string, colon: number, end: number): boolean {
  if (text.charCodeAt(colon + 1) !== 0x20) return false;
  return !isBlank(text.charCodeAt(colon + 2)) && !isBlank(text.charCodeAt(end - 1));
}

function controlCharacter(): Violation {
  return new Violation('a control character, or a CR or LF that ends no line');
}

function strayLine(line: string): Violation {
  return new Violation(/^[ \t]/.test(line) ? 'a field that is folded over several lines' : 'a line that is no field');
}

/** A space before the colon is the classic: one program drops the field, another takes it (RFC 9112 §5.1). */
function badName(name: string): Violation {
  if (/^[ \t]/.test(name)) return new Violation('a field that is folded over several lines');
  if (/[ \t]$/.test(name)) return new Violation('a space before the colon of a field');
  return new Violation('a field whose name is no token');
}
