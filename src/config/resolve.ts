import { basename, resolve as resolvePath } from 'node:path';
import { addressId } from '../foundation/address.js';
import { resolveAlerts, resolveSlo } from './alerts.js';
import type { InstanceFile } from './instance-address.js';
import { addressOf } from './instance-address.js';
import { resolvePolicies } from './resolve-policies.js';
import { resolveRoute } from './route.js';
import { claimedPorts } from './rules/ports.js';
import { resolveScenarios } from './scenario.js';
import { adminDefaults } from './schema/admin.js';
import { directoryDefault } from './schema/directory.js';
import { exposeDefault } from './schema/expose.js';
import { gatewayDefaults } from './schema/gateway.js';
import { healthCheckDefaults } from './schema/health-check.js';
import { instanceDefaults } from './schema/instances.js';
import type { MeshFile } from './schema/mesh-file.js';
import { replicasDefault } from './schema/replicas.js';
import { restartDefault } from './schema/restart.js';
import { stopTimeoutDefault } from './schema/stop-timeout.js';
import type { AccessLogFile } from './schema/telemetry.js';
import { accessLogDefaults } from './schema/telemetry.js';
import type {
  AccessLogConfig,
  HealthCheckConfig,
  InstanceConfig,
  PortWish,
  ProbeConfig,
  ProcessConfig,
  RegistryConfig,
  ServiceConfig,
  Snapshot,
  TokenConfig,
} from './snapshot.js';
import { resolveTraces } from './traces.js';
import type { WholeService } from './under-defaults.js';
import { present, underDefaults } from './under-defaults.js';

/** What a mesh file does not say itself. */
export interface Context {
  /** Absolute; undefined for options. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly directory: string;
  /** Where registered instances are kept when nothing is said. */
  readonly store: RegistryConfig['store'];
}

/** A file without mistakes → what the mesh does: every value is there, and nothing of it ever changes. */
export function resolve(file: MeshFile, context: Context): Snapshot {
  const services = Object.entries(file.services ?? {}).map(([name, service]): [string, ServiceConfig] => [
    name,
    resolveService(name, underDefaults(service, file.defaults), context),
  ]);
  const claimed = new Set(claimedPorts(file).map(({ port }) => port));
  return freeze({
    name: file.name ?? folderName(context.directory),
    file: context.file,
    directory: context.directory,
    ...resolveListeners(file, claimed),
    registry: { store: file.registry?.store ?? context.store },
    telemetry: {
      accessLog: resolveAccessLog(file.telemetry?.accessLog ?? {}, context),
      traces: resolveTraces(file.telemetry?.traces ?? {}),
    },
    services: new Map(services),
    claimedPorts: claimed,
    unlisted: unlistedConfig(file.defaults, context),
    seed: file.seed,
    scenarios: resolveScenarios(file.scenarios ?? {}, context.directory),
    alerts: resolveAlerts(file.alerts ?? [], context.directory),
  });
}

/** What `defaults` alone make of a service that was registered at run time. */
function unlistedConfig(defaults: MeshFile['defaults'], context: Context): Snapshot['unlisted'] {
  const service = underDefaults({}, defaults);
  return {
    expose: true,
    healthCheck: resolveHealthCheck(service, context),
    slo: service.slo && resolveSlo(service.slo),
    ...resolvePolicies(service, context.directory),
  };
}

function resolveService(name: string, service: WholeService, context: Context): ServiceConfig {
  return {
    name,
    process: resolveProcess(service, context),
    port: service.port,
    expose: service.expose ?? exposeDefault,
    listen: service.listen,
    routes: (service.routes ?? []).map(resolveRoute),
    instances: (service.instances ?? []).map((instance) => resolveInstance(instance, service)),
    healthCheck: resolveHealthCheck(service, context),
    slo: service.slo && resolveSlo(service.slo),
    ...resolvePolicies(service, context.directory),
  };
}

function resolveProcess(service: WholeService, context: Context): ProcessConfig | undefined {
  if (service.command === undefined) return undefined;
  return {
    command: service.command,
    directory: directoryOf(service, context),
    environment: service.environment ?? {},
    replicas: service.replicas ?? replicasDefault,
    version: service.version,
    dependsOn: service.dependsOn ?? [],
    restart: service.restart ?? restartDefault,
    stopTimeout: service.stopTimeout ?? stopTimeoutDefault,
    watch: service.watch ?? [],
  };
}

