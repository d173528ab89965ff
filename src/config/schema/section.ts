import { z } from 'zod';
import { nearest } from '../../foundation/text.js';
import { plain, Scalar } from '../scalar.js';
import { expect, onlyFalse } from './values.js';

/** A mapping with keys of its own. `x-…` keys are the reader's: anchors live there, and nobody looks at them. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  const schema = z.strictObject(shape, { error: expect(mappingWith(known)) });
  return z.preprocess((value: z.input<typeof schema>, context) => {
    const given = plain(value);
    if (!isMapping(given)) return given;
    const kept: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(given)) {
      if (Object.hasOwn(shape, key)) kept[key] = item;
      else if (!key.startsWith('x-')) {
        context.addIssue({
          code: 'unrecognized_keys',
          keys: [key],
          input: given,
          params: { hint: hintFor(key, known) },
        });
      }
    }
    return kept;
  }, schema);
}

/** A section that `defaults` may give to every service, and each service switch off. */
export function sectionOrOff<Shape extends z.ZodRawShape>(shape: Shape) {
  const expected = `${mappingWith(Object.keys(shape))}, or \`false\``;
  return z.union([onlyFalse(), section(shape)], { error: expect(expected) });
}

/** Of these keys of a section just one can be given, and must be. */
export function exactlyOne<Schema extends z.ZodType<object>>(keys: readonly string[], schema: Schema): Schema {
  return schema.superRefine((value, context) => {
    const [first, second] = keys.filter((key) => Reflect.get(value, key) !== undefined);
    if (first !== undefined && second === undefined) return;
    context.addIssue({
      code: 'custom',
      message:
        second === undefined
          ? `one of ${quoted(keys)} is needed here`
          : `either \`${first}\` or \`${second}\`, not both`,
      path: second === undefined ? [] : [second],
      params: { code: 'contradiction' },
    });
  });
}

/** A mapping whose keys are the reader's names. */
export function dictionary<Item extends z.ZodType>(names: { pattern: RegExp; expected: string }, item: Item) {
  const name = z.string().regex(names.pattern, { error: expect(names.expected) });
  const schema = z.record(name, item, {
    error: (issue) => (issue.code === 'invalid_key' ? `expected ${names.expected}` : 'expected a mapping'),
  });
  return z.preprocess((value: z.input<typeof schema>, context) => {
    const given = plain(value);
    // zod passes over it without a word; a file cannot have it, but a program may.
    if (isMapping(given) && Object.hasOwn(given, '__proto__')) {
      context.addIssue({
        code: 'invalid_key',
        origin: 'record',
        issues: [],
        input: given,
        path: ['__proto__'],
        message: '`__proto__` cannot be a key',
      });
    }
    return given;
  }, schema);
}

export function list<Item extends z.ZodType>(item: Item, expected: string) {
  const schema = z.array(item, { error: expect(`a list of ${expected}`) });
  return z.preprocess((value: z.input<typeof schema>) => plain(value), schema);
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Scalar);
}

function hintFor(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return near === undefined ? `the keys here are ${quoted(known)}` : `did you mean \`${near}\`?`;
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(', ');
}

function mappingWith(keys: readonly string[]): string {
  const examples = keys.slice(0, 2).map((key) => `\`${key}\``);
  return `a mapping with keys such as ${examples.join(' and ')}`;
}
