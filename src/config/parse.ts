import type { Document, Node, Pair, YAMLMap } from 'yaml';
import { isAlias, isMap, isPair, isScalar, isSeq, visit } from 'yaml';
import { nearest } from '../foundation/text.js';
import type { Diagnostic, DiagnosticCode } from './diagnostic.js';
import type { Path } from './finding.js';
import type { Environment } from './interpolate.js';
import { Scalar } from './scalar.js';
import type { Place, SourceText, Span } from './source-text.js';
import { deepest, readYaml, tooDeep } from './syntax.js';

/** The values of a file, where each of them stands, and what is wrong before anybody asks for their meaning. */
export interface Parsed {
  readonly value: unknown;
  readonly place: Place;
  readonly diagnostics: readonly Diagnostic[];
  /** Where a value is missing because of one of them. */
  readonly missing: readonly Path[];
}

/**
 * Values that aliases and merge keys may repeat. A thousand services that share ten lines each stay below it;
 * a "billion laughs" file stops here, in milliseconds.
 */
const mostRepeated = 20_000;

/** YAML 1.2 with merge keys → plain values, in which what needs it is a `Scalar`. */
export function parse(source: SourceText, environment: Environment): Parsed {
  const syntax = readYaml(source);
  if (syntax.kind === 'broken')
    return { value: undefined, place: wholeFile, diagnostics: syntax.diagnostics, missing: [] };
  return new Reader(source, environment, syntax.document).read();
}

const wholeFile: Place = { key: undefined, value: { start: 0, end: 1 }, children: undefined };

interface Read {
  /** Undefined where a mistake has been reported: the schema looks at the rest. */
  readonly value: unknown;
  readonly place: Place;
}

/** Nodes of the YAML document → values and places, with aliases and merge keys followed. */
class Reader {
  readonly #source: SourceText;
  readonly #environment: Environment;
  readonly #document: Document;
  readonly #targets: ReadonlyMap<Node, Node | undefined>;
  readonly #anchors: ReadonlySet<string>;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #missing: Path[] = [];
  /** Aliases that are being followed now: one of them again is a loop. */
  readonly #following = new Set<Node>();
  #repeated = 0;
  #stopped = false;

  constructor(source: SourceText, environment: Environment, document: Document) {
    this.#source = source;
    this.#environment = environment;
    this.#document = document;
    const anchors = new Map<string, Node>();
    const targets = new Map<Node, Node | undefined>();
    // In the order of the text: an alias means the last anchor of its name before it.
    visit(document, {
      Alias: (_, node) => void targets.set(node, anchors.get(node.source)),
      Value: (_, node) => void (node.anchor === undefined || anchors.set(node.anchor, node)),
    });
    this.#targets = targets;
    this.#anchors = new Set(anchors.keys());
  }

