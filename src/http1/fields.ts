import { Violation } from './violation.js';

/** One line of a message's head. */
interface Field {
  readonly name: string;
  /** The name in lower case: made once, for a dozen steps look for a field by its name. */
  readonly key: string;
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
    for (const field of this.#fields) if (field.key === key) return field.value;
    return undefined;
  }

  /** The value of a field that may stand there once. @throws Violation when it stands there more often */
  single(key: string): string | undefined {
    let found: Field | undefined;
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      if (found !== undefined) throw new Violation(`more than one ${found.name} field`);
      found = field;
    }
    return found?.value;
  }

  count(key: string): number {
    let count = 0;
    for (const field of this.#fields) if (field.key === key) count++;
    return count;
  }

  all(key: string): string[] {
    return this.#fields.filter((field) => field.key === key).map(({ value }) => value);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Every member of a comma-separated list field, over all its lines, trimmed, as written. */
  list(key: string): string[] {
    const members: string[] = [];
    for (const field of this.#fields) {
      if (field.key !== key) continue;
      for (const member of field.value.split(',')) {
        const trimmed = trimBlanks(member, 0, member.length);
        if (trimmed !== '') members.push(trimmed);
      }
    }
    return members;
  }

  /** @param line of the wire, where there is one that says just that */
  append(name: string, value: string, line?: string): void {
    this.#fields.push(fieldOf(name, value, line));
  }

  /** One line of that name, in the place of the first there was, else at the end. */
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    const first = this.#fields.find((field) => field.key === key);
    if (first === undefined) return void this.append(name, value);
    const changed = fieldOf(first.name, value);
    this.#fields = this.#fields
      .filter((field) => field === first || field.key !== key)
      .map((field) => (field === first ? changed : field));
  }

  delete(key: string): void {
    if (this.has(key)) this.retain((other) => other !== key);
  }

  /** Leaves the fields whose lower-case name is wanted. */
  retain(isWanted: (key: string) => boolean): void {
    let kept = 0;
    for (const field of this.#fields) if (isWanted(field.key)) this.#fields[kept++] = field;
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
    for (const { name, value } of this.#fields) yield [name, value];
  }
}

function fieldOf(name: string, value: string, line = `${name}: ${value}\r\n`): Field {
  return { name, key: name.toLowerCase(), value, line };
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
