import type { OverviewServiceView, OverviewView } from '../../../admin/overview-wire.js';
import { printable } from '../../../foundation/text.js';
import type { RowChoice } from '../../top/rows.js';
import { rowsOf } from '../../top/rows.js';
import type { Sort } from '../../top/sort.js';
import type { TopWishes } from '../../top/state.js';
import { asciiOnly } from '../ascii.js';
import { latency, rate, success } from '../numbers.js';
import { upCount } from '../state.js';
import { timeOfDay } from './header.js';
import type { Style } from './screen.js';
import { renderTable } from './table.js';

/** The picture without a screen, for `--once`: all services, and no keys. */
export function renderOnce(view: OverviewView, wishes: TopWishes, width: number, { paint, isUnicode }: Style): string {
  const rows = servicesOf(view, wishes);
  const table = { rows, from: 0, to: rows.length, sort: wishes.sort, marked: undefined, at: view.at, width };
  const lines = renderTable(table, paint);
  return (isUnicode ? lines : lines.map(asciiOnly)).join('\n');
}

/** Off a terminal: one line per service and tick, columns by blanks, as `vmstat` has them. A terminal that knows lines alone has 80. */
const lineWidths = [8, 18, 6, 7, 7, 7, 7, 8, 4];

export const topLineHead = line(['TIME', 'SERVICE', 'RPS', 'SUCCESS', 'P50', 'P95', 'P99', 'INFLIGHT', 'UP']);

export function topLines(view: OverviewView, wishes: TopWishes): string[] {
  return servicesOf(view, wishes)
    .filter(({ service }) => service.expose)
    .map(({ service }) => line([timeOfDay(view.at), ...lineCells(service)]));
}

/** As data: those services that are wished for, and in the order of the mesh where none is. */
export function chosen(view: OverviewView, filter: string, sort: Sort | undefined): OverviewView {
  return { ...view, services: servicesOf(view, { filter, sort }).map(({ service }) => service) };
}

function servicesOf(view: OverviewView, { sort, filter }: Pick<RowChoice, 'sort' | 'filter'>) {
  return rowsOf({ view, sort, filter, errorsOnly: false, expanded: new Set() });
}

function lineCells(service: OverviewServiceView): string[] {
  const { requestsPerSecond, errorRate, p50, p95, p99, inFlight } = service.metrics;
  const { up, total } = upCount(service);
  const latencies = [p50, p95, p99].map((milliseconds) => latency(milliseconds).replace(' ', ''));
  const succeeded = success(errorRate, requestsPerSecond);
  return [
    printable(service.name),
    rate(requestsPerSecond),
    succeeded,
    ...latencies,
    String(inFlight),
    `${up}/${total}`,
  ];
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index < 2 ? cell.padEnd(lineWidths[index] ?? 0) : cell.padStart(lineWidths[index] ?? 0)))
    .join(' ')
    .trimEnd();
}
