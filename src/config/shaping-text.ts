import { formatByteRate, formatDuration, formatPercentage, formatRate, formatSize } from '../foundation/units.js';
import { formatGrpcStatus } from './grpc-status.js';
import { escapeReferences } from './interpolate.js';
import type {
  BandwidthConfig,
  ConcurrencyConfig,
  FaultConfig,
  FaultEffect,
  FaultMatch,
  MockAnswer,
  RateLimitConfig,
  RateLimitKey,
  Shape,
} from './shaping-configs.js';

/** How the path of a file, which is absolute, is written. */
export type WriteFile = (file: string) => string;

/** What is said at run time, as the mesh file would say it. Files are absolute there, so that it holds in any folder. */
export function shapeText(shape: Shape, writeFile: WriteFile = (file) => file) {
  const { rateLimit, concurrency, bandwidth, faults } = shape;
  return {
    ...(rateLimit && { rateLimit: rateLimitText(rateLimit) }),
    ...(concurrency && { concurrency: concurrencyText(concurrency) }),
    ...(bandwidth && { bandwidth: bandwidthText(bandwidth) }),
    ...(faults && { faults: faults.map((fault) => faultText(fault, writeFile)) }),
  };
}

export function rateLimitText({ rate, burst, by, excess, maxDelay }: RateLimitConfig) {
  return {
    rate: formatRate(rate),
    burst,
    by: escapeReferences(rateLimitKeyText(by)),
    excess,
    ...(excess === 'delay' && { maxDelay: formatDuration(maxDelay) }),
  };
}

/** `service`, `header:x-user` */
export function rateLimitKeyText(key: RateLimitKey): string {
  return 'name' in key ? `${key.kind}:${key.name}` : key.kind;
}

export function concurrencyText({ limit, queue, maxWait, priorityHeader }: ConcurrencyConfig) {
  return {
    limit,
    queue,
    maxWait: formatDuration(maxWait),
    ...(priorityHeader !== undefined && { priority: { header: escapeReferences(priorityHeader) } }),
  };
}

export function bandwidthText({ up, down, per }: BandwidthConfig) {
  return {
    ...(up !== undefined && { up: formatByteRate(up) }),
    ...(down !== undefined && { down: formatByteRate(down) }),
    per,
  };
}

export function faultText({ effect, percentage, match }: FaultConfig, writeFile: WriteFile) {
  const asked = matchText(match);
  return {
    ...effectText(effect, writeFile),
    percentage: formatPercentage(percentage),
    ...(Object.keys(asked).length > 0 && { match: asked }),
  };
}

function effectText(effect: FaultEffect, writeFile: WriteFile) {
  switch (effect.kind) {
    case 'delay':
      return delayText(effect);
    case 'abort':
      return { abort: effect.status };
    case 'grpc-abort':
      return { abort: formatGrpcStatus(effect.grpcStatus) };
    case 'reset':
      return { reset: effect.after === undefined ? 'before-head' : formatSize(effect.after) };
    case 'throttle':
      return { throttle: formatByteRate(effect.rate) };
    case 'slow-close':
      return { slowClose: formatDuration(effect.time) };
    case 'truncate':
      return { truncate: formatSize(effect.after) };
    case 'corrupt':
      return { corrupt: formatPercentage(effect.share) };
    case 'blackhole':
      return { blackhole: true as const };
    case 'mock':
      return { mock: mockText(effect.answer, writeFile) };
  }
}

function delayText({ time, jitter, distribution }: Extract<FaultEffect, { kind: 'delay' }>) {
  return { delay: formatDuration(time), jitter: formatDuration(jitter), distribution };
}

function mockText({ status, headers, body }: MockAnswer, writeFile: WriteFile) {
  return {
    status,
    ...someHeaders(headers),
    ...(body.kind === 'file' && { file: escapeReferences(writeFile(body.file)) }),
    ...(body.kind === 'text' && body.text !== '' && { body: escapeReferences(body.text) }),
  };
}

function matchText({ path, method, headers, caller, version, instance }: FaultMatch) {
  return {
    ...(path !== undefined && { path: escapeReferences(path) }),
    ...(method !== undefined && { method: escapeReferences(method) }),
    ...someHeaders(headers),
    ...(caller !== undefined && { caller }),
    ...(version !== undefined && { version }),
    ...(instance !== undefined && { instance }),
  };
}

/** Keys are never read for variables, values are. */
function someHeaders(headers: Readonly<Record<string, string>>) {
  const entries = Object.entries(headers).map(([name, value]) => [name, escapeReferences(value)]);
  return entries.length > 0 && { headers: Object.fromEntries(entries) };
}
