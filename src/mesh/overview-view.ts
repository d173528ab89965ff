import { setImmediate as turn } from 'node:timers/promises';
import type { OverviewServiceView, OverviewView } from '../admin/overview-wire.js';
import { schemaVersion } from '../admin/schema-version.js';
import type { StatusView } from '../admin/wire.js';
import type { Trend } from '../telemetry/measure.js';
import type { Rooms } from './assemble.js';
import { viewEdge } from './graph-view.js';
import { queuedAt } from './queued.js';
import { round, viewSummary } from './summary-view.js';
import { viewService } from './views.js';

/** Seconds over which retries are told, as all other numbers of now. */
const retriesWindow = 10;

/** Every service, as a screen shows it. Between two of them the gateway has its turn: a request waits for one at most. */
export async function viewOverview(rooms: Rooms, status: StatusView, seconds: number): Promise<OverviewView> {
  const services: OverviewServiceView[] = [];
  for (const { name } of rooms.registry.services) {
    const service = viewOverviewService(rooms, name, seconds);
    if (service !== undefined) services.push(service); // it may have gone meanwhile
    await turn();
  }
  return {
    schemaVersion,
    mesh: status.mesh,
    at: rooms.clock.now(),
    startedAt: status.startedAt,
    rejected: status.rejected.length > 0,
    scenario: viewRunning(rooms),
    services,
  };
}

function viewOverviewService(rooms: Rooms, name: string, seconds: number): OverviewServiceView | undefined {
  const service = viewService(rooms, name);
  if (service === undefined) return undefined;
  const { url, expose, ready, slo, firing, metrics, traffic, processes } = service;
  const { mirror: _, ...shown } = traffic;
  const trend = rooms.measure.trend(name, Math.max(seconds, retriesWindow));
  const { callers, instances } = rooms.measure.breakdown(name);
  return {
    name,
    url,
    expose,
    ready,
    slo,
    firing,
    metrics: {
      ...metrics,
      retriesPerSecond: retriesOf(trend),
      queued: queuedAt(rooms.gateway.memoryOf(name)),
    },
    trend: viewTrend(trend, seconds),
    instances: service.instances.map((instance) => {
      const summary = instances.get(instance.id);
      return { ...instance, metrics: summary === undefined ? null : viewSummary(summary) };
    }),
    processes: processes.map(({ lastOutput: _, ...process }) => process),
    callers: Array.from(callers)
      .filter(([, { requestsPerSecond }]) => requestsPerSecond > 0)
      .map(([caller, summary]) => viewEdge(caller, name, summary)),
    traffic: shown,
  };
}

function viewTrend({ until, requests, errors, p99 }: Trend, seconds: number): OverviewServiceView['trend'] {
  return {
    until: Math.round(until),
    requests: requests.slice(-seconds),
    errors: errors.slice(-seconds),
    p99: p99.slice(-seconds).map((milliseconds) => (milliseconds === undefined ? null : round(milliseconds))),
  };
}

/** Over a whole window: one at the start of a mesh is not ten a second. */
function retriesOf({ retries }: Trend): number {
  return round(retries.slice(-retriesWindow).reduce((sum, count) => sum + count, 0) / retriesWindow);
}

function viewRunning({ scenarios: { run } }: Rooms): OverviewView['scenario'] {
  if (run?.state !== 'running') return null;
  return { name: run.scenario.name, since: run.since, done: run.done, steps: run.scenario.steps.length };
}
