import type { TraceView } from '../../admin/traces-wire.js';
import { latency } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import type { TraceRow } from './trace-rows.js';
import { traceRows } from './trace-rows.js';
import { clip } from './width.js';

/** Rows that are drawn: what a screen or two hold. Behind them, a line tells how many more there are. */
const drawnRows = 40;
/** Where not all are drawn, rows of one name beneath the same row: a query that is sent for each item is told by three. */
const alikeRows = 3;

/** Characters: of the picture at most, of a name and a bar at least, of a bar at most, and what a remark should have. */
const widest = 120;
const narrowestName = 16;
const narrowestBar = 10;
const widestBar = 40;
const remarkWidth = 18;
/** What names may take up of the room that they share with the bars. */
const nameShare = 0.6;
/** Characters of a duration, and of all the blanks between the columns. */
const durationWidth = 8;
const gaps = 8;

/**
 * The picture of the whole trace: what the mesh has carried, and beneath it what the services tell of their own, each where it
 * lies in the time of all. Empty where it would tell no more than the story of the one exchange does.
 */
export function renderTrace(trace: TraceView, paint: Paint, width: number): string {
  if (trace.spans.length === 0 && trace.exchanges.length <= 1 && trace.lostSpans === 0) return '';
  const roots = traceRows(trace);
  const drawn = select(roots);
  const lines = linesOf(roots, drawn, 0);
  const sizes = sizesFor(lines, Math.min(width, widest));
  const heading = `  ${paint.bold('The whole trace')}  ${paint.dim(summary(trace))}`;
  const picture = [heading, '', ...lines.map((line) => draw(line, sizes, trace.duration, paint))];
  return picture.map((line) => clip(line, width)).join('\n');
}

function summary({ exchanges, spans, lostSpans, duration }: TraceView): string {
  const parts = [
    latency(duration),
    `${exchanges.length} ${exchanges.length === 1 ? 'request' : 'requests'}`,
    `${spans.length} ${spans.length === 1 ? 'span' : 'spans'} of services`,
    ...(lostSpans === 0 ? [] : [`${lostSpans} more were not kept`]),
  ];
  return parts.join(', ');
}

/** A row, or how many there are that are not drawn. */
type Line =
  | { readonly kind: 'row'; readonly depth: number; readonly row: TraceRow }
  | { readonly kind: 'more'; readonly depth: number; readonly text: string };

/** Those that tell most: what failed, then what the mesh has carried, then what took longest; each with all above it. */
function select(roots: readonly TraceRow[]): ReadonlySet<TraceRow> {
  const parents = new Map<TraceRow, TraceRow | undefined>();
  const visit = (rows: readonly TraceRow[], parent: TraceRow | undefined) => {
    for (const row of rows) {
      parents.set(row, parent);
      visit(row.rows, row);
    }
  };
  visit(roots, undefined);
  if (parents.size <= drawnRows) return new Set(parents.keys());
  const telling = new Set([roots, ...[...parents.keys()].map(({ rows }) => rows)].flatMap(withoutAlike));
  const ranked = [...telling].sort(byRank);
  const drawn = new Set<TraceRow>();
  for (const row of ranked) {
    const missing: TraceRow[] = [];
    for (let at: TraceRow | undefined = row; at !== undefined && !drawn.has(at); at = parents.get(at)) missing.push(at);
    if (drawn.size + missing.length <= drawnRows) for (const one of missing) drawn.add(one);
  }
  return drawn;
}

/** Of rows with one name, those that tell most. */
function withoutAlike(rows: readonly TraceRow[]): TraceRow[] {
  const counts = new Map<string, number>();
  return [...rows].sort(byRank).filter(({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count <= alikeRows;
  });
}

function byRank(one: TraceRow, other: TraceRow): number {
  return rankOf(one) - rankOf(other) || other.duration - one.duration;
}

function rankOf({ tone, kind }: TraceRow): number {
  if (tone === 'bad') return 0;
  return kind === 'span' ? 2 : 1;
}

function linesOf(rows: readonly TraceRow[], drawn: ReadonlySet<TraceRow>, depth: number): Line[] {
  const shown = rows.filter((row) => drawn.has(row));
  const hidden = rows.filter((row) => !drawn.has(row));
  const lines = shown.flatMap((row): Line[] => [{ kind: 'row', depth, row }, ...linesOf(row.rows, drawn, depth + 1)]);
  if (hidden.length === 0) return lines;
  const names = new Set(hidden.map(({ name }) => name));
  const longest = Math.max(...hidden.map(({ duration }) => duration));
  const what = names.size === 1 ? ` of ${[...names].join('')}` : '';
  return [...lines, { kind: 'more', depth, text: `… ${count(hidden)} more${what}, ${latency(longest)} at most` }];
}

function count(rows: readonly TraceRow[]): number {
  return rows.reduce((sum, { rows: below }) => sum + 1 + count(below), 0);
}

/** Characters of the columns. */
interface Sizes {
  readonly name: number;
  readonly bar: number;
}

/** Names have what they need, but for what bars and remarks need more. */
function sizesFor(lines: readonly Line[], width: number): Sizes {
  const names = lines.map((line) => (line.kind === 'row' ? 2 * line.depth + [...line.row.name].length : 0));
  const room = width - gaps - durationWidth - remarkWidth;
  const name = Math.max(narrowestName, Math.min(Math.max(0, ...names), Math.floor(room * nameShare)));
  return { name, bar: Math.min(widestBar, Math.max(narrowestBar, room - name)) };
}

function draw(line: Line, { name, bar }: Sizes, whole: number, paint: Paint): string {
  const indent = ' '.repeat(Math.min(2 * line.depth, name - narrowestName / 2));
  if (line.kind === 'more') return `  ${indent}${paint.dim(line.text)}`;
  const { row } = line;
  const label = padded(`${indent}${row.name}`, name);
  const color = row.tone === 'bad' ? paint.red : row.kind === 'span' ? paint.magenta : paint.cyan;
  const remark = tint(paint, row.tone === 'good' ? 'quiet' : row.tone, row.remark);
  const text = row.kind === 'span' ? label : paint.bold(label);
  const time = latency(row.duration).padStart(durationWidth);
  return `  ${text}  ${color(barOf(row, whole, bar))}  ${time}  ${remark}`.trimEnd();
}

function padded(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text + ' '.repeat(width - characters.length);
  return `${characters.slice(0, width - 1).join('')}…`;
}

/** A service may go on when all else is over, and its bar with it: `whole` is the time of everything. */
function barOf({ begun, duration }: TraceRow, whole: number, width: number): string {
  const scale = whole === 0 ? 0 : width / whole;
  const left = Math.min(width - 1, Math.floor(begun * scale));
  const length = Math.max(1, Math.min(width - left, Math.round(duration * scale)));
  return `${' '.repeat(left)}${'█'.repeat(length)}`.padEnd(width);
}