  read(): Parsed {
    const { value, place } = this.#read(this.#document.contents, undefined, [], { start: 0, end: 1 });
    // Half of a tree would only look like mistakes that nobody made.
    if (this.#stopped) return { value: undefined, place, diagnostics: this.#diagnostics.slice(-1), missing: [] };
    return { value, place, diagnostics: this.#diagnostics, missing: this.#missing };
  }

  #read(node: unknown, key: Span | undefined, path: Path, around: Span): Read {
    const span = spanOf(node) ?? key ?? around;
    const leaf = (value: unknown): Read => ({ value, place: { key, value: span, children: undefined } });
    if (this.#stopped) return leaf(undefined);
    if (path.length > deepest) return leaf(this.#stop(tooDeep(this.#source, span)));
    if (this.#following.size > 0 && !this.#repeat(span)) return leaf(undefined);
    if (isAlias(node))
      return this.#follow(node, span, path, (target) => this.#read(target, key, path, span)) ?? leaf(undefined);
    if (isMap(node)) return this.#readMap(node, key, path, span);
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.#read(item, undefined, [...path, index], span));
      const children = new Map(items.map((item, index) => [index, item.place]));
      const values = items.map((item) => item.value);
      return { value: values.includes(undefined) ? undefined : values, place: { key, value: span, children } };
    }
    return leaf(this.#scalar(node, span, path));
  }

  #readMap(map: YAMLMap, key: Span | undefined, path: Path, span: Span): Read {
    const entries = new Map<string, Read>();
    this.#collect(map, path, span, entries);
    const children = new Map([...entries].map(([name, read]) => [name, read.place]));
    return {
      value: Object.fromEntries(
        [...entries].map(([name, read]) => [name, read.value]).filter(([, value]) => value !== undefined),
      ),
      place: { key, value: span, children },
    };
  }

  /** The map's own entries; what it merges fills in those that it does not have. */
  #collect(map: YAMLMap, path: Path, around: Span, entries: Map<string, Read>): void {
    const own = new Map<string, Span>();
    const merged: Pair[] = [];
    for (const pair of map.items) {
      if (isMergeKey(pair.key)) {
        merged.push(pair);
        continue;
      }
      const span = spanOf(pair.key) ?? around;
      const name = this.#keyName(pair.key, span, path);
      if (name === undefined) continue;
      const first = own.get(name);
      if (first !== undefined) {
        const message = `duplicate key \`${name}\``;
        const hint = `the first one is in line ${this.#source.lineNumber(first.start)}`;
        this.#report('duplicate_key', span, { message, hint, path: [...path, name] });
        continue;
      }
      own.set(name, span);
      entries.set(name, this.#read(pair.value, span, [...path, name], span));
    }
    for (const pair of merged) this.#merge(pair.value, path, spanOf(pair.key) ?? around, entries);
  }

  #merge(node: unknown, path: Path, around: Span, entries: Map<string, Read>): void {
    const span = spanOf(node) ?? around;
    if (isAlias(node)) {
      this.#follow(node, span, path, (target) => this.#merge(target, path, span, entries));
    } else if (isSeq(node)) {
      for (const item of node.items) this.#merge(item, path, span, entries);
    } else if (isMap(node)) {
      const inherited = new Map<string, Read>();
      this.#collect(node, path, span, inherited);
      for (const [name, read] of inherited) if (!entries.has(name)) entries.set(name, read);
    } else {
      const message = 'a merge key takes a mapping, an alias of one, or a list of them';
      this.#report('yaml_syntax', span, { message, path });
    }
  }

  #follow<Result>(
    alias: Node & { source: string },
    span: Span,
    path: Path,
    read: (target: Node) => Result,
  ): Result | undefined {
    const target = this.#targets.get(alias);
    if (target === undefined) {
      const message = `there is no anchor \`&${alias.source}\` before this`;
      this.#report('unknown_alias', span, { message, hint: this.#aliasHint(alias.source), path });
      return undefined;
    }
    if (this.#following.has(target)) {
      this.#stop(this.#source.diagnose('yaml_limit', span, { message: `\`*${alias.source}\` contains itself` }));
      return undefined;
    }
    // Merge keys of empty mappings repeat nothing but themselves, and double with each line.
    if (!this.#repeat(span)) return undefined;
    this.#following.add(target);
    const result = read(target);
    this.#following.delete(target);
    return result;
  }

  #aliasHint(name: string): string {
    if (name.startsWith('.')) return `a text that begins with \`*\` needs quotes: "*${name}"`;
    const near = nearest(name, this.#anchors);
    return near === undefined ? 'an anchor stands before its aliases: `&name`' : `did you mean \`*${near}\`?`;
  }

  #keyName(key: unknown, span: Span, path: Path): string | undefined {
    if (!isScalar(key) || key.value === null) {
      this.#report('yaml_syntax', span, { message: 'a key must be text', path });
      return undefined;
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    if (name === '__proto__') {
      this.#report('reserved_key', span, { message: '`__proto__` cannot be a key', path });
      return undefined;
    }
    return name;
  }

  #scalar(node: unknown, span: Span, path: Path): unknown {
    const value = isScalar(node) ? node.value : null;
    const source = isScalar(node) ? node.source : undefined;
    if (typeof value === 'string') return value.includes('$') ? new Scalar(value, value, this.#environment) : value;
    if (typeof value === 'number' || typeof value === 'boolean') {
      return new Scalar(value, source ?? String(value), this.#environment);
    }
    if (value === null || value === undefined) return null;
    this.#report('yaml_syntax', span, { message: 'only text, numbers, true and false can be values', path });
    return undefined;
  }

  #report(code: DiagnosticCode, span: Span, what: { message: string; hint?: string; path: Path }): void {
    this.#diagnostics.push(this.#source.diagnose(code, span, what));
    this.#missing.push(what.path);
  }

  #stop(diagnostic: Diagnostic): undefined {
    this.#stopped = true;
    this.#diagnostics.push(diagnostic);
  }

  /** Counts what aliases repeat; false when it is too much. It is shown at the outermost anchor that is being followed. */
  #repeat(span: Span): boolean {
    if (this.#stopped) return false;
    if (++this.#repeated <= mostRepeated) return true;
    const [outermost] = this.#following;
    const message = `aliases repeat more than ${mostRepeated} values`;
    this.#stop(this.#source.diagnose('yaml_limit', spanOf(outermost) ?? span, { message }));
    return false;
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Without the white space that yaml counts to a node. */
function spanOf(node: unknown): Span | undefined {
  if (isPair(node) || typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const range = node.range;
  if (!Array.isArray(range)) return undefined;
  const [start, end] = range;
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : undefined;
}
