import type { Address } from '../foundation/address.js';
import type { AlertConfig, SloConfig } from './alert-configs.js';
import type { PolicyConfigs } from './policy-configs.js';
import type { Priority, ScenarioConfig } from './shaping-configs.js';

/**
 * One whole, checked, frozen configuration. Everything has its value here: the rooms below never ask for a default.
 * Durations are milliseconds. Maps keep the order of the mesh file.
 */
export interface Snapshot {
  /** The mesh's name: the file's `name`, else that of its folder. */
  readonly name: string;
  /** Absolute path of the mesh file; undefined for a mesh made of options in a program. */
  readonly file: string | undefined;
  /** Absolute folder against which the file's paths are read. */
  readonly directory: string;
  readonly gateway: GatewayConfig;
  readonly admin: AdminConfig;
  readonly registry: RegistryConfig;
  readonly telemetry: TelemetryConfig;
  readonly services: ReadonlyMap<string, ServiceConfig>;
  /** Every port of this machine that the file itself names: the mesh's own default ports give way to these. */
  readonly claimedPorts: ReadonlySet<number>;
  /** What holds for a service that the file does not name and that was registered at run time: the `defaults`. */
  readonly unlisted: UnlistedConfig;
  /** Of chance in faults, from 0 to 4294967295; undefined: another at each start. */
  readonly seed: number | undefined;
  /** By name. */
  readonly scenarios: ReadonlyMap<string, ScenarioConfig>;
  /** In the order of the file. */
  readonly alerts: readonly AlertConfig[];
}

export type UnlistedConfig = Pick<ServiceConfig, 'expose' | 'healthCheck' | 'slo' | keyof PolicyConfigs> &
  Partial<Pick<ServiceConfig, 'process' | 'port'>>;

/** What holds for a service, be it named in the file or not. */
export function configOf(snapshot: Snapshot, service: string): UnlistedConfig {
  return snapshot.services.get(service) ?? snapshot.unlisted;
}

/** A port that the file names must be had; the default one moves on to the next free one. 0 is any free port. */
export interface PortWish {
  readonly port: number;
  readonly named: boolean;
}

export interface GatewayConfig {
  readonly host: string;
  readonly port: PortWish;
  /** Services are `<service>.<domain>` on the front door. Lower case. */
  readonly domain: string;
  /** Of clients, over all ports. */
  readonly maxConnections: number;
  /** Bytes of a request's body; Infinity is without limit. */
  readonly maxRequestBytes: number;
}

export interface AdminConfig {
  readonly host: string;
  readonly port: PortWish;
  readonly token: TokenConfig;
}

/** auto: a new secret at each start, in `.mesh/run.json`. none: whoever reaches the socket is let in (loopback only). */
export type TokenConfig =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  | { readonly kind: 'value'; readonly value: string };

export interface RegistryConfig {
  readonly store: 'file' | 'memory';
}

export interface TelemetryConfig {
  readonly accessLog: AccessLogConfig;
  readonly traces: TracesConfig;
}

export type AccessLogConfig =
  | { readonly format: 'off' }
  /** Without a file, lines are events of the mesh, which `mesh up` prints. */
  | { readonly format: 'text' | 'json'; readonly file: LogFileConfig | undefined };

export interface LogFileConfig {
  /** Absolute. */
  readonly path: string;
  /** Bytes; Infinity is without limit. */
  readonly maxSize: number;
  /** That which is written to among them; 1 or more. */
  readonly maxFiles: number;
}

export interface TracesConfig {
  /** Of the traces that begin here, the share that is sampled, 0 to 1; one that the file names counts before OTEL_TRACES_SAMPLER. */
  readonly sample: { readonly share: number; readonly named: boolean };
  /** Milliseconds from which on an exchange is slow. */
  readonly slow: number;
  readonly otlp: OtlpConfig;
}

/** Where spans are sent. */
export type OtlpConfig =
  /** As the OTEL_* variables say, and nowhere where they say nothing. */
  | { readonly kind: 'environment' }
  | { readonly kind: 'off' }
  | {
      readonly kind: 'endpoint';
      /** Of the traces, path and all. */
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Milliseconds; undefined, like `compression`: as the OTEL_* variables say, else as OpenTelemetry's own default is. */
      readonly timeout: number | undefined;
      readonly compression: 'none' | 'gzip' | undefined;
    };

export interface ServiceConfig extends PolicyConfigs {
  readonly name: string;
  /** False for a worker: it calls others and cannot be called. */
  readonly expose: boolean;
  /** The program that the mesh runs for it; undefined where its instances run elsewhere. */
  readonly process: ProcessConfig | undefined;
  /** Instances that the file names. */
  readonly instances: readonly InstanceConfig[];
  /** The port of instances that name none, and the fixed PORT of a process; undefined: a free one for each process. */
  readonly port: number | undefined;
  readonly routes: readonly RouteConfig[];
  /** Its own port on the gateway. */
  readonly listen: number | undefined;
  readonly healthCheck: HealthCheckConfig | undefined;
  readonly slo: SloConfig | undefined;
}

export interface ProcessConfig {
  /** Run by the shell. */
  readonly command: string;
  /** Absolute. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** The version of its instances: the service's `version`. */
  readonly version: string | undefined;
  /** Services that must be ready before this one is started. */
  readonly dependsOn: readonly string[];
  readonly restart: 'always' | 'on-failure' | 'never';
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeout: number;
  /** Globs against the mesh file's folder; a change restarts the processes. */
  readonly watch: readonly string[];
}

export interface InstanceConfig {
  readonly id: string;
  readonly address: Address;
  readonly weight: number;
  readonly version: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** All that is given must match. Which of several routes wins is told in `gateway/match.ts`. */
export interface RouteConfig {
  readonly host: HostPattern;
  /** A path prefix on segment borders, starting with `/`, without a slash at its end (but `/` itself). */
  readonly path: string;
  /** Upper case as on the wire; undefined matches any. */
  readonly method: string | undefined;
  /** Lower-case name → exact value. */
  readonly headers: Readonly<Record<string, string>>;
  /** Name → exact value. Names of cookies and of query parameters are case-sensitive. */
  readonly cookies: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** What the matched prefix becomes; undefined leaves the path as it is. */
  readonly rewrite: string | undefined;
  /** The version whose instances get it; undefined: as the service's split says. */
  readonly version: string | undefined;
  /** Who goes first where requests wait; undefined: as a header says, else normal. */
  readonly priority: Priority | undefined;
}

export type HostPattern =
  | { readonly kind: 'any' }
  /** Lower case, without a port. */
  | { readonly kind: 'exact'; readonly host: string }
  /** `*.shop.localhost`: suffix is `.shop.localhost`; one label or more before it. */
  | { readonly kind: 'wildcard'; readonly suffix: string };

export interface HealthCheckConfig {
  readonly probe: ProbeConfig;
  readonly interval: number;
  readonly timeout: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
}

/** http: a GET that must be answered by a status of 200–399. tcp: a connection that must be accepted. command: must end with 0. */
export type ProbeConfig =
  | { readonly kind: 'http'; readonly path: string }
  | { readonly kind: 'tcp' }
  | { readonly kind: 'command'; readonly command: string; readonly directory: string };
