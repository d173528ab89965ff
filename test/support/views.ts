import type { AlertView, EvidenceView } from '../../src/admin/alerts-wire.js';
import type { ExchangeStory, ExchangeView } from '../../src/admin/exchanges-wire.js';
import type { OverviewServiceView, OverviewView } from '../../src/admin/overview-wire.js';
import type { ScenarioView, ShapingView } from '../../src/admin/shaping-wire.js';
import type { SpanView, TraceView } from '../../src/admin/traces-wire.js';
import type { TrafficView } from '../../src/admin/traffic-wire.js';
import type {
  InstanceView,
  ProcessView,
  RouteView,
  ServicesView,
  ServiceView,
  StatusView,
} from '../../src/admin/wire.js';

/** What the admin API would say of things that are well; a test names what is different. */
export function instanceView(changes: Partial<InstanceView> = {}): InstanceView {
  return {
    id: 'orders-1',
    address: '127.0.0.1:4001',
    source: 'process',
    health: 'healthy',
    healthReason: null,
    weight: 1,
    version: null,
    metadata: {},
    lease: null,
    ejection: null,
    circuit: null,
    served: 0,
    active: 0,
    ...changes,
  };
}

export function processView(changes: Partial<ProcessView> = {}): ProcessView {
  return {
    replica: 'orders-1',
    state: 'ready',
    detail: 'is ready',
    pid: 4242,
    port: 4001,
    restarts: 0,
    crashLooping: false,
    lastOutput: [],
    ...changes,
  };
}

export function routeView(changes: Partial<RouteView> = {}): RouteView {
  return {
    host: '*',
    path: '/',
    method: null,
    headers: {},
    cookies: {},
    query: {},
    version: null,
    priority: null,
    rewrite: null,
    ...changes,
  };
}

export function serviceView(changes: Partial<ServiceView> = {}): ServiceView {
  const name = changes.name ?? 'orders';
  return {
    name,
    url: `http://${name}.localhost:8080`,
    listen: null,
    expose: true,
    ready: true,
    routes: [],
    instances: [instanceView({ id: `${name}-1` })],
    processes: [processView({ replica: `${name}-1` })],
    traffic: trafficView(),
    metrics: { requestsPerSecond: 12.34, errorRate: 0, p50: 3.1, p95: 8, p99: 21.456, inFlight: 2 },
    slo: null,
    firing: [],
    ...changes,
  };
}

export function trafficView(changes: Partial<TrafficView> = {}): TrafficView {
  return {
    loadBalancer: 'round-robin',
    panicking: false,
    split: null,
    circuit: null,
    retries: null,
    connections: null,
    mirror: null,
    shaping: shapingView(),
    ...changes,
  };
}

export function shapingView(changes: Partial<ShapingView> = {}): ShapingView {
  return { rateLimit: null, concurrency: null, bandwidth: null, faults: [], seed: 1, active: null, ...changes };
}

export function exchangeView(changes: Partial<ExchangeView> = {}): ExchangeView {
  return {
    sequence: 1,
    id: 'abc',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    at: 0,
    duration: 45.5,
    service: 'orders',
    version: null,
    route: null,
    caller: null,
    client: '127.0.0.1',
    method: 'GET',
    authority: 'orders.localhost:8080',
    target: '/x?y=1',
    outcome: 'answered',
    status: 200,
    code: null,
    waits: [],
    attempts: [{ instance: 'orders-1', version: null, begun: 5, duration: 40, status: 200, code: null, message: null }],
    faults: [],
    bytes: { received: 0, sent: 2 },
    tunnel: false,
    ...changes,
  };
}

export function alertView(changes: Partial<AlertView> = {}): AlertView {
  return {
    name: 'orders are failing',
    service: 'orders',
    state: 'firing',
    since: 0,
    value: 0.125,
    condition: 'error_rate > 5%',
    metric: 'error_rate',
    threshold: 0.05,
    for: 30_000,
    labels: {},
    ...changes,
  };
}

