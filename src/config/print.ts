// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import { relative } from 'node:path';
import type { Scalar } from 'yaml';
import { Document, isScalar, visit } from 'yaml';
import { formatAddress } from '../foundation/address.js';
import { formatDuration, formatPercentage, formatSize } from '../foundation/units.js';
import { alertsText, sloText, withHiddenWebhooks } from './alerts.js';
import { escapeReferences } from './interpolate.js';
import { orOff, policiesText, servicePoliciesText } from './print-policies.js';
import { hostText } from './route.js';
import { scenariosText } from './scenario.js';
import { gatewayDefaults } from './schema/gateway.js';
import type { MeshOptions } from './schema/mesh-file.js';
import type {
  AccessLogConfig,
  AdminConfig,
  GatewayConfig,
  HealthCheckConfig,
  InstanceConfig,
  PortWish,
  ProbeConfig,
  ProcessConfig,
  RouteConfig,
  ServiceConfig,
  Snapshot,
  TracesConfig,
} from './snapshot.js';
import { tracesText } from './traces.js';

/**
 * The snapshot as a mesh file, every default written out. Loaded again in the same folder it is an equal snapshot. Two
 * things are not as they are: secrets (a token that the file names is the reference `${MESH_TOKEN}`, the header fields of
 * `otlp` are references, too, and who logs in at a webhook is stars), and a default port, which may move, is left out.
 */
export function toMeshFile(snapshot: Snapshot): MeshOptions {
  const { name, gateway, admin, registry, telemetry, unlisted, seed, scenarios, alerts } = snapshot;
  const services = [...snapshot.services.values()];
  return {
    name: escapeReferences(name),
    gateway: gatewayText(gateway),
    admin: { host: admin.host, port: namedPort(admin.port), token: tokenText(admin) },
    registry: { store: registry.store },
    telemetry: {
      accessLog: accessLogText(telemetry.accessLog, within(snapshot.directory)),
      traces: tracesText(telemetry.traces),
    },
    defaults: {
      healthCheck: healthCheckText(unlisted.healthCheck),
      ...policiesText(unlisted),
      slo: unlisted.slo && sloText(unlisted.slo),
    },
    services: Object.fromEntries(services.map((service) => [service.name, serviceText(service, snapshot)])),
    seed,
    scenarios: scenarios.size === 0 ? undefined : scenariosText(scenarios, within(snapshot.directory)),
    alerts: some(alertsText(alerts)),
  };
}

/** The same as YAML; a default port is a comment. */
export function printSnapshot(snapshot: Snapshot): string {
  const document = new Document(toMeshFile(snapshot), { keepUndefined: false, aliasDuplicateObjects: false });
  commentPort(document, 'gateway', snapshot.gateway.port);
  commentPort(document, 'admin', snapshot.admin.port);
  commentTraces(document, snapshot.telemetry.traces);
  visit(document, { Scalar: (_, scalar) => void quoteMergeKey(scalar) });
  return document.toString({ lineWidth: 0 });
}

/** A key `<<` would merge. */
function quoteMergeKey(scalar: Scalar): void {
  if (scalar.value === '<<') scalar.type = 'QUOTE_DOUBLE';
}

/** The snapshot for those who need not know its secrets: what the environments of its processes hold, and whom its webhooks call. */
export function withoutSecrets(snapshot: Snapshot): Snapshot {
  const services = [...snapshot.services].map(([name, service]): [string, ServiceConfig] => {
    const names = Object.keys(service.process?.environment ?? {});
    const environment = Object.fromEntries(names.map((variable) => [variable, 'redacted']));
    return [name, { ...service, process: service.process && { ...service.process, environment } }];
  });
  return { ...snapshot, services: new Map(services), alerts: withHiddenWebhooks(snapshot.alerts) };
}

function gatewayText({ port, maxRequestBytes, ...gateway }: GatewayConfig) {
  const limit = Number.isFinite(maxRequestBytes) ? formatSize(maxRequestBytes) : gatewayDefaults.maxRequestBytes;
  return { ...gateway, port: namedPort(port), maxRequestBytes: limit };
}

