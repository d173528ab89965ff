import { resolve as resolvePath } from 'node:path';
import { resolveHeaders, resolvePrefix } from './route.js';
import type { BandwidthFile } from './schema/bandwidth.js';
import { bandwidthDefaults } from './schema/bandwidth.js';
import type { ConcurrencyFile } from './schema/concurrency.js';
import { concurrencyDefaults } from './schema/concurrency.js';
import type { FaultFile } from './schema/faults.js';
import { faultDefaults, mockDefaults } from './schema/faults.js';
import type { RateLimitFile } from './schema/rate-limit.js';
import { rateLimitDefaults } from './schema/rate-limit.js';
import type { ShapeFile } from './schema/shape.js';
import type {
  BandwidthConfig,
  ConcurrencyConfig,
  FaultConfig,
  FaultEffect,
  FaultMatch,
  MockAnswer,
  RateLimitConfig,
  Shape,
  ShapingConfigs,
} from './shaping-configs.js';
import { present } from './under-defaults.js';

/**
 * How traffic to a service is smoothed, and what trouble it meets.
 * @param directory absolute; files are read against it.
 */
export function resolveShaping(file: ShapeFile, directory: string): ShapingConfigs {
  const { rateLimit, concurrency, bandwidth, faults } = file;
  return {
    rateLimit: rateLimit && resolveRateLimit(rateLimit),
    concurrency: concurrency && resolveConcurrency(concurrency),
    bandwidth: bandwidth && resolveBandwidth(bandwidth),
    faults: (faults ?? []).map((fault) => resolveFault(fault, directory)),
  };
}

/** The same of what is said at run time: only what is said is there. */
export function resolveShape(file: ShapeFile, directory: string): Shape {
  const { rateLimit, concurrency, bandwidth, faults } = resolveShaping(file, directory);
  return {
    ...(rateLimit && { rateLimit }),
    ...(concurrency && { concurrency }),
    ...(bandwidth && { bandwidth }),
    ...(file.faults && { faults }),
  };
}

function resolveRateLimit(file: RateLimitFile): RateLimitConfig {
  const { maxDelay, ...values } = { ...rateLimitDefaults, ...present(file), rate: file.rate };
  return { ...values, maxDelay: values.excess === 'reject' ? 0 : maxDelay };
}

function resolveConcurrency({ limit, queue, maxWait, priority }: ConcurrencyFile): ConcurrencyConfig {
  return {
    limit,
    queue: queue ?? concurrencyDefaults.queue,
    maxWait: maxWait ?? concurrencyDefaults.maxWait,
    priorityHeader: priority?.header.toLowerCase(),
  };
}

function resolveBandwidth({ up, down, per }: BandwidthFile): BandwidthConfig {
  return { up, down, per: per ?? bandwidthDefaults.per };
}

function resolveFault(fault: FaultFile, directory: string): FaultConfig {
  return {
    effect: resolveEffect(fault, directory),
    percentage: fault.percentage ?? faultDefaults.percentage,
    match: resolveMatch(fault.match ?? {}),
  };
}

function resolveEffect(fault: FaultFile, directory: string): FaultEffect {
  const { delay, abort, reset, throttle, slowClose, truncate, corrupt, mock } = fault;
  if (delay !== undefined) {
    const { jitter, distribution } = { ...faultDefaults, ...present(fault) };
    return { kind: 'delay', time: delay, jitter, distribution };
  }
  if (abort !== undefined) {
    return 'status' in abort ? { kind: 'abort', ...abort } : { kind: 'grpc-abort', ...abort };
  }
  if (reset !== undefined) return { kind: 'reset', after: reset.after };
  if (throttle !== undefined) return { kind: 'throttle', rate: throttle };
  if (slowClose !== undefined) return { kind: 'slow-close', time: slowClose };
  if (truncate !== undefined) return { kind: 'truncate', after: truncate };
  if (corrupt !== undefined) return { kind: 'corrupt', share: corrupt };
  if (mock !== undefined) return { kind: 'mock', answer: resolveMock(mock, directory) };
  return { kind: 'blackhole' };
}

function resolveMock(mock: NonNullable<FaultFile['mock']>, directory: string): MockAnswer {
  const { status, headers, body, file } = mock;
  return {
    status: status ?? mockDefaults.status,
    headers: headers ?? {},
    body:
      file === undefined ? { kind: 'text', text: body ?? '' } : { kind: 'file', file: resolvePath(directory, file) },
  };
}

function resolveMatch(match: NonNullable<FaultFile['match']>): FaultMatch {
  const { path, method, headers, caller, version, instance } = match;
  return {
    path: path === undefined ? undefined : resolvePrefix(path),
    method: method?.toUpperCase(),
    headers: resolveHeaders(headers),
    caller,
    version,
    instance,
  };
}
