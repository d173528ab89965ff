import type { MetricsView, ServicesView, ServiceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { budget, latency, rate, success } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import type { Faring } from './state.js';
import { failureTone, serviceState, upCount } from './state.js';
import type { Column } from './table.js';
import { fitTable } from './table.js';

/** What `mesh ls` shows, in so many characters where that is possible. */
export function renderServices({ mesh, services }: ServicesView, paint: Paint, width: number): string {
  if (services.length === 0) return emptyMesh(mesh);
  const hasBudgets = services.some(({ slo }) => slo !== null);
  const rows = services.map((service) => [
    paint.bold(printable(service.name)),
    stateCell(service, paint),
    address(service, paint),
    ...trafficCells(service, paint),
    ...(hasBudgets ? [budgetCell(service, paint)] : []),
  ]);
  const columns = [{ head: 'SERVICE' }, { head: 'STATE' }, { head: 'URL' }, ...trafficColumns];
  return fitTable(hasBudgets ? [...columns, budgetColumn] : columns, rows, paint, width);
}

/** Where some service has an objective. */
const budgetColumn: Column = { head: 'BUDGET', align: 'right', spare: 1 };

/** How much of its error budget is left; empty for a service without an objective. */
export function budgetCell({ slo }: Pick<ServiceView, 'slo'>, paint: Paint): string {
  if (slo === null) return '';
  const text = budget(slo.remaining);
  if (slo.remaining <= 0) return tint(paint, 'bad', text);
  return slo.remaining < lowBudget ? tint(paint, 'busy', text) : text;
}

/** From here on an error budget is worth a look. */
const lowBudget = 0.25;

/** Columns of what can be called. */
export const trafficColumns: readonly Column[] = [
  { head: 'UP', align: 'right' },
  { head: 'RPS', align: 'right', spare: 1 },
  { head: 'SUCCESS', align: 'right', spare: 2 },
  { head: 'P50', align: 'right', spare: 5 },
  { head: 'P95', align: 'right', spare: 3 },
  { head: 'P99', align: 'right', spare: 4 },
  { head: 'IN FLIGHT', align: 'right', spare: 6 },
];

/** Their cells; a worker cannot be called and has none. */
function trafficCells(service: ServiceView, paint: Paint): string[] {
  if (!service.expose) return trafficColumns.map(() => '');
  const { requestsPerSecond, p50, p95, p99, inFlight } = service.metrics;
  return [
    upCell(service, paint),
    rate(requestsPerSecond),
    successCell(service.metrics, paint),
    latency(p50),
    latency(p95),
    latency(p99),
    String(inFlight),
  ];
}

/** Of how many instances how many may be called: all of them, some, or none. */
export function upCell(service: Pick<Faring, 'instances'>, paint: Paint): string {
  const { up, total } = upCount(service);
  return tint(paint, up === total && total > 0 ? 'good' : up > 0 ? 'busy' : 'bad', `${up}/${total}`);
}

export function successCell(
  { errorRate, requestsPerSecond }: Pick<MetricsView, 'errorRate' | 'requestsPerSecond'>,
  paint: Paint,
): string {
  const share = success(errorRate, requestsPerSecond);
  return errorRate > 0 ? tint(paint, failureTone(errorRate), share) : share;
}

/** How it fares, whether somebody has a hand in it at run time, and whether alerts fire for it. */
export function stateCell(service: ServiceView, paint: Paint): string {
  const { words, tone } = serviceState(service);
  const { length: firing } = service.firing;
  return [
    tint(paint, tone, words),
    ...(service.traffic.shaping.active === null ? [] : [tint(paint, 'busy', 'shaped')]),
    ...(firing === 0 ? [] : [tint(paint, 'bad', firing === 1 ? 'alert' : `${firing} alerts`)]),
  ].join(', ');
}

/** Where a service is called: its name on the gateway, or that it is a worker. */
export function address({ url, listen }: ServiceView, paint: Paint): string {
  return printable(url ?? listen ?? '') || paint.dim('worker');
}

function emptyMesh(mesh: string): string {
  return [
    `${printable(mesh)} has no services yet.`,
    'Add one to the mesh file, or register a program that runs already:',
    '  mesh register orders 127.0.0.1:4001',
  ].join('\n');
}
