import { formatByteRate, formatDuration, formatPercentage, formatRate, formatSize } from '../foundation/units.js';
import { formatGrpcStatus } from './grpc-status.js';
import type {
  BandwidthConfig,
  ConcurrencyConfig,
  FaultConfig,
  FaultEffect,
  FaultMatch,
  MockAnswer,
  RateLimitConfig,
  Shape,
} from './shaping-configs.js';
import { rateLimitKeyText } from './shaping-text.js';

/** What a shape does, in a few words for each of its keys and faults: `rate limit 100/s, burst 20, per client, …`. */
export function describeShape({ rateLimit, concurrency, bandwidth, faults }: Shape): string[] {
  return [
    ...(rateLimit === undefined ? [] : [describeRateLimit(rateLimit)]),
    ...(concurrency === undefined ? [] : [describeConcurrency(concurrency)]),
    ...(bandwidth === undefined ? [] : [describeBandwidth(bandwidth)]),
    ...(faults?.length === 0 ? ['no faults'] : (faults ?? []).map(describeFault)),
  ];
}

/** `delay 200ms ± 50ms for 10% of path /checkout` */
export function describeFault({ effect, percentage, match }: FaultConfig): string {
  const share = percentage === 1 ? '' : formatPercentage(percentage);
  const which = describeMatch(match);
  const whom = share !== '' && which !== '' ? `${share} of ${which}` : share + which;
  return whom === '' ? describeEffect(effect) : `${describeEffect(effect)} for ${whom}`;
}

function describeRateLimit({ rate, burst, by, excess, maxDelay }: RateLimitConfig): string {
  const whose = rateLimitKeyText(by).replace(':', ' ');
  const beyond = excess === 'delay' ? `delayed up to ${formatDuration(maxDelay)}` : 'rejected beyond';
  return `rate limit ${formatRate(rate)}, burst ${burst}, per ${whose}, ${beyond}`;
}

function describeConcurrency({ limit }: ConcurrencyConfig): string {
  return limit === 'adaptive' ? 'an adaptive number at once' : `at most ${limit} at once`;
}

function describeBandwidth({ up, down, per }: BandwidthConfig): string {
  const ways = [
    ...(up === undefined ? [] : [`up ${formatByteRate(up)}`]),
    ...(down === undefined ? [] : [`down ${formatByteRate(down)}`]),
  ];
  return `${ways.join(', ')} per ${per}`;
}

function describeEffect(effect: FaultEffect): string {
  switch (effect.kind) {
    case 'delay':
      return describeDelay(effect);
    case 'abort':
      return `abort ${effect.status}`;
    case 'grpc-abort':
      return `abort ${formatGrpcStatus(effect.grpcStatus)}`;
    case 'reset':
      return effect.after === undefined ? 'reset before the head' : `reset behind ${formatSize(effect.after)}`;
    case 'throttle':
      return `throttle to ${formatByteRate(effect.rate)}`;
    case 'slow-close':
      return `close ${formatDuration(effect.time)} late`;
    case 'truncate':
      return `truncate behind ${formatSize(effect.after)}`;
    case 'corrupt':
      return `corrupt ${formatPercentage(effect.share)} of the bytes`;
    case 'blackhole':
      return 'blackhole';
    case 'mock':
      return describeMock(effect.answer);
  }
}

function describeDelay({ time, jitter, distribution }: Extract<FaultEffect, { kind: 'delay' }>): string {
  const delay = `delay ${formatDuration(time)}`;
  if (jitter === 0) return delay;
  if (distribution === 'exponential') return `${delay} + ${formatDuration(jitter)} on average`;
  return `${delay} ± ${formatDuration(jitter)}${distribution === 'normal' ? ' (normal)' : ''}`;
}

function describeMock({ status, body }: MockAnswer): string {
  return body.kind === 'file' ? `mock ${status} from ${body.file}` : `mock ${status}`;
}

/** `path /checkout, method GET, header x-user: 5`; empty for every attempt. */
function describeMatch({ path, method, headers, caller, version, instance }: FaultMatch): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const asked = { path, method, header: fields.join(', ') || undefined, caller, version, instance };
  return Object.entries(asked)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key} ${value}`]))
    .join(', ');
}
