import type { Ring } from '../foundation/ring-reader.js';
import { RingReader } from '../foundation/ring-reader.js';
import { parseDuration } from '../foundation/units.js';

/** One line that a process of the mesh printed, as it printed it: make it `printable` before it meets a terminal. */
export interface OutputLine {
  readonly service: string;
  /** `web-1` */
  readonly replica: string;
  /** mesh: the supervisor's own word on the process, such as why it is restarted. */
  readonly stream: 'stdout' | 'stderr' | 'mesh';
  /** Without its line end. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Who prints: a service, or one of its processes alone. */
export interface OutputSource {
  readonly service: string;
  /** Undefined: all of them. */
  readonly replica?: string | undefined;
}

/** What is read of the output. */
export interface OutputWish {
  /** Undefined: all, those that come later included. */
  readonly sources: readonly OutputSource[] | undefined;
  /** The newest so many lines of each service; undefined: all that are kept. */
  readonly tail: number | undefined;
  /** Milliseconds since 1970; undefined: from the oldest line on. */
  readonly since: number | undefined;
  /** Left out: every line of them. */
  readonly shows?: (text: string) => boolean;
  /** Finds the trace that a line names. Left out: nobody asks. */
  readonly traceOf?: (text: string) => string | undefined;
}

/** What a reader meets on its way. */
export type OutputStep =
  | {
      readonly kind: 'line';
      readonly line: OutputLine;
      /** null: it names none; undefined: nobody asks. */
      readonly traceId: string | null | undefined;
    }
  /** So many lines were not wanted that it is somebody else's turn; there may be more. */
  | { readonly kind: 'searching' }
  /** So many lines of the service were gone before the reader came to them. */
  | { readonly kind: 'skipped'; readonly service: string; readonly count: number }
  /** All that was kept when the reader began has been told; what follows is new. Once. */
  | { readonly kind: 'live' };

/** Logs that a reader looks at in one go, again for each line that it passes over: less than a millisecond. */
const longestSearch = 2_000;
/** Lines kept for each service. */
export const keptLines = 5_000;

/** What all services printed last. It outlives their processes: the last words of a crash are what is asked for. */
export class OutputLogs {
  readonly #logs = new Map<string, OutputLog>();
  #count = 0;

