import type { InstanceView, ProcessView, ServiceView, SloView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { latency, rate, success } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { renderRoute } from './routes.js';
import { address, budgetCell, stateCell } from './services.js';
import type { StateInWords } from './state.js';
import { instanceState, processState } from './state.js';
import { drawTable } from './table.js';
import { circuitInWords, inTime, mirrorSamples, served, trafficRows } from './traffic.js';

/** What `mesh inspect` shows: one service, all that is known of it. */
export function renderService(service: ServiceView, now: number, paint: Paint): string {
  const parts = [heading(service, now, paint)];
  if (service.expose) parts.push(traffic(service), instances(service, now, paint));
  if (service.processes.length > 0) parts.push(processes(service.processes, paint));
  const samples = mirrorSamples(service.traffic);
  if (samples.length > 0)
    parts.push(['The mirror answered otherwise:', ...samples.map((one) => `  ${one}`)].join('\n'));
  parts.push(
    ...service.processes.filter(({ lastOutput }) => lastOutput.length > 0).map((one) => renderOutput(one, paint)),
  );
  return parts.join('\n\n');
}

function heading(service: ServiceView, now: number, paint: Paint): string {
  const lines = [`${paint.bold(printable(service.name))}  ${stateCell(service, paint)}`];
  const row = (label: string, text: string) => lines.push(`  ${paint.dim(label.padEnd(7))}  ${text}`);
  row('url', address(service, paint));
  if (service.url !== null && service.listen !== null) row('listen', printable(service.listen));
  for (const [index, route] of service.routes.entries()) row(index === 0 ? 'routes' : '', renderRoute(route));
  if (service.firing.length > 0) row('alerts', tint(paint, 'bad', printable(service.firing.join(', '))));
  if (service.slo !== null) row('slo', objective(service, service.slo, paint));
  if (service.expose) for (const [label, text] of trafficRows(service, now, paint)) row(label, text);
  return lines.join('\n');
}

/** `99.9% over 1h · error budget left 87.5% · burning at 0.4×` */
function objective(service: ServiceView, { availability, window, burnRate }: SloView, paint: Paint): string {
  return [
    `${formatPercentage(availability)} over ${formatDuration(window)}`,
    `error budget left ${budgetCell(service, paint)}`,
    `burning at ${rate(burnRate)}×`,
  ].join(' · ');
}

function traffic({ metrics }: ServiceView): string {
  const { requestsPerSecond, errorRate, p50, p95, p99, inFlight } = metrics;
  return [
    `${rate(requestsPerSecond)} requests/s`,
    `success ${success(errorRate, requestsPerSecond)}`,
    `p50 ${latency(p50)}`,
    `p95 ${latency(p95)}`,
    `p99 ${latency(p99)}`,
    `${inFlight} in flight`,
  ].join(' · ');
}

function instances(service: ServiceView, now: number, paint: Paint): string {
  if (service.instances.length === 0 && service.processes.length > 0)
    return 'No instances: none of its processes runs.';
  if (service.instances.length === 0) {
    return `No instances. Register one:\n  mesh register ${printable(service.name)} HOST:PORT`;
  }
  const columns = ['INSTANCE', 'ADDRESS', 'SOURCE', 'HEALTH', 'WEIGHT', 'SERVED', 'VERSION', 'LEASE', 'METADATA'];
  const table = drawTable(
    columns.map((head) => ({ head, align: head === 'WEIGHT' || head === 'SERVED' ? 'right' : 'left' })),
    service.instances.map((instance) => instanceRow(instance, service, paint)),
    paint,
  );
  return [table, ...service.instances.flatMap((instance) => reasons(instance, now, paint))].join('\n');
}

function instanceRow(instance: InstanceView, service: ServiceView, paint: Paint): string[] {
  const { id, address: where, source, weight, version, lease, metadata } = instance;
  const pairs = Object.entries(metadata).map(([name, value]) => `${name}=${value}`);
  return [
    printable(id),
    printable(where),
    source,
    withReason(instanceState(instance), null, paint),
    String(weight),
    served(instance, service.instances),
    printable(version ?? '–'),
    lease === null
      ? '–'
      : `${formatDuration(Math.round(lease.remaining / 1_000) * 1_000)} of ${formatDuration(lease.ttl)}`,
    printable(pairs.join(' ')),
  ];
}

/** Why those that are not well are not, and their circuits: below the table, which would not fit a terminal with it. */
function reasons(instance: InstanceView, now: number, paint: Paint): string[] {
  const { id, health, healthReason, ejection, circuit } = instance;
  // An ejection ends by itself, and when is what people want to know.
  const reason = ejection === null ? healthReason : `${ejection.reason}; back ${inTime(ejection.until, now)}`;
  const line = (text: string) => `  ${printable(id)}  ${text}`;
  return [
    ...(reason === null || reason === '' ? [] : [line(`${health}: ${printable(reason)}`)]),
    ...(circuit === null ? [] : [line(`circuit ${circuitInWords(circuit, now, paint)}`)]),
  ];
}

function processes(list: readonly ProcessView[], paint: Paint): string {
  const columns = ['PROCESS', 'STATE', 'PID', 'PORT', 'RESTARTS'];
  return drawTable(
    columns.map((head) => ({ head, align: head === 'PROCESS' || head === 'STATE' ? 'left' : 'right' })),
    list.map((one) => [
      printable(one.replica),
      withReason(processState(one), one.state === 'ready' ? null : one.detail, paint),
      String(one.pid ?? '–'),
      String(one.port ?? '–'),
      String(one.restarts),
    ]),
    paint,
  );
}

function withReason({ words, tone }: StateInWords, reason: string | null, paint: Paint): string {
  return tint(paint, tone, words) + (reason === null || reason === '' ? '' : paint.dim(` (${printable(reason)})`));
}

/** The last lines that a process printed, for one that is not well. */
export function renderOutput({ replica, lastOutput }: ProcessView, paint: Paint): string {
  const lines = lastOutput.map((line) => `  ${paint.dim('|')} ${printable(line)}`);
  return [`The last output of ${printable(replica)}:`, ...lines].join('\n');
}
