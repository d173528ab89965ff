/** Rates of requests are per second, of bytes per second too; durations are milliseconds, percentages shares from 0 to 1. */

/** How traffic to a service is smoothed, and what trouble it meets. undefined: nothing of the kind. */
export interface ShapingConfigs {
  readonly rateLimit: RateLimitConfig | undefined;
  readonly concurrency: ConcurrencyConfig | undefined;
  readonly bandwidth: BandwidthConfig | undefined;
  /** In their order; an attempt may meet several of them. */
  readonly faults: readonly FaultConfig[];
}

export interface RateLimitConfig {
  /** Requests per second and key. */
  readonly rate: number;
  /** So many pass at once after a rest; 1 or more. */
  readonly burst: number;
  readonly by: RateLimitKey;
  /** What becomes of those that come too fast. */
  readonly excess: 'delay' | 'reject';
  /** A request waits no longer. */
  readonly maxDelay: number;
}

/** Whose requests are counted together. */
export type RateLimitKey =
  /** All; those of one address; those of one calling service. */
  | { readonly kind: 'service' | 'client' | 'caller' }
  /** Header names are lower case. */
  | { readonly kind: 'header' | 'cookie'; readonly name: string };

export interface ConcurrencyConfig {
  /** Requests that are carried at once; adaptive: as many as the service answers without queueing them itself. */
  readonly limit: number | 'adaptive';
  /** Requests that wait. */
  readonly queue: number;
  /** Each waits no longer. */
  readonly maxWait: number;
  /** Lower case: the header field that says `high`, `normal` or `low`; undefined: none does. */
  readonly priorityHeader: string | undefined;
}

/** Who waits longest, and is shed first. */
export type Priority = 'high' | 'normal' | 'low';

export interface BandwidthConfig {
  /** Bytes per second of requests and of answers; undefined is without limit. */
  readonly up: number | undefined;
  readonly down: number | undefined;
  /** Each exchange has that much, or all of the service together. */
  readonly per: 'exchange' | 'service';
}

export interface FaultConfig {
  readonly effect: FaultEffect;
  /** 0–1: of the attempts that match. */
  readonly percentage: number;
  readonly match: FaultMatch;
}

export type FaultEffect =
  /** The attempt begins later: by `time`, and what the distribution adds. */
  | { readonly kind: 'delay'; readonly time: number; readonly jitter: number; readonly distribution: Distribution }
  /** Answered in place of the instance. */
  | { readonly kind: 'abort'; readonly status: number }
  /** The same in gRPC: HTTP 200 and a `grpc-status`. */
  | { readonly kind: 'grpc-abort'; readonly grpcStatus: number }
  /** The client's connection is reset: before a byte of the answer (undefined), or behind so many bytes of its body. */
  | { readonly kind: 'reset'; readonly after: number | undefined }
  /** The body of the answer comes at so many bytes per second. */
  | { readonly kind: 'throttle'; readonly rate: number }
  /** The end of the answer comes so much behind its last byte. */
  | { readonly kind: 'slow-close'; readonly time: number }
  /** The connection is closed, in order, behind so many bytes of the answer's body. */
  | { readonly kind: 'truncate'; readonly after: number }
  /** This share of the bytes of the answer's body is changed, and one of them at least. */
  | { readonly kind: 'corrupt'; readonly share: number }
  /** Nothing ever comes. */
  | { readonly kind: 'blackhole' }
  /** Answered in place of the instance. */
  | { readonly kind: 'mock'; readonly answer: MockAnswer };

/** `uniform`: within ± jitter. `normal`: jitter is its standard deviation. `exponential`: jitter is the mean of what is added. */
export type Distribution = 'uniform' | 'normal' | 'exponential';

export interface MockAnswer {
  readonly status: number;
  /** Name → value. */
  readonly headers: Readonly<Record<string, string>>;
  /** A text, or what is in a file (absolute path) at the moment of the request. */
  readonly body: { readonly kind: 'text'; readonly text: string } | { readonly kind: 'file'; readonly file: string };
}

/** All that is given must match. */
export interface FaultMatch {
  /** A prefix on segment borders, as of a route. */
  readonly path: string | undefined;
  /** Upper case. */
  readonly method: string | undefined;
  /** Lower-case name → exact value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly caller: string | undefined;
  readonly version: string | undefined;
  /** Id or address of an instance. */
  readonly instance: string | undefined;
}

/** What happens one after the other, for `mesh shape --scenario`. */
export interface ScenarioConfig {
  readonly name: string;
  /** In the order of their times. */
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioStep {
  /** Milliseconds from the beginning. */
  readonly at: number;
  readonly action: /** In place of what was said of the service at run time before. */
    | { readonly kind: 'shape'; readonly service: string; readonly shape: Shape }
    /** Gives way to the mesh file again: one service, or all (undefined). */
    | { readonly kind: 'clear'; readonly service: string | undefined };
}

/** What is said at run time: each key that is there stands in place of the mesh file's. */
export type Shape = { readonly [Key in keyof ShapingConfigs]?: NonNullable<ShapingConfigs[Key]> };