function resolveInstance(instance: InstanceFile, service: WholeService): InstanceConfig {
  const address = addressOf(instance, service.port);
  if (address === undefined) throw new TypeError('an instance without an address got past the rules');
  const { id, weight, version, metadata } = { ...noInstanceKeys, ...instance };
  return {
    id: id ?? addressId(address),
    address,
    weight: weight ?? instanceDefaults.weight,
    version: version ?? service.version,
    metadata: metadata ?? {},
  };
}

const noInstanceKeys = { id: undefined, weight: undefined, version: undefined, metadata: undefined };

function resolveHealthCheck(service: WholeService, context: Context): HealthCheckConfig | undefined {
  const { path, tcp, command, ...rest } = service.healthCheck ?? {};
  const probe = resolveProbe({ path, tcp, command }, directoryOf(service, context));
  // Interval and thresholds alone come from `defaults`, for services that have a check.
  return probe && { ...healthCheckDefaults, ...present(rest), probe };
}

function resolveProbe(
  { path, tcp, command }: Pick<NonNullable<WholeService['healthCheck']>, 'path' | 'tcp' | 'command'>,
  directory: string,
): ProbeConfig | undefined {
  if (path !== undefined) return { kind: 'http', path };
  if (command !== undefined) return { kind: 'command', command, directory };
  return tcp && { kind: 'tcp' };
}

function directoryOf(service: WholeService, context: Context): string {
  return resolvePath(context.directory, service.directory ?? directoryDefault);
}

function resolveListeners(file: MeshFile, claimed: ReadonlySet<number>): Pick<Snapshot, 'gateway' | 'admin'> {
  const gateway = {
    host: file.gateway?.host ?? gatewayDefaults.host,
    port: portWish(file.gateway?.port, gatewayDefaults.port, claimed),
    domain: (file.gateway?.domain ?? gatewayDefaults.domain).toLowerCase(),
    maxConnections: file.gateway?.maxConnections ?? gatewayDefaults.maxConnections,
    maxRequestBytes: (file.gateway?.maxRequestBytes ?? gatewayDefaults.maxRequestBytes) || Infinity,
  };
  const admin = {
    host: file.admin?.host ?? adminDefaults.host,
    port: portWish(file.admin?.port, adminDefaults.port, new Set([...claimed, gateway.port.port])),
    token: tokenConfig(file.admin?.token ?? adminDefaults.token),
  };
  return { gateway, admin };
}

/** Whoever names a file wants something in it. */
function resolveAccessLog(log: AccessLogFile, { directory }: Context): AccessLogConfig {
  const { format = log.file === undefined ? 'off' : 'text', file } = log;
  if (format === 'off') return { format };
  if (file === undefined) return { format, file };
  const { maxSize, maxFiles } = { ...accessLogDefaults, ...present({ maxSize: log.maxSize, maxFiles: log.maxFiles }) };
  return { format, file: { path: resolvePath(directory, file), maxSize: maxSize || Infinity, maxFiles } };
}

/** A default gives way to what the file itself uses: a service at 127.0.0.1:8080 moves the front door to 8081. */
function portWish(named: number | undefined, standard: number, claimed: ReadonlySet<number>): PortWish {
  if (named !== undefined) return { port: named, named: true };
  let port = standard;
  while (claimed.has(port)) port++;
  return { port, named: false };
}

function tokenConfig(token: string): TokenConfig {
  if (token === 'auto' || token === 'none') return { kind: token };
  return { kind: 'value', value: token };
}

/** Any folder name makes a name that the mesh file would allow. */
function folderName(directory: string): string {
  const printable = basename(directory).replace(/\p{Cc}/gu, '');
  return Array.from(printable).slice(0, 63).join('') || 'mesh';
}

/** Deep; a Map's contents are frozen, and the Map is read-only by its type. */
function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  const children = value instanceof Map ? value.values() : Object.values(value);
  for (const child of children) freeze(child);
  return Object.freeze(value);
}
