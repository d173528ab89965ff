import type { ShapingConfigs } from './shaping-configs.js';

/** Durations are milliseconds, percentages shares from 0 to 1. */

/** How requests to a service are carried. undefined: the mesh does nothing of the kind. */
export interface PolicyConfigs extends ShapingConfigs {
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
  /** So many retries at once are allowed beside that; each of these places is used ten times a second at most. */
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
