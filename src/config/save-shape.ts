import { readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Pair, YAMLMap } from 'yaml';
import { Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, visit } from 'yaml';
import { MeshError } from '../foundation/errors.js';
import type { Draft } from './draft.js';
import type { Environment } from './interpolate.js';
import { escapeReferences } from './interpolate.js';
import { loadText } from './load.js';
import { parse } from './parse.js';
import { readShape } from './read-shape.js';
import { Scalar } from './scalar.js';
import { isMapping } from './schema/section.js';
import { shapeKeyNames } from './schema/shape.js';
import type { Shape } from './shaping-configs.js';
import { shapeText } from './shaping-text.js';
import type { Snapshot } from './snapshot.js';
import { readSource } from './source.js';
import { SourceText } from './source-text.js';
import { readYaml } from './syntax.js';

export interface ShapeDraft extends Draft {
  /** What the file says of the service's shape as it is. */
  readonly keys: readonly string[];
}

export type ShapeChange =
  /** Keys of a service, as the mesh file has them; those that are not named stay as they are. */
  | { readonly kind: 'set'; readonly values: Readonly<Record<string, unknown>> }
  /** All that a shape may say is taken out. */
  | { readonly kind: 'clear' };

/**
 * Writes a shape into the text of a mesh file: where the keys stand, and not a byte elsewhere.
 * @throws ConfigError for a file with mistakes; invalid_request for a shape with some; usage for a file in which others
 * would be changed with the service, or the service cannot be changed alone
 */
export async function draftShape(
  file: string,
  service: string,
  change: ShapeChange,
  environment: Environment,
): Promise<ShapeDraft> {
  await readSource(file); // it refuses what is no text of a mesh file
  const path = await realpath(file);
  const before = await readFile(path, 'utf8');
  const mark = before.startsWith('\ufeff') ? '\ufeff' : '';
  const where = { file, directory: dirname(file), environment };
  const text = before.slice(mark.length);
  const keys = keysOf(text, where, service).filter((key) => shapeKeyNames.some((name) => name === key));
  return { file: path, before, after: mark + changed(text, where, service, change), keys };
}

interface Where {
  readonly file: string;
  readonly directory: string;
  readonly environment: Environment;
}

function changed(text: string, where: Where, service: string, change: ShapeChange): string {
  const before = loadText(text, where);
  return change.kind === 'set'
    ? withShape(text, before, where, service, change.values)
    : withoutShape(text, before, where, service);
}

/** As it was said, where that means the same in the file; with every default written out where `defaults` would fill in theirs. */
function withShape(text: string, before: Snapshot, where: Where, service: string, values: object): string {
  const reading = readShape(values, where.directory);
  if (reading.kind === 'invalid') throw new MeshError('invalid_request', reading.problems.join('; '));
  const { shape } = reading;
  for (const wording of [escaped(values), shapeText(shape)]) {
    const after = Object.entries(wording).reduce(
      (edited, [key, value]) => withKey(edited, where.file, service, key, value),
      text,
    );
    const snapshot = loadText(after, where);
    if (!isSameBeside(before, snapshot, service)) throw shared(service, where.file);
    if (saysShape(snapshot, service, shape)) return after;
  }
  throw refusal(`\`defaults\` of ${where.file} say more of it than \`${service}\` could take back`);
}

function withoutShape(text: string, before: Snapshot, where: Where, service: string): string {
  const after = shapeKeyNames.reduce((edited, key) => withoutKey(edited, where.file, service, key), text);
  if (!isSameBeside(before, loadText(after, where), service)) throw shared(service, where.file);
  const left = keysOf(after, where, service).find((key) => shapeKeyNames.some((name) => name === key));
  if (left === undefined) return after;
  throw refusal(`\`${left}\` of \`${service}\` comes from a merge key of ${where.file}`);
}

/** Is everything the same but how the traffic to that service is shaped? */
function isSameBeside(before: Snapshot, after: Snapshot, service: string): boolean {
  return isDeepStrictEqual(beside(before, service), beside(after, service));
}

