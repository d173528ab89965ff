import type { EvidenceView } from '../admin/alerts-wire.js';
import type { LogLineView } from '../admin/logs-wire.js';
import { configOf } from '../config/snapshot.js';
import type { AlertChange } from '../telemetry/alerts/alert.js';
import { isError } from '../telemetry/metrics/ended.js';
import type { ExchangeRecord } from '../telemetry/records/record.js';
import { viewAlert } from './alerts-view.js';
import type { Rooms } from './assemble.js';
import { viewExchange } from './exchanges-view.js';
import { viewActive, viewScenario } from './shaping-view.js';
import { viewService } from './views.js';

/** Milliseconds before the alert fired. */
const reach = { exchanges: 5 * 60_000, lines: 60_000 };

/** Of each kind: more is read by nobody. */
const most = { exchanges: 20, lines: 200 };

/** Characters: a stack trace in one line of JSON shall not be all that there is room for. */
const longestLine = 1_000;

/** Sixty steps of five seconds. */
const series = { stepSeconds: 5, count: 60 };

/**
 * What a person would look up first when an alert fires, as it is at this moment: a minute later the exchanges are written
 * over, the shape is cleared and the process has been restarted. It holds what the records hold, and so no bodies and no
 * fields of requests.
 */
export function freezeEvidence(rooms: Rooms, { alert, at }: AlertChange): Omit<EvidenceView, 'file'> {
  const { service } = alert;
  return {
    alert: viewAlert(alert),
    firedAt: at,
    revision: { ...rooms.revision },
    ...exchangesOf(rooms, service, at - reach.exchanges),
    lines: linesOf(rooms, service, at - reach.lines),
    shapes: shapesOf(rooms),
    scenario: scenarioOf(rooms),
    service: viewService(rooms, service) ?? null,
    series: seriesOf(rooms, service, at),
  };
}

function exchangesOf({ records }: Rooms, service: string, since: number): Pick<EvidenceView, 'failing' | 'slowest'> {
  const recent = records.since(0, service).filter(({ at, duration }) => at + duration >= since);
  const failing = recent.filter(({ outcome }) => isError(outcome)).reverse();
  const slowest = recent.filter(tellsHowFast).sort((left, right) => right.duration - left.duration);
  return {
    failing: failing.slice(0, most.exchanges).map(viewExchange),
    slowest: slowest.slice(0, most.exchanges).map(viewExchange),
  };
}

/** How long a tunnel was open, or a client stayed before it left, says nothing of how fast the service answers. */
function tellsHowFast({ isTunnel, outcome }: ExchangeRecord): boolean {
  return !isTunnel && outcome.kind !== 'abandoned';
}

/** Of the service and of those it depends on: what one calls is often what has failed. */
function linesOf({ supervisor, snapshot }: Rooms, service: string, since: number): LogLineView[] {
  const names = [service, ...(configOf(snapshot, service).process?.dependsOn ?? [])];
  const reader = supervisor.readOutput({ sources: names.map((name) => ({ service: name })), tail: most.lines, since });
  const lines: LogLineView[] = [];
  for (let step = reader.next(); step?.kind === 'line'; step = reader.next()) lines.push(cut(step.line));
  return lines.slice(-most.lines);
}

function cut(line: LogLineView): LogLineView {
  const { text } = line;
  return text.length <= longestLine ? line : { ...line, text: `${text.slice(0, longestLine - 1)}…` };
}

function shapesOf({ registry, shapes }: Rooms): EvidenceView['shapes'] {
  return registry.services.flatMap(({ name }) => {
    const active = shapes.of(name);
    return active === undefined ? [] : [{ service: name, ...viewActive(active) }];
  });
}

function scenarioOf({ scenarios: { run } }: Rooms): EvidenceView['scenario'] {
  return run?.state === 'running' ? viewScenario(run.scenario, run) : null;
}

function seriesOf({ measure }: Rooms, service: string, at: number): EvidenceView['series'] {
  const step = series.stepSeconds * 1_000;
  const rows = measure.summaries(service, series.stepSeconds, series.count).map((summary, index) => ({
    at: at - step * (series.count - index),
    requestsPerSecond: rounded(summary.requestsPerSecond),
    errorRate: Math.round(summary.errorRate * 1e6) / 1e6,
    p50: summary.p50 === undefined ? null : rounded(summary.p50),
    p95: summary.p95 === undefined ? null : rounded(summary.p95),
    p99: summary.p99 === undefined ? null : rounded(summary.p99),
  }));
  return { step, rows };
}

/** Two decimals: the histogram knows no more. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
