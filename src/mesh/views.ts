import type { ShapingView } from '../admin/shaping-wire.js';
import type { InstanceView, MetricsView, ProcessView, ServiceView, SloView } from '../admin/wire.js';
import { routeToJson } from '../config/print.js';
import { configOf } from '../config/snapshot.js';
import { formatAddress, urlOf } from '../foundation/address.js';
import type { Instance } from '../registry/instance.js';
import type { ProcessStatus } from '../supervisor/supervisor.js';
import type { BudgetReading } from '../telemetry/alerts/error-budget.js';
import type { ServiceSummary } from '../telemetry/measure.js';
import type { Rooms } from './assemble.js';
import { stateInWords } from './narrate.js';
import { isServiceReady } from './readiness.js';
import { viewShaping } from './shaping-view.js';
import { viewCircuit, viewTraffic } from './traffic-view.js';

/** What is shown of a process that is not well, in lines of its output. */
const lastOutputLines = 10;

/** Everything that is known of a service, as the admin API says it; undefined when there is none of that name. */
export function viewService(rooms: Rooms, name: string): ServiceView | undefined {
  const service = rooms.registry.service(name);
  if (service === undefined) return undefined;
  const config = configOf(rooms.snapshot, name);
  const { expose } = config;
  const listen = rooms.gateway.listenAddress(name);
  const processes = rooms.supervisor.statuses(name);
  return {
    name,
    url: expose ? (rooms.gateway.url(name) ?? null) : null,
    listen: listen === undefined ? null : urlOf(listen),
    expose,
    ready: isServiceReady(service, config, processes),
    routes: (rooms.snapshot.services.get(name)?.routes ?? []).map(routeToJson),
    instances: service.instances.map((instance) => viewInstance(rooms, instance)),
    processes: processes.map(viewProcess),
    traffic: viewTraffic(rooms.gateway.memoryOf(name), rooms.clock, viewShapingOf(rooms, name)),
    metrics: viewMetrics(rooms.measure.summary(name)),
    slo: viewSlo(rooms.budgets.of(name)),
    firing: [...rooms.alerts.firingAt(name)],
  };
}

export function viewShapingOf({ gateway, shapes }: Rooms, name: string): ShapingView {
  return viewShaping(gateway.memoryOf(name), shapes.of(name), gateway.seed);
}

export function viewProcesses({ supervisor }: Rooms, service: string): ProcessView[] {
  return supervisor.statuses(service).map(viewProcess);
}

export function viewInstance({ gateway, clock }: Rooms, instance: Instance): InstanceView {
  const { id, address, source, health, healthReason, weight, version, metadata, lease, ejection } = instance;
  const { circuits, loads } = gateway.memoryOf(instance.service);
  const { served, active } = loads.of(instance);
  return {
    id,
    address: formatAddress(address),
    source,
    health,
    healthReason: healthReason ?? null,
    weight,
    version: version ?? null,
    metadata: { ...metadata },
    lease: lease === undefined ? null : { ttl: lease.ttl, remaining: Math.round(lease.remaining()) },
    ejection: ejection === undefined ? null : { ...ejection },
    circuit: viewCircuit(circuits?.stateOf(instance), clock),
    served,
    active,
  };
}

function viewProcess(status: ProcessStatus): ProcessView {
  const { state } = status;
  const isWell = state.kind === 'ready' || state.kind === 'waiting' || state.kind === 'stopped';
  return {
    replica: status.replica,
    state: state.kind,
    detail: stateInWords(state),
    pid: 'pid' in state ? state.pid : null,
    port: 'port' in state ? (state.port ?? null) : null,
    restarts: status.restarts,
    crashLooping: status.crashLooping,
    lastOutput: isWell ? [] : status.lastLines(lastOutputLines).map(({ text }) => text),
  };
}

function viewSlo(reading: BudgetReading | undefined): SloView | null {
  if (reading === undefined) return null;
  const { availability, window, remaining, burnRate } = reading;
  return { availability, window, remaining: toMillionths(remaining), burnRate: round(burnRate) };
}

function viewMetrics(summary: ServiceSummary): MetricsView {
  return {
    requestsPerSecond: round(summary.requestsPerSecond),
    errorRate: toMillionths(summary.errorRate),
    p50: summary.p50 === undefined ? null : round(summary.p50),
    p95: summary.p95 === undefined ? null : round(summary.p95),
    p99: summary.p99 === undefined ? null : round(summary.p99),
    inFlight: summary.inFlight,
  };
}

function toMillionths(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}

/** Two decimals: the histogram knows no more. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
