// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { relative } from 'node:path';
import type { Scalar } from 'yaml';
import { Document, isScalar, visit } from 'yaml';
import { formatAddress } from '../foundation/address.js';
import { formatDuration } from '../foundation/units.js';
import { escapeReferences } from './interpolate.js';
import { hostText } from './route.js';
import type {
  AdminConfig,
  HealthCheckConfig,
  InstanceConfig,
  PortWish,
  ProcessConfig,
  RouteConfig,
  ServiceConfig,
  Snapshot,
  TimeoutsConfig,
} from './snapshot.js';

/**
 * The snapshot in the mesh file's own grammar, every default written out. Loaded again in the same folder it is an equal
 * snapshot. Two things are not printed as they are: a token that the file names is the reference `${MESH_TOKEN}`, and a
 * default port, which may move, is a comment.
 */
export function printSnapshot(snapshot: Snapshot): string {
  const { name, gateway, admin, registry, unlisted } = snapshot;
  const services = [...snapshot.services.values()];
  const file = {
    name: escapeReferences(name),
    gateway: { host: gateway.host, port: namedPort(gateway.port), domain: gateway.domain },
    admin: { host: admin.host, port: namedPort(admin.port), token: tokenText(admin) },
    registry: { store: registry.store },
    defaults: { healthCheck: healthCheckText(unlisted.healthCheck), timeouts: timeoutsText(unlisted.timeouts) },
    services: Object.fromEntries(services.map((service) => [service.name, serviceText(service, snapshot.directory)])),
  };
  const document = new Document(file, { keepUndefined: false, aliasDuplicateObjects: false });
  commentPort(document, 'gateway', gateway.port);
  commentPort(document, 'admin', admin.port);
  visit(document, { Scalar: (_, scalar) => void quoteWhatMisleads(scalar) });
  return document.toString({ lineWidth: 0 }).replaceAll('\x7f', '\\x7f');
}

/** A key `<<` would merge; and DEL, which yaml writes as it is, may stand in no mesh file. */
function quoteWhatMisleads(scalar: Scalar): void {
  const isMisleading = typeof scalar.value === 'string' && (scalar.value === '<<' || scalar.value.includes('\x7f'));
  if (isMisleading) scalar.type = 'QUOTE_DOUBLE';
}

/** The snapshot for those who need not know its secrets: what the environments of its processes hold. */
export function withoutSecrets(snapshot: Snapshot): Snapshot {
  const services = [...snapshot.services].map(([name, service]): [string, ServiceConfig] => {
    const names = Object.keys(service.process?.environment ?? {});
    const environment = Object.fromEntries(names.map((variable) => [variable, 'redacted']));
    return [name, { ...service, process: service.process && { ...service.process, environment } }];
  });
  return { ...snapshot, services: new Map(services) };
}

/** The snapshot as plain data: durations in milliseconds, null for what is not there, a token that is named as `redacted`. */
export function snapshotToJson(snapshot: Snapshot) {
  const { name, file, directory, gateway, admin, registry, services, unlisted } = snapshot;
  return {
    name,
    file: file ?? null,
    directory,
    gateway,
    admin: { ...admin, token: admin.token.kind === 'value' ? 'redacted' : admin.token.kind },
    registry,
    defaults: { healthCheck: unlisted.healthCheck ?? null, timeouts: unlisted.timeouts },
    services: [...services.values()].map((service) => ({
      name: service.name,
      expose: service.expose,
      process: service.process === undefined ? null : processJson(service.process),
      instances: service.instances.map((instance) => ({
        ...instance,
        address: formatAddress(instance.address),
        version: instance.version ?? null,
      })),
      port: service.port ?? null,
      routes: service.routes.map(routeToJson),
      listen: service.listen ?? null,
      healthCheck: service.healthCheck ?? null,
      timeouts: service.timeouts,
    })),
  };
}

function processJson(process: ProcessConfig) {
  return { ...process, version: process.version ?? null };
}

function serviceText(service: ServiceConfig, directory: string) {
  return {
    ...processText(service.process, directory),
    port: service.port,
    expose: service.expose ? undefined : false,
    listen: service.listen,
    routes: some(service.routes.map(routeText)),
    instances: some(service.instances.map(instanceText)),
    healthCheck: healthCheckText(service.healthCheck),
    timeouts: timeoutsText(service.timeouts),
  };
}

function processText(process: ProcessConfig | undefined, directory: string) {
  if (process === undefined) return {};
  return {
    command: process.command,
    directory: escapeReferences(relative(directory, process.directory) || '.'),
    environment: escapeAll(process.environment),
    replicas: process.replicas,
    version: process.version,
    dependsOn: some(process.dependsOn),
    restart: process.restart,
    stopTimeout: formatDuration(process.stopTimeout),
    watch: some(process.watch.map(escapeReferences)),
  };
}

export function routeToJson({ host, path, method, headers, rewrite }: RouteConfig) {
  return { host: hostText(host), path, method: method ?? null, headers: { ...headers }, rewrite: rewrite ?? null };
}

function instanceText({ id, address, weight, version, metadata }: InstanceConfig) {
  return { id, address: formatAddress(address), weight, version, metadata: escapeAll(metadata) };
}

function routeText({ host, path, method, headers, rewrite }: RouteConfig) {
  return {
    host: host.kind === 'any' ? undefined : hostText(host),
    path: escapeReferences(path),
    method,
    headers: escapeAll(headers),
    rewrite: rewrite && escapeReferences(rewrite),
  };
}

function healthCheckText(check: HealthCheckConfig | undefined) {
  if (check === undefined) return undefined;
  const { probe, interval, timeout, healthyThreshold, unhealthyThreshold } = check;
  return {
    ...(probe.kind === 'http' ? { path: escapeReferences(probe.path) } : { tcp: true }),
    interval: formatDuration(interval),
    timeout: formatDuration(timeout),
    healthyThreshold,
    unhealthyThreshold,
  };
}

function timeoutsText({ request, connect }: TimeoutsConfig) {
  return { request: formatDuration(request), connect: formatDuration(connect) };
}

function tokenText({ token }: AdminConfig): string {
  return token.kind === 'value' ? '${MESH_TOKEN}' : token.kind;
}

function namedPort(wish: PortWish): number | undefined {
  return wish.named ? wish.port : undefined;
}

/** A default port is said, but not named: named, it would have to be free. */
function commentPort(document: Document, section: string, wish: PortWish): void {
  if (wish.named) return;
  const host = document.getIn([section, 'host'], true);
  if (isScalar(host)) host.comment = ` port ${wish.port}, or the next free one`;
}

function escapeAll(values: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const entries = Object.entries(values).map(([name, value]) => [name, escapeReferences(value)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function some<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
