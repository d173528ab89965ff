import type { Control, OutputStart } from '../admin/control.js';
import { schemaVersion } from '../admin/schema-version.js';
import type { StatusView } from '../admin/wire.js';
import { toMeshFile, withoutSecrets } from '../config/print.js';
import type { Snapshot } from '../config/snapshot.js';
import { configOf } from '../config/snapshot.js';
import type { Address } from '../foundation/address.js';
import { formatAddress } from '../foundation/address.js';
import { MeshError } from '../foundation/errors.js';
import { nearest } from '../foundation/text.js';
import type { Instance } from '../registry/instance.js';
import type { OutputReader, OutputSource, Since } from '../supervisor/output.js';
import type { Rooms } from './assemble.js';
import { firstHealth } from './declare.js';
import { finishing } from './drain.js';
import { viewExchanges } from './exchanges-view.js';
import { followExchanges } from './followed-exchanges.js';
import { viewGraph } from './graph-view.js';
import { MetricsView } from './metrics-view.js';
import { narrateSplit } from './narrate.js';
import { viewOverview } from './overview-view.js';
import { isOwn } from './own-address.js';
import type { Reloader } from './reload.js';
import { shapingControlOf } from './shaping-control.js';
import { viewStory } from './story-view.js';
import { targetsOf } from './targets.js';
import { viewTrace } from './trace-view.js';
import { tracedOutput } from './traced-output.js';
import { viewInstance, viewProcesses, viewService } from './views.js';

/** What the control needs of the mesh beside its rooms. */
export interface ControlHooks {
  readonly alerts: Pick<Control, 'alerts' | 'alert'>;
  status(): StatusView;
  ownAddresses(): readonly Address[];
  shutdown(): void;
}

/** The mesh, as the admin API steers it. */
export function controlOf(rooms: Rooms, reloader: Reloader, hooks: ControlHooks): Control {
  const service = (name: string) => {
    const view = viewService(rooms, name);
    if (view === undefined) throw unknownService(rooms, name);
    return view;
  };
  const metrics = new MetricsView(rooms);
  return {
    status: hooks.status,
    services: () => ({
      schemaVersion,
      mesh: rooms.snapshot.name,
      services: rooms.registry.services.map(({ name }) => service(name)),
    }),
    service,
    processes: (name) => viewProcesses(rooms, name),
    async register(name, registration) {
      await refuseOwn(registration.address, hooks.ownAddresses());
      refuseWorker(rooms, name);
      const before = rooms.registry.service(name)?.instances.length ?? 0;
      const config = configOf(rooms.snapshot, name);
      const registered = rooms.registry.register(name, registration, firstHealth(config));
      const created = (rooms.registry.service(name)?.instances.length ?? 0) > before;
      return { instance: viewInstance(rooms, await registered), created };
    },
    async deregister(name, idOrAddress) {
      refuseUnknown(rooms, name);
      const { registry, measure, clock } = rooms;
      const drain = (instance: Instance) => finishing(measure, clock, instance);
      return viewInstance(rooms, await registry.deregister(name, idOrAddress, drain));
    },
    heartbeat(name, id) {
      refuseUnknown(rooms, name);
      return viewInstance(rooms, rooms.registry.heartbeat(name, id));
    },
    split(name, wish) {
      refuseUnknown(rooms, name);
      rooms.gateway.splitBy(name, wish === undefined ? undefined : { shares: sharesOf(wish.versions), by: wish.by });
      rooms.events.emit('event', narrateSplit(name, wish, rooms.clock.now()));
      return service(name);
    },
    ...shapingControlOf(rooms, refuseUnknown),
    readOutput: (names, start) => readOutput(rooms, names, start),
    onOutput: (listener) => rooms.events.on('output', listener),
    exchanges(after, wish) {
      if (wish.service !== undefined) refuseUnknown(rooms, wish.service);
      return viewExchanges(rooms.records, after, wish);
    },
    followExchanges(wish) {
      if (wish.service !== undefined) refuseUnknown(rooms, wish.service);
      return followExchanges(rooms.records, wish);
    },
    exchange(id) {
      const record = rooms.records.find(id);
      if (record === undefined) throw new MeshError('unknown_exchange', `No exchange \`${id}\` is remembered`);
      return viewStory(record);
    },
    ...hooks.alerts,
    keepSpans: (spans) => rooms.spans.keep(spans),
    relaySpans: (sent) => rooms.traces.relay(sent),
    trace: (traceId) => viewTrace(traceId, rooms.records, rooms.spans),
    overview: (seconds) => viewOverview(rooms, hooks.status(), seconds),
    graph: () => viewGraph(rooms.snapshot.name, rooms.registry, rooms.measure),
    metrics: () => metrics.text(),
    targets: () => targetsOf(rooms),
    config: () => toMeshFile(withoutSecrets(inForce(rooms))),
    reload: () => reloader.reload(),
    shutdown: hooks.shutdown,
    onEvent: (listener) => rooms.events.on('event', listener),
  };
}

function readOutput(rooms: Rooms, names: readonly string[], start: OutputStart): OutputReader {
  const { tail, since } = start;
  return rooms.supervisor.readOutput({
    sources: names.length === 0 ? undefined : names.map((name) => sourceNamed(rooms, name)),
    tail,
    since: since && momentOf(since, rooms.clock.now()),
    ...tracedOutput(rooms.records, start),
  });
}

/** Milliseconds since 1970. */
function momentOf(since: Since, now: number): number {
  return since.kind === 'moment' ? since.at : now - since.duration;
}

/** @throws unknown_service */
function sourceNamed(rooms: Rooms, name: string): OutputSource {
  const source = rooms.supervisor.sourceNamed(name);
  if (source !== undefined) return source;
  if (rooms.registry.service(name) === undefined) throw unknownService(rooms, name);
  throw new MeshError('unknown_service', `The mesh runs no process of \`${name}\`, so it has none of its output`, {
    hint: 'Look where it was started. The mesh keeps the output of what it runs itself: `command` in the mesh file.',
  });
}

/** Weights → shares that sum to 1. */
function sharesOf(weights: Readonly<Record<string, number>>): Record<string, number> {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries(Object.entries(weights).map(([version, weight]) => [version, weight / total]));
}

/** What is read at the start alone is that of the start, whatever the file says by now. */
function inForce({ snapshot, startedWith }: Rooms): Snapshot {
  const { admin, registry, gateway } = startedWith;
  return { ...snapshot, admin, registry, gateway: { ...snapshot.gateway, host: gateway.host } };
}

/** @throws unknown_service */
function refuseUnknown(rooms: Rooms, name: string): void {
  if (rooms.registry.service(name) === undefined) throw unknownService(rooms, name);
}

function unknownService({ registry }: Rooms, name: string): MeshError {
  const meant = nearest(
    name,
    registry.services.map((service) => service.name),
  );
  return new MeshError('unknown_service', `There is no service \`${name}\``, {
    ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }),
  });
}

function refuseWorker({ snapshot }: Rooms, name: string): void {
  if (configOf(snapshot, name).expose) return;
  throw new MeshError('invalid_registration', `\`${name}\` is a worker: it cannot be called, so it has no instances`, {
    hint: 'Remove `expose: false` from the service in the mesh file.',
  });
}

async function refuseOwn(address: Address, own: readonly Address[]): Promise<void> {
  if (!(await isOwn(address, own))) return;
  throw new MeshError('forbidden_target', `${formatAddress(address)} is an address of the mesh itself`);
}
