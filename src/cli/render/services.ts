import type { ServicesView, ServiceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { latency, rate, success } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { serviceState, upCount } from './state.js';
import type { Column } from './table.js';
import { drawTable } from './table.js';

/** What `mesh ls` shows. */
export function renderServices({ mesh, services }: ServicesView, paint: Paint): string {
  if (services.length === 0) return emptyMesh(mesh);
  const rows = services.map((service) => [
    paint.bold(printable(service.name)),
    address(service, paint),
    ...trafficCells(service, paint),
    stateCell(service, paint),
  ]);
  return drawTable([{ head: 'SERVICE' }, { head: 'URL' }, ...trafficColumns, { head: 'STATE' }], rows, paint);
}

/** The columns that `ls` and `top` share. */
export const trafficColumns: readonly Column[] = [
  { head: 'UP', align: 'right' },
  { head: 'RPS', align: 'right' },
  { head: 'SUCCESS', align: 'right' },
  { head: 'P50', align: 'right' },
  { head: 'P95', align: 'right' },
  { head: 'P99', align: 'right' },
  { head: 'IN FLIGHT', align: 'right' },
];

/** Their cells; a worker cannot be called and has none. */
export function trafficCells(service: ServiceView, paint: Paint): string[] {
  if (!service.expose) return trafficColumns.map(() => '');
  const { requestsPerSecond, errorRate, p50, p95, p99, inFlight } = service.metrics;
  const { up, total } = upCount(service);
  const succeeded = success(errorRate, requestsPerSecond);
  return [
    tint(paint, up === total && total > 0 ? 'good' : up > 0 ? 'busy' : 'bad', `${up}/${total}`),
    rate(requestsPerSecond),
    errorRate > 0 ? tint(paint, errorRate >= 0.05 ? 'bad' : 'busy', succeeded) : succeeded,
    latency(p50),
    latency(p95),
    latency(p99),
    String(inFlight),
  ];
}

export function stateCell(service: ServiceView, paint: Paint): string {
  const { words, tone } = serviceState(service);
  return tint(paint, tone, words);
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
