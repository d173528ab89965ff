import type { FieldName } from './field-name.js';
import { fieldName } from './field-name.js';

/** One line of a message's head. It never changes, and may stand in many heads. */
export class Field {
  readonly name: FieldName;
  /** As it goes onto the wire: `Name: value`, with its end. */
  readonly line: string;

  /** @param line of just that form */
  constructor(name: FieldName, line: string) {
    this.name = name;
    this.line = line;
  }

  /** Latin1 text: each character is one byte of the wire. Cut out when it is asked for, which of most fields it never is. */
  get value(): string {
    return this.line.slice(this.name.prefix.length, -2);
  }
}

export function field(name: string, value: string): Field {
  return named(fieldName(name), value);
}

export function named(name: FieldName, value: string): Field {
  return new Field(name, `${name.prefix}${value}\r\n`);
}

/** For the heads that we write ourselves. */
export const keepAlive = field('Connection', 'keep-alive');
export const chunked = field('Transfer-Encoding', 'chunked');
