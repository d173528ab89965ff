import type { Row } from '../../top/rows.js';
import type { Sort } from '../../top/sort.js';
import { isAscending } from '../../top/sort.js';
import type { Paint } from '../paint.js';
import { drawTable } from '../table.js';
import { clip, shorten, textWidth } from '../width.js';
import { badgesOf, renderBadges } from './badges.js';
import type { TopColumn } from './columns.js';
import { topColumns } from './columns.js';
import { fitColumns } from './fit.js';
import { durationSparkline, hasTrend, requestsSparkline, sparklineHead } from './sparkline-cells.js';

export interface TopTable {
  /** All of them, so that columns stay where they are while the table is scrolled. */
  readonly rows: readonly Row[];
  /** Which of them are drawn. */
  readonly from: number;
  readonly to: number;
  readonly sort: Sort;
  /** The key of the row that is marked. */
  readonly marked: string | undefined;
  /** Milliseconds since 1970: the time of the picture. */
  readonly at: number;
  readonly width: number;
}

/** The head, and the rows that are drawn, each in so many characters at most. */
export function renderTable(table: TopTable, paint: Paint): string[] {
  const drawn = table.rows.slice(table.from, table.to);
  const columns = planOf(table, paint);
  const cells = drawn.map((row) => columns.map(({ cell }) => cell(row)));
  const lines = drawTable(columns, cells, paint).split('\n');
  return lines.map((line, index) => clip(gutter(drawn[index - 1], table, paint) + line, table.width));
}

/** The mark, and whether the service is open: signs, for not every screen has colours. A picture without a mark has none of it. */
function gutter(row: Row | undefined, { marked }: TopTable, paint: Paint): string {
  if (marked === undefined) return '';
  const mark = row?.key === marked ? paint.cyan('❯') : ' ';
  const fold = row?.kind === 'service' ? (row.isOpen ? '▾' : '▸') : ' ';
  return `${mark}${paint.dim(fold)} `;
}

const gutterWidth = 3;

/** Characters by which the badges grow: a second that runs out is no reason to move everything else. */
const badgesStep = 8;

interface PlannedColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly width: number;
  readonly cell: (row: Row) => string;
}

/** Which columns there is room for, and how wide the ones are that can be of any width. */
function planOf(table: TopTable, paint: Paint): PlannedColumn[] {
  const { rows, sort, at } = table;
  const badges = new Map(rows.map((row) => [row, renderBadges(badgesOf(row, at), paint)]));
  const longest = Math.max(0, ...Array.from(badges.values(), textWidth));
  const badgesWish = Math.ceil(longest / badgesStep) * badgesStep;
  const all = Object.values<TopColumn>(topColumns).map((column) => ({
    column,
    planned: planned(column, table, paint),
  }));
  const wishes = all
    .filter(({ column, planned: { isEmpty } }) => column.spare === 0 || !isEmpty)
    .map(({ column, planned: { width } }) => ({ column, width, rank: column.sort === sort.by ? 0 : column.spare }));
  const room = table.width - (table.marked === undefined ? 0 : gutterWidth);
  const fit = fitColumns(wishes, { badges: badgesWish, hasSparklines: rows.some(hasTrend) }, room);
  const { count, width } = fit.sparklines;
  return [
    ...all.flatMap(({ column, planned }): PlannedColumn[] => [
      ...(fit.columns.has(column) ? [planned] : []),
      ...(column === topColumns.rps && count > 0 ? [sparklineColumn('RPS', width, requestsSparkline, paint)] : []),
      ...(column === topColumns.p99 && count > 1 ? [sparklineColumn('P99', width, durationSparkline, paint)] : []),
    ]),
    ...(fit.badges === 0 ? [] : [badgesColumn(badges, fit.badges)]),
  ];
}

function planned(column: TopColumn, { rows, sort, marked, width }: TopTable, paint: Paint) {
  const isSorted = column.sort === sort.by;
  const head = isSorted ? `${column.head} ${isAscending(sort) ? '▲' : '▼'}` : column.head;
  const texts = new Map(rows.map((row) => [row, column.cell(row, paint, width)]));
  const longest = Math.max(0, ...Array.from(texts.values(), textWidth));
  const cell = (row: Row) => {
    const text = texts.get(row) ?? '';
    return column === topColumns.name && row.key === marked ? paint.inverse(text) : text;
  };
  return {
    head,
    align: column.align,
    width: Math.max(textWidth(head), longest, column.least),
    cell,
    isEmpty: longest === 0,
  };
}

function sparklineColumn(
  what: string,
  width: number,
  cell: (row: Row, width: number, paint: Paint) => string,
  paint: Paint,
): PlannedColumn {
  return { head: sparklineHead(what, width), align: 'left', width, cell: (row) => cell(row, width, paint) };
}

function badgesColumn(badges: ReadonlyMap<Row, string>, width: number): PlannedColumn {
  return { head: 'BADGES', align: 'left', width, cell: (row) => shorten(badges.get(row) ?? '', width) };
}
