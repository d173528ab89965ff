import { join } from 'node:path';
import type { RevisionView } from '../admin/wire.js';
import { healthCheckDefaults } from '../config/schema/health-check.js';
import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { Clock } from '../foundation/clock.js';
import { Emitter } from '../foundation/emitter.js';
import { systemRandom } from '../foundation/random.js';
import { Gateway } from '../gateway/gateway.js';
import type { CheckPlan } from '../health/active.js';
import { HealthChecker } from '../health/active.js';
import type { Instance } from '../registry/instance.js';
import { Registry } from '../registry/registry.js';
import { fileStore } from '../registry/stores/file.js';
import { memoryStore } from '../registry/stores/memory.js';
import type { EnvironmentFor } from '../supervisor/supervisor.js';
import { Supervisor } from '../supervisor/supervisor.js';
import { AccessLog } from '../telemetry/access-log/access-log.js';
import type { AlertWatch } from '../telemetry/alerts/alert-watch.js';
import type { ErrorBudgets } from '../telemetry/alerts/error-budgets.js';
import { Measure } from '../telemetry/measure.js';
import { RecordBook } from '../telemetry/records/record-book.js';
import { SpanStore } from '../telemetry/traces/span-store.js';
import { Traces } from '../telemetry/traces/traces.js';
import { alertingOf } from './alerting.js';
import { declareServices } from './declare.js';
import { drained } from './drain.js';
import type { MeshEvents } from './events.js';
import { narrateCircuit, narrateMesh, narratePanic, narrateScenario, narrateShape } from './narrate.js';
import { queuedAt } from './queued.js';
import { Scenarios } from './scenarios.js';
import { Shapes } from './shapes.js';
import { stateFolder } from './state-folder.js';
import { version } from './version.js';

/** The rooms of one mesh, and the snapshot that is in force. */
export interface Rooms {
  /** Replaced as a whole by a reload, never changed. */
  snapshot: Snapshot;
  /** Of the snapshot: how many there were, and since when it is in force. */
  revision: RevisionView;
  readonly startedWith: Snapshot;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly measure: Measure;
  readonly accessLog: AccessLog;
  readonly traces: Traces;
  readonly gateway: Gateway;
  readonly health: HealthChecker;
  readonly supervisor: Supervisor;
  readonly events: Emitter<MeshEvents>;
  readonly records: RecordBook;
  /** What the services tell of traces. */
  readonly spans: SpanStore;
  readonly shapes: Shapes;
  readonly scenarios: Scenarios;
  readonly alerts: AlertWatch;
  readonly budgets: ErrorBudgets;
}

/**
 * Builds every room and connects them; nothing listens and nothing runs yet.
 *
 * @param environment of the services' processes
 * @param outside the environment of the mesh itself
 */
export function assemble(
  snapshot: Snapshot,
  clock: Clock,
  environment: EnvironmentFor,
  outside: Readonly<Record<string, string | undefined>>,
): Rooms {
  const store =
    snapshot.registry.store === 'file'
      ? fileStore(join(stateFolder(snapshot.directory), 'registry.json'), clock)
      : memoryStore;
  const registry = new Registry(clock, store);
  const queued = (service: string) => queuedAt(rooms.gateway.memoryOf(service));
  const measure = new Measure(clock, queued);
  const records = new RecordBook(clock, () => rooms.snapshot.telemetry.traces.slow);
  const accessLog = new AccessLog({
    clock,
    print: (batch) => rooms.events.emit('access', batch),
    warn: (message) => rooms.events.emit('event', narrateMesh('warning', message, clock.now())),
  });
  const traces = new Traces({
    clock,
    environment: outside,
    version,
    warn: (message) => rooms.events.emit('event', narrateMesh('warning', message, clock.now())),
  });
  const shapes = new Shapes({
    clock,
    put: (service, shape) => rooms.gateway.shapeBy(service, shape),
    tell: (service, change) => void rooms.events.emit('event', narrateShape(service, change, clock.now())),
  });
  const rooms: Rooms = {
    snapshot,
    revision: { number: 1, since: clock.now() },
    startedWith: snapshot,
    clock,
    registry,
    measure,
    accessLog,
    traces,
    gateway: new Gateway({
      registry,
      clock,
      snapshot,
      whenServed: (service, signal) => rooms.supervisor.whenServed(service, signal),
      random: systemRandom,
      observers: [traces.identify, measure.layer, records.layer, accessLog.layer, traces.layer],
      copyObservers: [traces.copyLayer],
      onTurnedAway: (client, arrival, error) => {
        measure.turnedAway.count(arrival, error);
        accessLog.turnedAway(client, arrival, error);
      },
      onPanic: (service, isPanicking) => {
        rooms.events.emit('event', narratePanic(service, isPanicking, clock.now()));
      },
      onCircuit: (change, service, instance) => {
        rooms.events.emit('event', narrateCircuit(change, service, instance?.id, clock.now()));
      },
    }),
    health: new HealthChecker({
      registry,
      clock,
      checkFor: (instance) => planFor(rooms.snapshot, instance),
    }),
    supervisor: new Supervisor({
      registry,
      clock,
      environment,
      random: systemRandom,
      drain: (instance) => drained(measure, clock, instance),
      directory: snapshot.directory,
      stateFile: snapshot.file === undefined ? undefined : join(stateFolder(snapshot.directory), 'processes.json'),
    }),
    events: new Emitter(),
    records,
    spans: new SpanStore(),
    shapes,
    scenarios: new Scenarios({
      clock,
      shapes,
      tell: (run, step) => void rooms.events.emit('event', narrateScenario(run, step, clock.now())),
    }),
    ...alertingOf({ clock, registry, measure, queued, snapshot: () => rooms.snapshot }),
  };
  declareServices(registry, snapshot);
  registry.on((event) => {
    if (event.type !== 'service-removed') return;
    measure.forget(event.service);
    shapes.clear(event.service); // one that waits, unseen, for the name to come back would surprise
    records.forget(event.service);
  });
  return rooms;
}

/** A process for which the file asks no check is probed until its port accepts, so that nobody calls it before; then left in peace. */
const portAccepts: CheckPlan = {
  until: 'first-success',
  check: { ...healthCheckDefaults, probe: { kind: 'tcp' } },
};

function planFor(snapshot: Snapshot, instance: Instance): CheckPlan | undefined {
  const check = configOf(snapshot, instance.service).healthCheck;
  if (check !== undefined) return { check, until: 'forever' };
  return instance.source === 'process' ? portAccepts : undefined;
}
