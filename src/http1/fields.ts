import { Violation } from './violation.js';

/**
 * The fields of a message in their order, with their case and their duplicates (RFC 9110 §5.3). Values are latin1 text: each
 * character is one byte of the wire.
 */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  readonly #names: string[] = [];
  /** The names in lower case: made once, for a dozen steps look for a field by its name. */
  readonly #keys: string[] = [];
  readonly #values: string[] = [];

  /** @param flat `[name, value, name, value, …]` */
  constructor(flat: readonly string[] = []) {
    for (let at = 0; at < flat.length; at += 2) this.append(flat[at] ?? '', flat[at + 1] ?? '');
  }

  get size(): number {
    return this.#names.length;
  }

  /** The first value of that name. @param key in lower case */
  get(key: string): string | undefined {
    const at = this.#keys.indexOf(key);
    return at < 0 ? undefined : this.#values[at];
  }

  /** The value of a field that may stand there once. @throws Violation when it stands there more often */
  single(key: string): string | undefined {
    const at = this.#keys.indexOf(key);
    if (at < 0) return undefined;
    if (this.#keys.includes(key, at + 1)) throw new Violation(`more than one ${this.#names[at]} field`);
    return this.#values[at];
  }

  count(key: string): number {
    let count = 0;
    for (const each of this.#keys) if (each === key) count++;
    return count;
  }

  all(key: string): string[] {
    return this.#values.filter((_, at) => this.#keys[at] === key);
  }

  has(key: string): boolean {
    return this.#keys.includes(key);
  }

  /** Every member of a comma-separated list field, over all its lines, trimmed, as written. */
  list(key: string): string[] {
    const members: string[] = [];
    for (let at = this.#keys.indexOf(key); at >= 0; at = this.#keys.indexOf(key, at + 1)) {
      for (const member of (this.#values[at] ?? '').split(',')) {
        const trimmed = trimBlanks(member, 0, member.length);
        if (trimmed !== '') members.push(trimmed);
      }
    }
    return members;
  }

  append(name: string, value: string): void {
    this.#names.push(name);
    this.#keys.push(name.toLowerCase());
    this.#values.push(value);
  }

  /** One line of that name, in the place of the first there was, else at the end. */
  set(name: string, value: string): void {
    const key = name.toLowerCase();
    const at = this.#keys.indexOf(key);
    if (at < 0) return void this.append(name, value);
    this.#values[at] = value;
    for (let next = this.#keys.length - 1; next > at; next--) if (this.#keys[next] === key) this.#remove(next);
  }

  delete(key: string): void {
    for (let at = this.#keys.length - 1; at >= 0; at--) if (this.#keys[at] === key) this.#remove(at);
  }

  /** A copy of the fields whose lower-case name is wanted. */
  filter(isWanted: (key: string) => boolean): Fields {
    const kept = new Fields();
    for (let at = 0; at < this.#names.length; at++) {
      const key = this.#keys[at] ?? '';
      if (!isWanted(key)) continue;
      kept.#names.push(this.#names[at] ?? '');
      kept.#keys.push(key);
      kept.#values.push(this.#values[at] ?? '');
    }
    return kept;
  }

  /** As lines of the wire, each with its end. */
  toText(): string {
    let text = '';
    for (let at = 0; at < this.#names.length; at++) text += `${this.#names[at]}: ${this.#values[at]}\r\n`;
    return text;
  }

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (let at = 0; at < this.#names.length; at++) yield [this.#names[at] ?? '', this.#values[at] ?? ''];
  }

  #remove(at: number): void {
    this.#names.splice(at, 1);
    this.#keys.splice(at, 1);
    this.#values.splice(at, 1);
  }
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
