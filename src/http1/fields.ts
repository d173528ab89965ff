import type { FieldName } from './field-name.js';
import { fieldName } from './field-name.js';
import { Violation } from './violation.js';

/** One line of a message's head. */
interface Field {
  readonly name: FieldName;
  readonly value: string;
  /** As it goes onto the wire, with its end. */
  readonly line: string;
}

/**
 * The fields of a message in their order, with their case and their duplicates (RFC 9110 §5.3). Values are latin1 text: each
 * character is one byte of the wire.
 */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  #fields: Field[] = [];

  /** @param flat `[name, value, name, value, …]` */
  constructor(flat: readonly string[] = []) {
    for (let at = 0; at < flat.length; at += 2) this.append(flat[at] ?? '', flat[at + 1] ?? '');
  }

  get size(): number {
    return this.#fields.length;
  }

  /** The first value of that name. @param key in lower case */
  get(key: string): string | undefined {
    for (const field of this.#fields) if (field.name.key === key) return field.value;
    return undefined;
  }

  /** The value of a field that may stand there once. @throws Violation when it stands there more often */
  single(key: string): string | undefined {
    let found: Field | undefined;
    for (const field of this.#fields) {
      if (field.name.key !== key) continue;
      if (found !== undefined) throw new Violation(`more than one ${found.name.text} field`);
      found = field;
    }
    return found?.value;
  }

  count(key: string): number {
    let count = 0;
    for (const field of this.#fields) if (field.name.key === key) count++;
    return count;
  }

  all(key: string): string[] {
    return this.#fields.filter((field) => field.name.key === key).map(({ value }) => value);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Every member of a comma-separated list field, over all its lines, trimmed, as written. */
  list(key: string): string[] {
    const members: string[] = [];
    for (const field of this.#fields) {
      if (field.name.key !== key) continue;
      for (const member of field.value.split(',')) {
        const trimmed = trimBlanks(member, 0, member.length);
        if (trimmed !== '') members.push(trimmed);
      }
    }
    return members;
  }

  append(name: string, value: string): void {
    this.#fields.push(fieldOf(fieldName(name), value));
  }

  /** @param line of the wire, where there is one that says just that */
  appendAs(name: FieldName, value: string, line: string | undefined): void {
    this.#fields.push(line === undefined ? fieldOf(name, value) : { name, value, line });
  }

  /** One line of that name, in the place of the first there was, else at the end. */
  set(name: string, value: string): void {
    const { key } = fieldName(name);
    const first = this.#fields.find((field) => field.name.key === key);
    if (first === undefined) return void this.append(name, value);
    const changed = fieldOf(first.name, value);
    this.#fields = this.#fields
      .filter((field) => field === first || field.name.key !== key)
      .map((field) => (field === first ? changed : field));
  }

  delete(key: string): void {
    if (this.has(key)) this.retain((name) => name.key !== key);
  }

  /** Leaves the fields whose name is wanted. */
  retain(isWanted: (name: FieldName) => boolean): void {
    let kept = 0;
    for (const field of this.#fields) if (isWanted(field.name)) this.#fields[kept++] = field;
    this.#fields.length = kept;
  }

  /** A list of its own with the same fields. */
  copy(): Fields {
    const copy = new Fields();
    copy.#fields = this.#fields.slice();
    return copy;
  }

  /** As lines of the wire, each with its end. */
  toText(): string {
    let text = '';
    for (const field of this.#fields) text += field.line;
    return text;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const { name, value } of this.#fields) yield [name.text, value];
  }
}

function fieldOf(name: FieldName, value: string): Field {
  return { name, value, line: `${name.text}: ${value}\r\n` };
}

/** A part of a text without the spaces and tabs around it: the optional white space of RFC 9110 §5.6.3, and no other. */
export function trimBlanks(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
