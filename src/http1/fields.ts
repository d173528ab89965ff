import { empty } from '../foundation/small-lists.js';
import { trimBlanks } from './blanks.js';
import type { Field } from './field.js';
import { field, named } from './field.js';
import type { FieldName } from './field-name.js';
import { Violation } from './violation.js';

/**
 * The fields of a message in their order, with their case and their duplicates (RFC 9110 §5.3). Values are latin1 text: each
 * character is one byte of the wire.
 */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  #fields: Field[] = [];

  /** @param flat `[name, value, name, value, …]` */
  constructor(flat: readonly string[] = empty) {
    for (let at = 0; at < flat.length; at += 2) this.append(flat[at] ?? '', flat[at + 1] ?? '');
  }

  get size(): number {
    return this.#fields.length;
  }

  /** The first value of that name. @param key in lower case */
  get(key: string): string | undefined {
    for (const each of this.#fields) if (each.name.key === key) return each.value;
    return undefined;
  }

  /** The value of a field that may stand there once. @throws Violation when it stands there more often */
  single(key: string): string | undefined {
    let found: Field | undefined;
    for (const each of this.#fields) {
      if (each.name.key !== key) continue;
      if (found !== undefined) throw new Violation(`more than one ${found.name.text} field`);
      found = each;
    }
    return found?.value;
  }

  count(key: string): number {
    let count = 0;
    for (const each of this.#fields) if (each.name.key === key) count++;
    return count;
  }

  all(key: string): string[] {
    return this.#fields.filter((each) => each.name.key === key).map(({ value }) => value);
  }

  has(key: string): boolean {
    for (const each of this.#fields) if (each.name.key === key) return true;
    return false;
  }

  /** Every member of a comma-separated list field, over all its lines, trimmed, as written. */
  list(key: string): string[] {
    const members: string[] = [];
    for (const each of this.#fields) {
      if (each.name.key !== key) continue;
      for (const member of each.value.split(',')) {
        const trimmed = trimBlanks(member, 0, member.length);
        if (trimmed !== '') members.push(trimmed);
      }
    }
    return members;
  }

  append(name: string, value: string): void {
    this.add(field(name, value));
  }

  /** The same of one that is there already. */
  add(one: Field): void {
    this.#fields.push(one);
  }

  /** One line of that name, in the place of the first there was, else at the end. */
  set(name: string, value: string): void {
    const one = field(name, value);
    if (this.has(one.name.key)) this.#replace(one.name.key, value);
    else this.add(one);
  }

  #replace(key: string, value: string): void {
    const [first] = this.#fields.filter((each) => each.name.key === key);
    this.#fields = this.#fields
      .filter((each) => each === first || each.name.key !== key)
      .map((each) => (each === first ? named(first.name, value) : each)); // written as it was
  }

  delete(key: string): void {
    if (this.has(key)) this.retain((name) => name.key !== key);
  }

  /** Leaves the fields whose name is wanted. */
  retain(isWanted: (name: FieldName) => boolean): void {
    let kept = 0;
    for (const each of this.#fields) if (isWanted(each.name)) this.#fields[kept++] = each;
    this.#fields.length = kept;
  }

  /** A list of its own, with the fields whose name is wanted. */
  only(isWanted: (name: FieldName) => boolean): Fields {
    const fields = new Fields();
    for (const each of this.#fields) if (isWanted(each.name)) fields.add(each);
    return fields;
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
    for (const { line } of this.#fields) text += line;
    return text;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (const { name, value } of this.#fields) yield [name.text, value];
  }
}
