import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../../foundation/text.js';
import { layoutOf } from '../../top/layout.js';
import { rowsOf } from '../../top/rows.js';
import type { TopState } from '../../top/state.js';
import { asciiOnly } from '../ascii.js';
import type { Frame } from '../frame.js';
import type { Paint } from '../paint.js';
import { clip } from '../width.js';
import { renderLowHead, renderNews, renderSummary } from './header.js';
import { renderFooter } from './help.js';
import { renderPane } from './panes.js';
import { renderTable } from './table.js';

/** What a terminal can show. */
export interface Style {
  readonly paint: Paint;
  /** More than ASCII. */
  readonly isUnicode: boolean;
}

/** The screen of `mesh top`: never more lines than it has, and none longer than it is wide. */
export function renderTop(state: TopState, { paint, isUnicode }: Style): Frame {
  const { size } = state;
  const layout = layoutOf(state);
  const rows = rowsOf(state);
  const [from, to] = [state.first, Math.min(rows.length, state.first + layout.rows)];
  const pane = renderPane(state, layout.pane, paint);
  const isTableShown = layout.rows > 0;
  const table = isTableShown ? tableOf(state, rows, from, to, paint) : [];
  const told = state.connection.kind === 'live' ? table : table.map((line) => faded(line, paint));
  const filler = Array.from({ length: Math.max(0, layout.rows + 1 - told.length) }, () => '');
  const body = [...told, ...(isTableShown ? filler : []), ...pane];
  const news = renderNews(state, { rows: rows.length, from, to }, paint);
  const frame = layout.isLow
    ? [state.mode.kind === 'filtering' ? renderFooter(state, paint) : renderLowHead(state, paint), ...body]
    : [renderSummary(state, paint), news, ...body, renderFooter(state, paint)];
  const lines = frame.slice(0, size.rows).map((line) => clip(line, size.columns));
  return isUnicode ? lines : lines.map(asciiOnly);
}

function tableOf(state: TopState, rows: ReturnType<typeof rowsOf>, from: number, to: number, paint: Paint): string[] {
  const { sort, cursor, view, size } = state;
  if (rows.length === 0) return ['', `  ${paint.dim(emptyInWords(state))}`];
  return renderTable({ rows, from, to, sort, marked: cursor.key, at: view.at, width: size.columns }, paint);
}

/** What was so when the mesh was last heard of: a green word would say that it still is. */
function faded(line: string, paint: Paint): string {
  return line === '' ? '' : paint.dim(stripVTControlCharacters(line));
}

function emptyInWords({ view, errorsOnly, filter }: TopState): string {
  if (view.services.length === 0) return `${printable(view.mesh)} has no services yet: mesh register adds one`;
  if (filter !== '') return `no service is named like ${printable(filter)}${errorsOnly ? ' and has errors' : ''}`;
  return 'no service has errors';
}
