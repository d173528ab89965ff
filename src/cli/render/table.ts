import Table from 'cli-table3';
import type { Paint } from './paint.js';
import { textWidth } from './width.js';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
  /** Left out where there is no room for all; those with the highest number first. */
  readonly spare?: number;
  /** Characters. Default: as many as the longest cell needs. */
  readonly width?: number;
}

/** As `drawTable`, in so many characters, as far as there are columns that can be spared. */
export function fitTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  width: number,
): string {
  const spares = columns.map(({ spare = 0 }) => spare);
  const most = Math.max(0, ...spares);
  if (most === 0 || widthOf(columns, rows) <= width) return drawTable(columns, rows, paint);
  const isKept = (_: unknown, index: number) => spares[index] !== most;
  const fewer = rows.map((row) => row.filter(isKept));
  return fitTable(columns.filter(isKept), fewer, paint, width);
}

/** Of the longest line; known without drawing, which takes a second for thousands of rows. */
function widthOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  const widths = columns.map(({ head, width }, at) => {
    return width ?? rows.reduce((widest, row) => Math.max(widest, textWidth(row[at] ?? '')), head.length);
  });
  return widths.reduce((sum, width) => sum + width + columnGap, -columnGap);
}

/** A table without lines, as `docker ps` and `kubectl get` draw theirs: it survives `grep`, `awk` and narrow windows. */
export function drawTable(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string {
  const table = new Table({
    head: columns.map(({ head }) => paint.dim(head)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    colWidths: columns.map(({ width }) => (width === undefined ? null : width + columnGap)),
    chars: noLines,
    // Empty lists, or it colours by itself, even into a pipe (cli-table3 0.6).
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': columnGap },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const columnGap = 2;

const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
