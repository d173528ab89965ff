import type { EdgeView, GraphView } from '../admin/graph-wire.js';
import { schemaVersion } from '../admin/schema-version.js';
import { anonymousCaller } from '../config/schema/allow.js';
import type { Registry } from '../registry/registry.js';
import type { Measure, Summary } from '../telemetry/measure.js';
import { viewSummary } from './summary-view.js';

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

export function viewEdge(caller: string, service: string, summary: Summary): EdgeView {
  return { caller: caller === anonymousCaller ? null : caller, service, ...viewSummary(summary) };
}

/** From where requests come in to where they end, as far as the order of the services tells; callers that have gone come last. */
function byCaller(edges: readonly EdgeView[], services: readonly string[]): EdgeView[] {
  const callers = new Set([null, ...services, ...edges.map(({ caller }) => caller)]);
  return [...callers].flatMap((caller) => edges.filter((edge) => edge.caller === caller));
}
