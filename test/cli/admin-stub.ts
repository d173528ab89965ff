import type { AlertsView, EvidenceView } from '../../src/admin/alerts-wire.js';
import type { Control } from '../../src/admin/control.js';
import type { ExchangeStory } from '../../src/admin/exchanges-wire.js';
import type { GraphView } from '../../src/admin/graph-wire.js';
import type { OverviewView } from '../../src/admin/overview-wire.js';
import { schemaVersion } from '../../src/admin/schema-version.js';
import { AdminServer } from '../../src/admin/server.js';
import type { ScenarioView } from '../../src/admin/shaping-wire.js';
import type { TraceView } from '../../src/admin/traces-wire.js';
import type { EventView, ServicesView, StatusView } from '../../src/admin/wire.js';
import { readShape } from '../../src/config/read-shape.js';
import { formatAddress } from '../../src/foundation/address.js';
import { systemClock } from '../../src/foundation/clock.js';
import { MeshError } from '../../src/foundation/errors.js';
import type { Registration } from '../../src/registry/registration.js';
import { OutputLogs } from '../../src/supervisor/output.js';
import { instanceView, overviewView, servicesView, traceView } from '../support/views.js';

/** The real admin API in front of a mesh that says what a test gives it, and only remembers what it was asked. */
export class AdminStub {
  static readonly token = 'secret';
  /** `register orders by-hand` */
  readonly asked: string[] = [];
  view: ServicesView = servicesView([]);
  /** What `overview` answers; undefined: made of `view`. */
  overview: OverviewView | undefined;
  /** What the services have printed. */
  readonly output = new OutputLogs();
  scenarios: ScenarioView[] = [];
  exchanges: ExchangeStory[] = [];
  trace: TraceView = traceView();
  graph: GraphView = { schemaVersion, mesh: 'shop', seconds: 60, services: [], edges: [] };
  alerts: AlertsView = { schemaVersion, alerts: [], receivers: [] };
  evidence: EvidenceView | null = null;
  /** Whether the mesh file has mistakes, and an earlier one is in force. */
  rejected: StatusView['rejected'] = [];
  /** The mesh file; null for a mesh that a program has started. */
  file: string | null = null;
  #closed: Promise<void> | undefined;
  readonly #server = new AdminServer({
    control: this.#control(),
    clock: systemClock,
    token: AdminStub.token,
    host: '127.0.0.1',
  });

  static async open(view: ServicesView): Promise<AdminStub> {
    const stub = new AdminStub();
    stub.view = view;
    await stub.#server.open({ port: 0, named: true }, new Set());
    return stub;
  }

  get url(): string {
    return `http://${formatAddress(this.#server.address)}`;
  }

  close(): Promise<void> {
    const closed = this.#closed ?? this.#server.close();
    this.#closed = closed;
    return closed;
  }

  #control(): Control {
    return {
      status: () => this.#status(),
      services: () => this.view,
      service: (name) => this.#service(name),
      processes: (name) => this.#service(name).processes,
      register: async (service, registration: Registration) => {
        const { id = '', address, weight = 1, version = null, metadata = {}, ttl } = registration;
        this.asked.push(`register ${service} ${id}`);
        const lease = ttl === undefined ? null : { ttl, remaining: ttl };
        const spec = { id, address: formatAddress(address), weight, version, metadata: { ...metadata }, lease };
        return { instance: instanceView({ ...spec, source: 'registered', health: 'unknown' }), created: true };
      },
      deregister: async (service, id) => {
        this.asked.push(`deregister ${service} ${id}`);
        return instanceView({ id, source: 'registered' });
      },
      heartbeat: (_service, id) => instanceView({ id }),
      split: (service, split) => {
        this.asked.push(`split ${service} ${JSON.stringify(split)}`);
        return this.#service(service);
      },
      shaping: (service) => this.#service(service).traffic.shaping,
      shape: (service, wish) => {
        this.asked.push(`shape ${service} ${JSON.stringify(wish)}`);
        const reading = wish === undefined ? undefined : readShape(wish.values, '/');
        if (reading?.kind === 'invalid') throw new MeshError('invalid_request', reading.problems.join('; '));
        return this.#service(service).traffic.shaping;
      },
      scenarios: () => ({ schemaVersion, scenarios: this.scenarios }),
      readOutput: (_names, { tail }) => this.output.read({ sources: undefined, tail, since: undefined }),
      onOutput: () => () => {},
      alerts: () => this.alerts,
      alert: (name) => {
        const alerts = this.alerts.alerts.filter((alert) => alert.name === name);
        if (alerts.length === 0) throw new MeshError('unknown_alert', `The mesh file has no alert \`${name}\``);
        return { schemaVersion, alerts, evidence: this.evidence };
      },
      keepSpans: () => {},
      relaySpans: () => {},
      trace: (traceId) => ({ ...this.trace, traceId }),
      overview: async () => this.overview ?? overviewView(this.view, { at: systemClock.now() }),
      graph: () => this.graph,
      metrics: () => '',
      targets: () => [],
      exchanges: (after) => {
        const exchanges = this.exchanges.filter(({ sequence }) => sequence > after);
        return { schemaVersion, sequence: this.exchanges.at(-1)?.sequence ?? 0, missed: 0, exchanges };
      },
      followExchanges: () => ({ next: () => undefined, onNews: () => () => {}, share: 1 }),
      exchange: (id) => {
        const found = this.exchanges.find((exchange) => exchange.id === id);
        if (found === undefined) throw new MeshError('unknown_exchange', `No exchange \`${id}\` is remembered`);
        return found;
      },
      startScenario: (name) => {
        this.asked.push(`start ${name}`);
        return this.#scenario(name);
      },
      stopScenario: (name) => {
        this.asked.push(`stop ${name}`);
        const { run, ...scenario } = this.#scenario(name);
        return { ...scenario, run: run === null ? null : { ...run, state: 'stopped' } };
      },
      config: () => ({}),
      reload: async () => ({ outcome: 'unchanged', message: '', diagnostics: [] }),
      shutdown: () => {
        this.asked.push('shutdown');
      },
      onEvent: (_listener: (event: EventView) => void) => () => {},
    };
  }

  #service(name: string) {
    const found = this.view.services.find((service) => service.name === name);
    if (found === undefined) {
      throw new MeshError('unknown_service', `There is no service \`${name}\``, { hint: 'Did you mean `orders`?' });
    }
    return found;
  }

  #scenario(name: string): ScenarioView {
    const found = this.scenarios.find((scenario) => scenario.name === name);
    if (found === undefined) throw new MeshError('unknown_scenario', `The mesh file has no scenario \`${name}\``);
    return found;
  }

  #status(): StatusView {
    return {
      schemaVersion: 1,
      mesh: this.view.mesh,
      version: '0.1.0',
      pid: process.pid,
      file: this.file,
      startedAt: 0,
      gateway: 'http://127.0.0.1:8080',
      admin: this.url,
      ready: true,
      waiting: [],
      stuck: [],
      notices: [],
      revision: { number: 1, since: 0 },
      rejected: this.rejected,
    };
  }
}
