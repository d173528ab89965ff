import type { ServicesView, ServiceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import type { Frame } from './frame.js';
import { clip } from './frame.js';
import { latency, rate, success } from './numbers.js';
import type { Paint } from './paint.js';
import { stateCell, trafficCells, trafficColumns } from './services.js';
import { upCount } from './state.js';
import { fitTable } from './table.js';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Rows. A screen with fewer has no room for air. */
const lowScreen = 8;

/** The screen of `mesh top`. */
export function renderTop(view: ServicesView, at: number, size: ScreenSize, paint: Paint): Frame {
  const table = topTable(view, paint, size.columns).split('\n');
  const isLow = size.rows < lowScreen;
  const room = Math.max(2, isLow ? size.rows - 1 : size.rows - 4);
  const hidden = table.length - room;
  const shown = hidden > 0 ? [...table.slice(0, room - 1), paint.dim(`… ${hidden + 1} more`)] : table;
  const frame = isLow
    ? [summary(view, at, paint), ...shown]
    : [summary(view, at, paint), '', ...shown, '', paint.dim('q quits')];
  return frame.slice(0, size.rows).map((line) => clip(line, size.columns));
}

/** The same without a screen, for `--once`. */
export function topTable({ services }: ServicesView, paint: Paint, width: number): string {
  const rows = services.map((service) => [
    paint.bold(printable(service.name)),
    stateCell(service, paint),
    ...trafficCells(service, paint),
  ]);
  return fitTable([{ head: 'SERVICE' }, { head: 'STATE' }, ...trafficColumns], rows, paint, width);
}

function summary({ mesh, services }: ServicesView, at: number, paint: Paint): string {
  const perSecond = services.reduce((sum, { metrics }) => sum + metrics.requestsPerSecond, 0);
  const failing = services.reduce((sum, { metrics }) => sum + metrics.requestsPerSecond * metrics.errorRate, 0);
  return [
    paint.bold(printable(mesh)),
    services.length === 1 ? '1 service' : `${services.length} services`,
    `${rate(perSecond)} requests/s`,
    `success ${success(perSecond === 0 ? 0 : failing / perSecond, perSecond)}`,
    paint.dim(timeOfDay(at)),
  ].join(' · ');
}

/** Off a terminal: one line per service and tick, columns by blanks, as `vmstat` has them. */
const lineWidths = [8, 20, 8, 8, 10, 10, 10, 9, 7];

export const topLineHead = line(['TIME', 'SERVICE', 'RPS', 'SUCCESS', 'P50', 'P95', 'P99', 'INFLIGHT', 'UP']);

export function topLines({ services }: ServicesView, at: number): string[] {
  return services.filter(({ expose }) => expose).map((service) => line([timeOfDay(at), ...lineCells(service)]));
}

function lineCells(service: ServiceView): string[] {
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

/** `14:03:09`, by the reader's clock. */
function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