function beside(snapshot: Snapshot, service: string): object {
  const services = [...snapshot.services].map(([name, config]) => {
    if (name !== service) return [name, config];
    const { rateLimit: _, concurrency: __, bandwidth: ___, faults: ____, ...rest } = config;
    return [name, rest];
  });
  return { ...snapshot, services };
}

function saysShape({ services }: Snapshot, service: string, shape: Shape): boolean {
  const config = services.get(service);
  return shapeKeyNames.every((key) => shape[key] === undefined || isDeepStrictEqual(config?.[key], shape[key]));
}

/** Its keys, with those of merge keys, but for what is switched off. */
function keysOf(text: string, { file, environment }: Where, service: string): string[] {
  const { value } = parse(new SourceText(file, text), environment);
  const services = isMapping(value) ? value.services : undefined;
  const config = isMapping(services) ? services[service] : undefined;
  if (!isMapping(config)) return [];
  return Object.keys(config).filter((key) => !isFalse(config[key]));
}

function isFalse(value: unknown): boolean {
  return value === false || (value instanceof Scalar && value.value === false);
}

function withKey(text: string, file: string, service: string, key: string, value: unknown): string {
  const map = serviceIn(text, file, service);
  const pair = pairOf(map, key);
  const line = flowText(key, value);
  if (pair === undefined) return withLine(text, map, line);
  refuseAnchors(text, file, pair);
  const colon = text.indexOf(':', spanOf(pair.key).end) + 1;
  const end = Math.max(colon, endOf(text, pair));
  // A comment behind the key stays behind it, where the old value began on another line.
  const [comment = ''] = /^[ \t]+#[^\r\n]*/.exec(text.slice(colon, end)) ?? [];
  return text.slice(0, colon) + line.slice(`${key}:`.length) + comment + text.slice(end);
}

/** Behind the last key of the service. */
function withLine(text: string, map: YAMLMap, line: string): string {
  const [first] = map.items;
  const last = map.items.at(-1);
  if (first === undefined || last === undefined) {
    const inside = spanOf(map).start + 1;
    return `${text.slice(0, inside)} ${line} ${text.slice(inside)}`;
  }
  const end = endOf(text, last);
  if (map.flow) return `${text.slice(0, end)}, ${line}${text.slice(end)}`;
  const { start } = spanOf(first.key);
  const indent = text.slice(lineStart(text, start), start);
  if (indent.trim() !== '') throw refusal('The keys of the service do not begin their lines');
  const at = lineEnd(text, end);
  const [lineBreak = '\n'] = /\r?\n/.exec(text) ?? [];
  return text.slice(0, at) + lineBreak + indent + line + text.slice(at);
}

function withoutKey(text: string, file: string, service: string, key: string): string {
  const map = serviceIn(text, file, service);
  const pair = pairOf(map, key);
  if (pair === undefined || isOff(pair)) return text;
  refuseAnchors(text, file, pair);
  const { start } = spanOf(pair.key);
  const end = endOf(text, pair);
  if (map.flow) return withoutItem(text, start, end);
  if (map.items.length === 1) return `${text.slice(0, start)}{}${text.slice(end)}`;
  if (text.slice(lineStart(text, start), start).trim() !== '') {
    throw refusal(`\`${key}\` does not begin its line in ${file}`);
  }
  return withoutLines(text, start, lineEnd(text, end));
}

/** `concurrency: false` takes back what `defaults` say: a shape never says it, and without it there would be one more. */
function isOff({ value }: Pair): boolean {
  return isScalar(value) && value.value === false;
}

/** With the comma behind it, or else the one before it. */
function withoutItem(text: string, start: number, end: number): string {
  const [behind] = /^[ \t]*,[ \t]*/.exec(text.slice(end)) ?? [];
  const [before = ''] = /,\s*$/.exec(text.slice(0, start)) ?? [];
  const from = behind === undefined ? start - before.length : start;
  const to = end + (behind?.length ?? 0);
  const isAlone =
    text.slice(lineStart(text, from), from).trim() === '' && text.slice(to, lineEnd(text, to)).trim() === '';
  return isAlone ? withoutLines(text, from, to) : text.slice(0, from) + text.slice(to);
}

