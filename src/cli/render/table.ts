import Table from 'cli-table3';
import type { Paint } from './paint.js';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** A table without lines, as `docker ps` and `kubectl get` draw theirs: it survives `grep`, `awk` and narrow windows. */
export function drawTable(columns: readonly Column[], rows: readonly (readonly string[])[], paint: Paint): string {
  const table = new Table({
    head: columns.map(({ head }) => paint.dim(head)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: noLines,
    // Empty lists, or it colours by itself, even into a pipe (cli-table3 0.6).
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

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
