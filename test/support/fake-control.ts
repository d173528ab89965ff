import type { Control } from '../../src/admin/control.js';
import type { EventView } from '../../src/admin/wire.js';
import { systemClock } from '../../src/foundation/clock.js';
import { Emitter } from '../../src/foundation/emitter.js';
import { MeshError } from '../../src/foundation/errors.js';
import { followExchanges } from '../../src/mesh/followed-exchanges.js';
import { Registry } from '../../src/registry/registry.js';
import { memoryStore } from '../../src/registry/stores/memory.js';
import type { OutputLine } from '../../src/supervisor/output.js';
import { OutputLogs } from '../../src/supervisor/output.js';
import { RecordBook } from '../../src/telemetry/records/record-book.js';
import { naming, traceInLine } from '../../src/telemetry/traces/trace-in-line.js';
import {
  alertView,
  evidenceView,
  exchangeView,
  instanceView,
  overviewView,
  scenarioView,
  servicesView,
  serviceView,
  shapingView,
  statusView,
  storyView,
  traceView,
} from './views.js';

/** A mesh of nothing but a real registry, real logs and real records; what it was asked is in `asked`. */
export function fakeControl() {
  const registry = new Registry(systemClock, memoryStore);
  const events = new Emitter<{ event: EventView; output: OutputLine }>();
  const output = new OutputLogs();
  const records = new RecordBook(systemClock, () => 1_000);
  const asked: string[] = [];
  let listening = 0;
  /** Counts a listener until it ends. */
  const counted = (end: () => void) => {
    let isOver = false;
    listening++;
    return () => {
      if (!isOver) listening--;
      isOver = true;
      end();
    };
  };
  const control: Control = {
    status: () => statusView(),
    services: () => servicesView([serviceView()]),
    service(name) {
      if (name === 'orders') return serviceView();
      throw new MeshError('unknown_service', `There is no service \`${name}\``);
    },
    processes: () => [],
    async register(service, registration) {
      asked.push(`register ${service} ${registration.id}`);
      const created = registry.instance(service, registration.id ?? '') === undefined;
      const { id, weight, version = null } = await registry.register(service, registration, 'unknown');
      return { instance: instanceView({ id, weight, version }), created };
    },
    async deregister(service, id) {
      asked.push(`deregister ${service} ${id}`);
      return instanceView({ id: (await registry.deregister(service, id)).id });
    },
    heartbeat: (service, id) => instanceView({ id: registry.heartbeat(service, id).id }),
    split(service, split) {
      asked.push(`split ${service} ${JSON.stringify(split)}`);
      return serviceView({ name: service });
    },
    shaping(service) {
      asked.push(`shaping ${service}`);
      return shapingView();
    },
    shape(service, wish) {
      asked.push(`shape ${service} ${JSON.stringify(wish)}`);
      return shapingView();
    },
    scenarios: () => ({ schemaVersion: 1, scenarios: [scenarioView('rush')] }),
    startScenario(name) {
      asked.push(`start ${name}`);
      return scenarioView(name);
    },
    stopScenario(name) {
      asked.push(`stop ${name}`);
      return scenarioView(name);
    },
    alerts: () => ({ schemaVersion: 1, alerts: [alertView()], receivers: [] }),
    alert(name, service) {
      asked.push(`alert ${name} ${service}`);
      if (name === alertView().name) return { schemaVersion: 1, alerts: [alertView()], evidence: evidenceView() };
      throw new MeshError('unknown_alert', `The mesh file has no alert \`${name}\``);
    },
    relaySpans: () => {},
    keepSpans: (spans) => asked.push(`spans ${spans.map(({ name }) => name).join(' ')}`),
    trace(traceId) {
      if (traceId === traceView().traceId) return traceView();
      throw new MeshError('unknown_trace', `Nothing of the trace \`${traceId}\` is remembered`);
    },
    async overview(seconds) {
      asked.push(`overview ${seconds}`);
      return overviewView(servicesView([serviceView()]));
    },
    graph: () => ({ schemaVersion: 1, mesh: 'shop', seconds: 60, services: ['orders'], edges: [] }),
    metrics: () => '# HELP mesh_build_info Always 1.\n# TYPE mesh_build_info gauge\nmesh_build_info 1\n',
    targets: () => [{ targets: ['127.0.0.1:4001'], labels: { service: 'orders' } }],
    exchanges: (after, { statuses, ...wish }) => {
      asked.push(`exchanges ${after} ${JSON.stringify({ ...wish, statuses: statuses?.size })}`);
      return { schemaVersion: 1, sequence: 1, missed: 0, exchanges: [exchangeView()] };
    },
    followExchanges(wish) {
      asked.push(`follow ${JSON.stringify({ ...wish, statuses: wish.statuses?.size })}`);
      const followed = followExchanges(records, wish);
      return { ...followed, onNews: (listener) => counted(followed.onNews(listener)) };
    },
    exchange(id) {
      if (id === storyView().id) return storyView();
      throw new MeshError('unknown_exchange', `No exchange \`${id}\` is remembered`);
    },
    config: () => ({ name: 'shop' }),
    async reload() {
      asked.push('reload');
      return { outcome: 'unchanged', message: 'nothing new', diagnostics: [] };
    },
    shutdown: () => asked.push('shutdown'),
    readOutput(names, { tail, since, trace, traceIds }) {
      asked.push(`output ${JSON.stringify({ names, tail, since, trace, traceIds })}`);
      const sources = names.map((name) => output.sourceNamed(name) ?? { service: name });
      const from = since?.kind === 'moment' ? since.at : undefined;
      return output.read({
        sources: names.length === 0 ? undefined : sources,
        tail,
        since: from,
        ...(trace !== undefined && { shows: naming([trace]) }),
        ...(traceIds && { traceOf: (text: string) => traceInLine(text, () => false) }),
      });
    },
    onOutput: (listener) => counted(events.on('output', listener)),
    onEvent: (listener) => counted(events.on('event', listener)),
  };
  return {
    control,
    registry,
    asked,
    /** What has become of requests. */
    records,
    listeners: () => listening,
    tell: (event: EventView) => events.emit('event', event),
    /** A service prints a line. */
    print(line: OutputLine) {
      output.push(line);
      events.emit('output', line);
    },
  };
}