export function evidenceView(changes: Partial<EvidenceView> = {}): EvidenceView {
  return {
    alert: alertView(),
    firedAt: 0,
    revision: { number: 1, since: 0 },
    failing: [],
    slowest: [],
    lines: [],
    shapes: [],
    scenario: null,
    service: serviceView(),
    series: { step: 5_000, rows: [] },
    file: null,
    ...changes,
  };
}

export function storyView(changes: Partial<ExchangeStory> = {}): ExchangeStory {
  return {
    ...exchangeView(),
    foundBy: 'name',
    conditions: [],
    versionBy: null,
    choice: null,
    passedOver: [],
    ...changes,
    attempts:
      changes.attempts ?? exchangeView().attempts.map((attempt) => ({ ...attempt, choice: null, circuit: null })),
  };
}

export function spanView(changes: Partial<SpanView> = {}): SpanView {
  return {
    spanId: '00f067aa0ba902b7',
    parentSpanId: null,
    service: 'orders',
    name: 'GET /x',
    kind: 'server',
    at: 6,
    duration: 30,
    status: 'unset',
    statusMessage: '',
    attributes: {},
    events: [],
    dropped: 0,
    ...changes,
  };
}

/** One exchange, and nothing that a service has told. */
export function traceView(changes: Partial<TraceView> = {}): TraceView {
  const exchange = exchangeView();
  return {
    schemaVersion: 1,
    traceId: exchange.traceId,
    at: 0,
    duration: 45.5,
    exchanges: [exchange],
    spans: [],
    lostSpans: 0,
    tree: [
      { kind: 'exchange', depth: 0, begun: 0, duration: 45.5, exchange: 1 },
      { kind: 'attempt', depth: 1, begun: 5, duration: 40, exchange: 1, attempt: 0, spanId: null },
    ],
    ...changes,
  };
}

export function scenarioView(name: string, changes: Partial<ScenarioView> = {}): ScenarioView {
  return { name, steps: [{ at: 0, words: ['orders: abort 503'] }], run: null, ...changes };
}

export function workerView(changes: Partial<ServiceView> = {}): ServiceView {
  return serviceView({
    name: 'shoppers',
    url: null,
    expose: false,
    instances: [],
    metrics: { requestsPerSecond: 0, errorRate: 0, p50: null, p95: null, p99: null, inFlight: 0 },
    ...changes,
  });
}

export function servicesView(services: readonly ServiceView[]): ServicesView {
  return { schemaVersion: 1, mesh: 'shop', services: [...services] };
}

/** The same services as `GET /v1/overview` tells of them: a second of calm behind each. */
export function overviewView({ mesh, services }: ServicesView, changes: Partial<OverviewView> = {}): OverviewView {
  return {
    schemaVersion: 1,
    mesh,
    at: 0,
    startedAt: 0,
    rejected: false,
    scenario: null,
    services: services.map((service) => overviewServiceView(service)),
    ...changes,
  };
}

export function overviewServiceView(
  service: ServiceView = serviceView(),
  changes: Partial<OverviewServiceView> = {},
): OverviewServiceView {
  const { name, url, expose, ready, slo, firing, metrics, instances, processes } = service;
  const { mirror: _, ...traffic } = service.traffic;
  const { inFlight: __, ...attempts } = metrics;
  return {
    name,
    url,
    expose,
    ready,
    slo,
    firing,
    metrics: { ...metrics, retriesPerSecond: 0, queued: 0 },
    trend: { until: 0, requests: [], errors: [], p99: [] },
    instances: instances.map((instance) => ({ ...instance, metrics: attempts })),
    processes: processes.map(({ lastOutput: _, ...process }) => process),
    callers: [],
    traffic,
    ...changes,
  };
}

export function statusView(changes: Partial<StatusView> = {}): StatusView {
  return {
    schemaVersion: 1,
    mesh: 'shop',
    version: '0.0.0',
    pid: 4711,
    file: '/shop/mesh.yaml',
    startedAt: 0,
    gateway: 'http://127.0.0.1:8080',
    admin: 'http://127.0.0.1:8081',
    ready: true,
    waiting: [],
    stuck: [],
    notices: [],
    revision: { number: 1, since: 0 },
    rejected: [],
    ...changes,
  };
}