  push(line: OutputLine): void {
    const log = this.#logs.get(line.service) ?? new OutputLog();
    this.#logs.set(line.service, log);
    log.push({ line, number: this.#count++ });
  }

  /** The newest `count` of a service, oldest of them first; of one replica, or of all. */
  last(count: number, service: string, replica?: string): OutputLine[] {
    const lines = this.#logs.get(service)?.lines() ?? [];
    const wanted = replica === undefined ? lines : lines.filter((line) => line.replica === replica);
    return wanted.slice(Math.max(0, wanted.length - count));
  }

  /** Who has printed under that name: a service, or one of its replicas. */
  sourceNamed(name: string): OutputSource | undefined {
    if (this.#logs.has(name)) return { service: name };
    for (const [service, log] of this.#logs) {
      if (log.lines().some(({ replica }) => replica === name)) return { service, replica: name };
    }
    return undefined;
  }

  read(wish: OutputWish): OutputReader {
    return new OutputReader(this.#logs, this.#count, wish);
  }
}

/** Reads the logs at its own pace, in the order in which the lines were printed. */
export class OutputReader {
  readonly #logs: ReadonlyMap<string, OutputLog>;
  /** Service → its replicas that are read, or all of them; undefined: every service. */
  readonly #wanted: ReadonlyMap<string, ReadonlySet<string> | 'all'> | undefined;
  /** Number of the first line that is printed after this has begun. */
  readonly #firstNew: number;
  readonly #wish: OutputWish;
  readonly #rings: RingReader<KeptLine>;
  #isLive = false;

  constructor(logs: ReadonlyMap<string, OutputLog>, firstNew: number, wish: OutputWish) {
    this.#logs = logs;
    this.#firstNew = firstNew;
    this.#wish = wish;
    this.#wanted = wish.sources && byService(wish.sources);
    this.#rings = new RingReader(
      () => this.#chosen(),
      ({ number }) => number,
      (log) => this.#startIn(log, wish),
    );
  }

  /** The next thing to know; undefined when there is nothing more by now. */
  next(): OutputStep | undefined {
    for (let looks = 0; looks < longestSearch; looks += this.#rings.width) {
      const found = this.#rings.next();
      if (found?.kind === 'skipped') return { kind: 'skipped', service: found.name, count: found.count };
      if (!this.#isLive && (found === undefined || found.item.number >= this.#firstNew)) {
        this.#isLive = true;
        return { kind: 'live' };
      }
      if (found === undefined) return undefined;
      this.#rings.pass(found);
      const { line } = found.item;
      if (!this.#wants(line)) continue;
      const { traceOf } = this.#wish;
      return { kind: 'line', line, traceId: traceOf && (traceOf(line.text) ?? null) };
    }
    return { kind: 'searching' };
  }

  /** Does it concern itself with that service? A line of it moves the reader on, wanted or not. */
  follows(service: string): boolean {
    return this.#wanted === undefined || this.#wanted.has(service);
  }

  *#chosen(): Iterable<readonly [string, OutputLog]> {
    if (this.#wanted === undefined) return yield* this.#logs;
    for (const service of this.#wanted.keys()) {
      const log = this.#logs.get(service);
      if (log !== undefined) yield [service, log];
    }
  }

  #startIn(log: Ring<KeptLine>, { tail = Infinity, since = -Infinity }: OutputWish): number {
    let place = log.end;
    for (let count = 0; count < tail; ) {
      const line = log.at(place - 1)?.line;
      if (line === undefined || line.at < since) break;
      if (tail === Infinity || this.#wants(line)) count++; // where none is counted, none is looked at
      place--;
    }
    return place;
  }

  #wants({ service, replica, text }: OutputLine): boolean {
    const replicas = this.#wanted === undefined ? 'all' : this.#wanted.get(service);
    if (replicas !== 'all' && replicas?.has(replica) !== true) return false;
    return this.#wish.shows?.(text) ?? true;
  }
}

interface KeptLine {
  readonly line: OutputLine;
  /** Lines of all services that came before it. */
  readonly number: number;
}

/** What the replicas of one service printed last. */
class OutputLog implements Ring<KeptLine> {
  readonly #kept: KeptLine[] = [];
  #end = 0;

  get begin(): number {
    return Math.max(0, this.#end - keptLines);
  }

  get end(): number {
    return this.#end;
  }

  push(kept: KeptLine): void {
    this.#kept[this.#end % keptLines] = kept;
    this.#end++;
  }

  at(place: number): KeptLine | undefined {
    return place >= this.begin && place < this.#end ? this.#kept[place % keptLines] : undefined;
  }

  /** Oldest first. */
  lines(): OutputLine[] {
    const oldest = this.begin % keptLines;
    return [...this.#kept.slice(oldest), ...this.#kept.slice(0, oldest)].map(({ line }) => line);
  }
}

/** A service that is named as a whole is read as a whole, whichever of its replicas are named beside it. */
function byService(sources: readonly OutputSource[]): ReadonlyMap<string, ReadonlySet<string> | 'all'> {
  const wanted = new Map<string, Set<string> | 'all'>();
  for (const { service, replica } of sources) {
    const known = wanted.get(service);
    if (replica === undefined || known === 'all') wanted.set(service, 'all');
    else wanted.set(service, new Set(known).add(replica));
  }
  return wanted;
}

/** From when on: so many milliseconds ago, or since a moment, in milliseconds since 1970. */
export type Since =
  | { readonly kind: 'ago'; readonly duration: number }
  | { readonly kind: 'moment'; readonly at: number };

/** In the words of whoever may write one. */
export const sinceExpected = 'a duration such as `5m`, or a time such as `2026-01-31T12:00:00Z` (RFC 3339)';

const momentPattern = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** `5m`, `2026-01-31T12:00:00Z`; undefined for what is neither. */
export function parseSince(text: string): Since | undefined {
  const duration = parseDuration(text);
  if (duration !== undefined) return { kind: 'ago', duration };
  const at = momentPattern.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : { kind: 'moment', at };
}
