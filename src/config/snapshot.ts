import type { Address } from '../foundation/address.js';

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
  readonly services: ReadonlyMap<string, ServiceConfig>;
  /** Every port of this machine that the file itself names: the mesh's own default ports give way to these. */
  readonly claimedPorts: ReadonlySet<number>;
  /** What holds for a service that the file does not name and that was registered at run time: the `defaults`. */
  readonly unlisted: UnlistedConfig;
}

export type UnlistedConfig = Pick<ServiceConfig, 'expose' | 'healthCheck' | keyof PolicyConfigs> &
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
}

/** How requests to a service are carried. undefined: the mesh does nothing of the kind. */
export interface PolicyConfigs {
  /** Who may call it: services by name, and `anonymous` for whoever the mesh does not know; undefined: everybody. */
  readonly allow: readonly string[] | undefined;
  readonly loadBalancer: LoadBalancerConfig;
  readonly split: SplitConfig | undefined;
  readonly mirror: MirrorConfig | undefined;
  readonly timeouts: TimeoutsConfig;
  readonly retries: RetriesConfig | undefined;
  readonly connectionPool: ConnectionPoolConfig | undefined;
  readonly circuitBreaker: CircuitBreakerConfig | undefined;
  readonly outlierDetection: OutlierDetectionConfig | undefined;
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

export interface TimeoutsConfig {
  /** From the last byte of the request to the response head, over all attempts; 0 is without limit. */
  readonly request: number;
  /** The same for each attempt; 0 is without limit. */
  readonly perTry: number;
  /** Until the instance accepts a connection. */
  readonly connect: number;
  /** Without a byte in either direction, once the answer has begun; of upgraded connections too. 0 is without limit. */
  readonly idle: number;
}

export interface LoadBalancerConfig {
  readonly policy: PolicyConfig;
  /** Milliseconds in which an instance that has come grows from a tenth of its weight to all of it; 0: at once. */
  readonly slowStart: number;
  /** The cookie by which a client stays with its instance; undefined: none. */
  readonly stickyCookie: string | undefined;
  /** 0–1: below this share of healthy instances, all of them get traffic. 0 is never. */
  readonly healthyPanicThreshold: number;
}

export type PolicyConfig =
  | { readonly kind: 'round-robin' | 'random' }
  /** Of so many drawn by chance, the best one is taken. */
  | { readonly kind: 'least-request' | 'peak-ewma'; readonly choiceCount: number }
  | { readonly kind: 'ring-hash' | 'maglev'; readonly hashOn: HashKeyConfig };

/** What of a request decides where it goes. */
export type HashKeyConfig =
  /** Lower case. */
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'cookie' | 'query'; readonly name: string }
  | { readonly kind: 'source-address' | 'path' };

export interface SplitConfig {
  /** Version → share (0–1); together 1. */
  readonly shares: Readonly<Record<string, number>>;
  /** Requests with the same value go to the same version; undefined: each is dealt out by itself. */
  readonly by: HashKeyConfig | undefined;
}

export interface MirrorConfig {
  readonly target:
    | { readonly kind: 'version'; readonly version: string }
    | { readonly kind: 'service'; readonly service: string };
  /** 0–1: of the requests. */
  readonly percentage: number;
}

export interface RetriesConfig {
  /** How often a request is tried again, at most. */
  readonly attempts: number;
  readonly on: readonly RetryCondition[];
  /** Upper case. */
  readonly methods: readonly string[];
  /** Milliseconds: the first wait is at most this, each further one at most twice as long, and none longer than ten times. */
  readonly backoff: number;
  readonly budget: RetryBudgetConfig;
}

/** Envoy's words, or a status. */
export type RetryCondition =
  | 'connect-failure'
  | 'reset'
  | 'refused-stream'
  | '5xx'
  | 'gateway-error'
  | 'retriable-4xx'
  | number;

export interface RetryBudgetConfig {
  /** 0–1: retries may be this share of the requests of the last ten seconds. */
  readonly percentage: number;
  /** So many retries at once, and as many in a second, are allowed in any case. */
  readonly minConcurrency: number;
}

/** Of a service, over all its instances. */
export interface ConnectionPoolConfig {
  readonly maxConnections: number;
  /** Requests that wait for one of them. */
  readonly maxPendingRequests: number;
}

export interface CircuitBreakerConfig {
  /** Whose failures are counted, and who is then left alone. */
  readonly per: 'service' | 'instance';
  /** 0–1: of the answers in the window; undefined: not looked at. */
  readonly failureRate: number | undefined;
  /** The rate says nothing below so many answers. */
  readonly minimumRequests: number;
  /** Failures in a row; undefined: not counted. */
  readonly consecutiveFailures: number | undefined;
  readonly window: number;
  readonly openFor: number;
  /** Requests that are let through to see whether it is well again. */
  readonly probes: number;
}

/** As in Envoy. */
export interface OutlierDetectionConfig {
  /** 0: not counted. */
  readonly consecutive5xx: number;
  /** 502, 503, 504, and no answer at all; 0: not counted. */
  readonly consecutiveGatewayFailure: number;
  /** Between two comparisons of success rates. */
  readonly interval: number;
  /** Of the first ejection; the second is twice as long, the third three times. */
  readonly baseEjectionTime: number;
  readonly maxEjectionTime: number;
  /** 0–1: of the instances. */
  readonly maxEjectionPercent: number;
  /** Success rates are compared among no fewer instances, of no fewer requests each. */
  readonly successRateMinimumHosts: number;
  readonly successRateRequestVolume: number;
  /** An instance is ejected when its success rate is so many standard deviations below the mean; 0: not compared. */
  readonly successRateStdevFactor: number;
}
