// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { z } from 'zod';
import { isHost } from '../../foundation/address.js';
import { longestDelay } from '../../foundation/clock.js';
import { shorten } from '../../foundation/text.js';
import {
  byteRatePattern,
  durationPattern,
  formatDuration,
  parseByteRate,
  parseDuration,
  parseRate,
  parseSize,
  ratePattern,
  sizePattern,
} from '../../foundation/units.js';
import { plain, Scalar } from '../scalar.js';

/**
 * The kinds of single values. Each says in words what it expects, and takes of a file's scalar what it needs: replaced
 * variables, and a number or boolean where a variable (or quotes around one) made it text.
 */

/** Text of a given form. */
export function text(expected: string, pattern: RegExp) {
  return scalar(
    z
      .string({ error: expect(expected) })
      .regex(pattern, { error: expect(expected) })
      .refine((value) => !value.includes('\0'), { error: expect('text without NUL characters') }),
    (value) => value,
  );
}

/** A method, the name of a header field or of a cookie (RFC 9110 §5.6.2). */
export const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Text that is not read for variables: what is in `${}` is left to the program that gets it. */
export function verbatimText(expected: string) {
  const schema = z
    .string({ error: expect(expected) })
    .regex(/\S/, { error: expect(expected) })
    .refine((value) => !value.includes('\0'), { error: expect('text without NUL characters') });
  return z.preprocess((value: z.input<typeof schema>) => {
    const given: unknown = value;
    return given instanceof Scalar && given.isText ? given.source : plain(given);
  }, schema);
}

/** Text for programs: a number or boolean is taken as it was written. */
export function anyText(expected: string, pattern = /^[^\0]*$/) {
  const schema = z.union(
    [
      z.string({ error: expect(expected) }).regex(pattern, { error: expect(expected) }),
      z.number({ error: expect(expected) }).transform(String),
      z.boolean({ error: expect(expected) }).transform(String),
    ],
    { error: expect(expected) },
  );
  return scalar(schema, (value) => value, 'as written');
}

export function integer(minimum: number, maximum: number, expected = `a whole number from ${minimum} to ${maximum}`) {
  const error = expect(expected);
  return scalar(z.number({ error }).int({ error }).min(minimum, { error }).max(maximum, { error }), (value) =>
    /^-?\d+$/.test(value) ? Number(value) : value,
  );
}

/** A number with or without a fraction. */
export function decimal(minimum: number, maximum: number) {
  const error = expect(`a number from ${minimum} to ${maximum}`);
  return scalar(z.number({ error }).min(minimum, { error }).max(maximum, { error }), (value) =>
    /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value,
  );
}

/** Milliseconds inside. */
export function duration({ zero }: { readonly zero: 'allowed' | 'refused' }) {
  const error = expect(
    zero === 'allowed'
      ? 'a duration such as `250ms`, `5s` or `1m30s` (or 0)'
      : 'a duration such as `250ms`, `5s` or `1m30s`',
  );
  const pattern = zero === 'allowed' ? durationPattern : positiveDurationPattern;
  const written = z
    .string({ error })
    .regex(pattern, { error })
    .transform((value, context) => {
      const milliseconds = parseDuration(value);
      if (milliseconds !== undefined && milliseconds <= longestDelay) return milliseconds;
      const message = `expected a duration of at most ${formatDuration(longestDelay)}`;
      context.addIssue({ code: 'custom', message, input: value });
      return z.NEVER;
    });
  const schema = zero === 'allowed' ? z.union([written, z.literal(0)], { error }) : written;
  return scalar(hinted(schema, error, missingUnit), (value) => value);
}

/** Digits alone: the unit that was most likely meant. */
function missingUnit(text: string): string | undefined {
  if (!/^\d+(?:\.\d+)?$/.test(text) || Number(text) === 0) return undefined;
  return `did you mean \`${text}${Number(text) < mostLikelySeconds ? 's' : 'ms'}\`?`;
}

/** From here on, whoever left out the unit most likely thought in milliseconds. */
const mostLikelySeconds = 100;

const positiveDurationPattern = positive(durationPattern);

/** Of a grammar of amounts, those above 0. */
function positive(pattern: RegExp): RegExp {
  return new RegExp(`^(?=.*[1-9])(?:${pattern.source.slice(1, -1)})$`);
}

/** Bytes inside. */
export function size() {
  const error = expect('a size such as `64KiB` or `10MiB` (or 0)');
  const written = z
    .string({ error })
    .regex(sizePattern, { error })
    .transform((value) => parseSize(value) ?? 0);
  return scalar(z.union([written, z.literal(0)], { error }), (value) => value);
}

/** More than none; requests per second inside. */
export function rate() {
  return coded('a rate such as `100/s`, `30/m` or `0.5/s`', positive(ratePattern), {
    read: (value) => parseRate(value) ?? 0,
    hintFor: (value) => (/^\d+(?:\.\d+)?$/.test(value) ? `did you mean \`${value}/s\`?` : undefined),
  });
}

