import type { EdgeView, GraphView } from '../admin/graph-wire.js';
import { schemaVersion } from '../admin/schema-version.js';
import { anonymousCaller } from '../config/schema/allow.js';
import type { Registry } from '../registry/registry.js';
import type { Measure, Summary } from '../telemetry/measure.js';

/** How far back an edge reaches, in seconds: long enough that a call now and then is drawn, too. */
const windowSeconds = 60;

/** Every service, and who has called it of late. */
export function viewGraph(mesh: string, registry: Registry, measure: Measure): GraphView {
  const services = registry.services.map(({ name }) => name);
  const edges = services.flatMap((service) => {
    const { callers } = measure.breakdown(service, windowSeconds);
    const recent = [...callers].filter(([, { requestsPerSecond }]) => requestsPerSecond > 0);
    return recent.map(([caller, summary]) => viewEdge(caller, service, summary));
  });
  return { schemaVersion, mesh, seconds: windowSeconds, services, edges: byCaller(edges, services) };
}

function viewEdge(caller: string, service: string, summary: Summary): EdgeView {
  return {
    caller: caller === anonymousCaller ? null : caller,
    service,
    requestsPerSecond: round(summary.requestsPerSecond),
    errorRate: Math.round(summary.errorRate * 1e6) / 1e6,
    p50: summary.p50 === undefined ? null : round(summary.p50),
    p95: summary.p95 === undefined ? null : round(summary.p95),
    p99: summary.p99 === undefined ? null : round(summary.p99),
  };
}

/** From where requests come in to where they end, as far as the order of the services tells; callers that have gone come last. */
function byCaller(edges: readonly EdgeView[], services: readonly string[]): EdgeView[] {
  const callers = new Set([null, ...services, ...edges.map(({ caller }) => caller)]);
  return [...callers].flatMap((caller) => edges.filter((edge) => edge.caller === caller));
}

/** Two decimals: the histogram knows no more. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