function accessLogText(log: AccessLogConfig, write: (path: string) => string) {
  if (log.format === 'off' || log.file === undefined) return log.format;
  const { path, maxSize, maxFiles } = log.file;
  const limit = Number.isFinite(maxSize) ? formatSize(maxSize) : 0;
  return { format: log.format, file: escapeReferences(write(path)), maxSize: limit, maxFiles } as const;
}

function serviceText(service: ServiceConfig, { directory, unlisted }: Snapshot) {
  return {
    ...processText(service.process, directory),
    port: service.port,
    expose: service.expose ? undefined : false,
    listen: service.listen,
    routes: some(service.routes.map(routeText)),
    instances: some(service.instances.map(instanceText)),
    // Nobody calls a worker: what `defaults` make of it can only stand there.
    ...(service.expose && {
      healthCheck: orOff(healthCheckText(service.healthCheck), unlisted.healthCheck),
      ...servicePoliciesText(service, unlisted, within(directory)),
      slo: orOff(service.slo && sloText(service.slo), unlisted.slo),
    }),
  };
}

function processText(process: ProcessConfig | undefined, directory: string) {
  if (process === undefined) return {};
  return {
    command: process.command,
    directory: escapeReferences(within(directory)(process.directory)),
    environment: escapeAll(process.environment),
    replicas: process.replicas,
    version: process.version,
    dependsOn: some(process.dependsOn),
    restart: process.restart,
    stopTimeout: formatDuration(process.stopTimeout),
    watch: some(process.watch.map(escapeReferences)),
  };
}

/** Paths as they are written in a file of this folder. */
function within(directory: string): (path: string) => string {
  return (path) => relative(directory, path) || '.';
}

export function routeToJson({
  host,
  method,
  headers,
  cookies,
  query,
  rewrite,
  version,
  priority,
  ...route
}: RouteConfig) {
  return {
    ...route,
    host: hostText(host),
    method: method ?? null,
    headers: { ...headers },
    cookies: { ...cookies },
    query: { ...query },
    rewrite: rewrite ?? null,
    version: version ?? null,
    priority: priority ?? null,
  };
}

function instanceText({ id, address, weight, version, metadata }: InstanceConfig) {
  return { id, address: formatAddress(address), weight, version, metadata: escapeAll(metadata) };
}

function routeText({ host, path, method, headers, cookies, query, rewrite, version, priority }: RouteConfig) {
  return {
    host: host.kind === 'any' ? undefined : hostText(host),
    path: escapeReferences(path),
    method,
    headers: escapeAll(headers),
    cookies: escapeAll(cookies),
    query: escapeAll(query),
    rewrite: rewrite && escapeReferences(rewrite),
    to: version === undefined ? undefined : { version },
    priority,
  };
}

function healthCheckText(check: HealthCheckConfig | undefined) {
  if (check === undefined) return undefined;
  const { probe, interval, timeout, healthyThreshold, unhealthyThreshold } = check;
  return {
    ...probeText(probe),
    interval: formatDuration(interval),
    timeout: formatDuration(timeout),
    healthyThreshold,
    unhealthyThreshold,
  };
}

function probeText(probe: ProbeConfig) {
  switch (probe.kind) {
    case 'http':
      return { path: escapeReferences(probe.path) };
    case 'tcp':
      return { tcp: true as const };
    case 'command':
      return { command: probe.command };
  }
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

/** Likewise: named, it would count before the environment. */
function commentTraces(document: Document, { sample, otlp }: TracesConfig): void {
  const slow = document.getIn(['telemetry', 'traces', 'slow'], true);
  const defaults = [
    ...(sample.named ? [] : [`sample ${formatPercentage(sample.share)}`]),
    ...(otlp.kind === 'environment' ? ['otlp off'] : []),
  ];
  if (isScalar(slow) && defaults.length > 0) slow.comment = ` ${defaults.join(', ')}, or as OTEL_* variables say`;
}

function escapeAll(values: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const entries = Object.entries(values).map(([name, value]) => [name, escapeReferences(value)]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function some<Item>(items: readonly Item[]): Item[] | undefined {
  return items.length === 0 ? undefined : [...items];
}