/** Whole lines, with the break behind the last of them. */
function withoutLines(text: string, start: number, end: number): string {
  const [lineBreak = ''] = /^[ \t]*\r?\n/.exec(text.slice(end)) ?? [];
  return text.slice(0, lineStart(text, start)) + text.slice(end + lineBreak.length);
}

/** The mapping of the service, where it stands in the file itself. */
function serviceIn(text: string, file: string, service: string): YAMLMap {
  const syntax = readYaml(new SourceText(file, text));
  const root = syntax.kind === 'document' ? syntax.document.contents : undefined;
  const services = isMap(root) ? pairOf(root, 'services')?.value : undefined;
  const found = isMap(services) ? pairOf(services, service)?.value : undefined;
  if (isMap(found)) return found;
  if (isAlias(services) || isAlias(found)) {
    throw refusal(`\`${service}\` is an alias in ${file}: what it stands for is not its own`);
  }
  throw refusal(`\`${service}\` does not stand under \`services\` of ${file} itself`);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** With the value its anchors would go, and aliases elsewhere would mean nothing, or something else. */
function refuseAnchors(text: string, file: string, pair: Pair): void {
  const anchors = new Set<string>();
  if (isNode(pair.value)) {
    visit(pair.value, { Value: (_, node) => void (node.anchor === undefined || anchors.add(node.anchor)) });
  }
  const syntax = readYaml(new SourceText(file, text));
  if (syntax.kind === 'broken') return;
  visit(syntax.document, {
    Alias(_, { source }) {
      if (anchors.has(source)) throw refusal(`Its value has the anchor \`&${source}\`, which others name`);
    },
  });
}

/** Where its own text ends. To yaml, the comments and blank lines that follow a block are part of it. */
function endOf(text: string, node: unknown): number {
  if (isPair(node)) return endOf(text, node.value ?? node.key);
  const last = (isMap(node) || isSeq(node)) && !node.flow ? node.items.at(-1) : undefined;
  if (last !== undefined) return endOf(text, last);
  const { start, end } = spanOf(node);
  return start + text.slice(start, end).trimEnd().length;
}

function spanOf(node: unknown): { readonly start: number; readonly end: number } {
  const range = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  if (range === undefined || range === null) throw new TypeError('a node of a text has its place there');
  return { start: range[0], end: range[1] };
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const [rest = ''] = /^[^\r\n]*/.exec(text.slice(at)) ?? [];
  return at + rest.length;
}

/** `faults: [{ delay: 200ms }, { abort: 503 }]`, in one line whatever is in it, and fit for a mapping in braces. */
function flowText(key: string, value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  const texts = items.map((item) => inOneLine({ item }).trimEnd().slice('{ item: '.length, -' }'.length));
  return Array.isArray(value) ? `${key}: [${texts.join(', ')}]` : `${key}: ${texts.join()}`;
}

function inOneLine(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      // Else a text of several lines would be written as such.
      if (typeof node.value === 'string' && /[\r\n]/.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString(oneLine);
}

const oneLine = {
  collectionStyle: 'flow',
  lineWidth: 0,
  blockQuote: false,
  singleQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const;

/** What was said at run time is read for no variables; what is in a file is. */
function escaped(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escapedItem(item)]));
}

function escapedItem(value: unknown): unknown {
  if (typeof value === 'string') return escapeReferences(value);
  if (Array.isArray(value)) return value.map(escapedItem);
  return typeof value === 'object' && value !== null ? escaped(value) : value;
}

function shared(service: string, file: string): MeshError {
  return refusal(`Other parts of ${file} share what \`${service}\` says, and would change with it`);
}

function refusal(message: string): MeshError {
  return new MeshError('usage', message, { hint: 'Edit the file by hand; a running mesh takes it up by itself.' });
}
