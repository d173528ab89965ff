import { isDeepStrictEqual } from 'node:util';
import type { AlertConfig } from './alert-configs.js';
import type { ServiceConfig, Snapshot } from './snapshot.js';

/** What differs between two snapshots, by the keys of the mesh file: what is not named here need not be touched. */
export interface SnapshotDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ServiceChange[];
  /** Keys outside `services`: `gateway.port`. */
  readonly globals: readonly string[];
  readonly empty: boolean;
}

export interface ServiceChange {
  readonly service: string;
  /** In the order of the schema. */
  readonly keys: readonly string[];
}

export function diffSnapshots(before: Snapshot, after: Snapshot): SnapshotDiff {
  const added = [...after.services.keys()].filter((name) => !before.services.has(name));
  const removed = [...before.services.keys()].filter((name) => !after.services.has(name));
  const changed = [...after.services].flatMap(([service, config]) => {
    const known = before.services.get(service);
    const keys = known === undefined ? [] : differing(serviceKeys(known), serviceKeys(config));
    return keys.length === 0 ? [] : [{ service, keys }];
  });
  const globals = [
    ...differing(globalKeys(before), globalKeys(after)),
    ...changedAlerts(before, after),
    ...order(before, after),
  ];
  const empty = [added, removed, changed, globals].every((list) => list.length === 0);
  return { added, removed, changed, globals, empty };
}

/** By name: a list of twenty is not one thing. */
function changedAlerts(before: Snapshot, after: Snapshot): string[] {
  const byName = ({ alerts }: Snapshot) => new Map(alerts.map((alert): [string, AlertConfig] => [alert.name, alert]));
  const [known, wanted] = [byName(before), byName(after)];
  const names = [...new Set([...known.keys(), ...wanted.keys()])];
  const changed = names.filter((name) => !isDeepStrictEqual(known.get(name), wanted.get(name)));
  return changed.length === 0 ? [] : [`alerts (${changed.join(', ')})`];
}

/** Of two equal routes, the one that stands first in the file wins. */
function order(before: Snapshot, after: Snapshot): string[] {
  const both = (one: Snapshot, other: Snapshot) => [...one.services.keys()].filter((name) => other.services.has(name));
  return isDeepStrictEqual(both(before, after), both(after, before)) ? [] : ['services (order)'];
}

/** `+billing −legacy ~orders (healthCheck, routes) ~gateway.port` */
export function formatDiff(diff: SnapshotDiff): string {
  return [
    ...diff.added.map((name) => `+${name}`),
    ...diff.removed.map((name) => `−${name}`),
    ...diff.changed.map(({ service, keys }) => `~${service} (${keys.join(', ')})`),
    ...diff.globals.map((key) => `~${key}`),
  ].join(' ');
}

type Keys = Readonly<Record<string, unknown>>;

function differing(before: Keys, after: Keys): string[] {
  return Object.keys(after).filter((key) => key in before && !isDeepStrictEqual(before[key], after[key]));
}

function serviceKeys({ name: _, process, ...keys }: ServiceConfig): Keys {
  // `differing` compares what both have: beside a command that comes or goes, what comes with it says nothing.
  return { command: process?.command, ...process, ...keys };
}

function globalKeys({ name, gateway, admin, registry, telemetry, unlisted, seed, scenarios }: Snapshot): Keys {
  return {
    name,
    'gateway.host': gateway.host,
    'gateway.port': gateway.port,
    'gateway.domain': gateway.domain,
    'gateway.maxConnections': gateway.maxConnections,
    'gateway.maxRequestBytes': gateway.maxRequestBytes,
    'admin.host': admin.host,
    'admin.port': admin.port,
    'admin.token': admin.token,
    'registry.store': registry.store,
    'telemetry.accessLog': telemetry.accessLog,
    'telemetry.traces': telemetry.traces,
    'defaults.healthCheck': unlisted.healthCheck,
    'defaults.loadBalancer': unlisted.loadBalancer,
    'defaults.timeouts': unlisted.timeouts,
    'defaults.retries': unlisted.retries,
    'defaults.connectionPool': unlisted.connectionPool,
    'defaults.circuitBreaker': unlisted.circuitBreaker,
    'defaults.outlierDetection': unlisted.outlierDetection,
    'defaults.rateLimit': unlisted.rateLimit,
    'defaults.concurrency': unlisted.concurrency,
    'defaults.bandwidth': unlisted.bandwidth,
    'defaults.slo': unlisted.slo,
    seed,
    scenarios,
  };
}