/** More than none; bytes per second inside. */
export function byteRate() {
  return coded('bytes per second, such as `64KiB/s`', positive(byteRatePattern), {
    read: (value) => parseByteRate(value) ?? 0,
    hintFor: (value) => (sizePattern.test(value) && value !== '0' ? `did you mean \`${value}/s\`?` : undefined),
  });
}

/**
 * Text of a given form that stands for something else.
 * @param hintFor what a text or a number that is not of this form most likely means.
 */
export function coded<Value>(
  expected: string,
  pattern: RegExp,
  { read, hintFor }: { readonly read: (text: string) => Value; readonly hintFor: (text: string) => string | undefined },
) {
  const error = expect(expected);
  const schema = z.string({ error }).regex(pattern, { error }).transform(read);
  const hintForOther = (value: string) => (pattern.test(value) ? undefined : hintFor(value));
  return scalar(hinted(schema, error, hintForOther), (value) => value);
}

export function choice<const Names extends readonly [string, ...string[]]>(
  names: Names,
  expected = `one of ${names.map((name) => `\`${name}\``).join(', ')}`,
) {
  return scalar(z.enum(names, { error: expect(expected) }), (value) => value);
}

export function flag() {
  return scalar(z.boolean({ error: expect('true or false') }), toBoolean);
}

/** True, or not there at all. */
export function onlyTrue() {
  return scalar(z.literal(true, { error: expect('true') }), toBoolean);
}

/** What `defaults` give is not wanted here. */
export function onlyFalse() {
  return scalar(z.literal(false, { error: expect('false') }), toBoolean);
}

export const portNumber = () => integer(1, 65_535, 'a port from 1 to 65535');

export const portOrAny = () => integer(0, 65_535, 'a port from 1 to 65535, or 0 for any free one');

/** An address of this machine to listen on, without a port. */
export function bindHost() {
  const expected = 'a host name or an IP address of this machine, without a port';
  return scalar(
    z
      .string({ error: expect(expected) })
      .regex(/^[A-Za-z0-9.:_-]+$/, { error: expect(expected) })
      .refine(isHost, { error: expect(expected) }),
    (value) => value,
  );
}

function toBoolean(value: string): unknown {
  if (value === 'true') return true;
  return value === 'false' ? false : value;
}

/** What a key means, and what it is where it is not given: said to people, and shown by editors. */
export function withDefault<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  standard: string | number | boolean,
): Schema {
  return schema.meta({ description: `${description} Default ${standard}.`, default: standard });
}

/** What cannot stand together, to be shown at a key. */
export function contradiction(message: string, path: readonly string[] = []) {
  return { code: 'custom' as const, message, path: [...path], params: { code: 'contradiction' } };
}

/** What the key expects; `check.ts` adds what it found. */
export function expect(expected: string): () => string {
  return () => `expected ${expected}`;
}

/**
 * What is nearly right is refused with a hint.
 * @param hintFor what was probably meant by a text or a number; undefined where it is not of this kind.
 */
export function hinted<Schema extends z.ZodType>(
  schema: Schema,
  error: () => string,
  hintFor: (written: string) => string | undefined,
) {
  return z.preprocess((value: z.input<Schema>, context) => {
    const given: unknown = value;
    const hint = typeof given === 'string' || typeof given === 'number' ? hintFor(String(given)) : undefined;
    if (hint === undefined) return given;
    context.addIssue({ code: 'custom', input: value, message: error(), params: { hint } });
    return z.NEVER;
  }, schema);
}

/**
 * @param fromText what a text becomes after its variables were replaced.
 * @param takes whether a number or boolean of the file counts as such, or as the text that stands there.
 */
export function scalar<Schema extends z.ZodType>(
  schema: Schema,
  fromText: (value: string) => unknown,
  takes: 'value' | 'as written' = 'value',
) {
  return z.preprocess((value: z.input<Schema>, context) => {
    const given: unknown = value;
    if (!(given instanceof Scalar)) return given;
    if (!given.isText) return takes === 'value' ? given.value : given.source;
    const expansion = given.expansion;
    if (expansion.kind === 'text') return fromText(expansion.text);
    const unset = expansion.kind === 'unset';
    context.addIssue({
      code: 'custom',
      input: value,
      message: unset
        ? `the environment variable ${expansion.name} is not set`
        : `\`${shorten(expansion.reference)}\` is not a variable`,
      params: {
        code: unset ? 'unset_variable' : 'bad_variable',
        hint: unset
          ? `set it, or give a default: \`\${${expansion.name}:-default}\``
          : 'write `${NAME}`, `${NAME:-default}`, or `$$` for a dollar sign',
      },
    });
    return z.NEVER;
  }, schema);
}
