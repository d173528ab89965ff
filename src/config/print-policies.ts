import { formatDuration, formatPercentage } from '../foundation/units.js';
import { hashKeyText } from './hash-key.js';
import { escapeReferences } from './interpolate.js';
import type {
  CircuitBreakerConfig,
  LoadBalancerConfig,
  MirrorConfig,
  OutlierDetectionConfig,
  PolicyConfig,
  PolicyConfigs,
  RetriesConfig,
  SplitConfig,
  TimeoutsConfig,
} from './policy-configs.js';
import type { WriteFile } from './shaping-text.js';
import { bandwidthText, concurrencyText, faultText, rateLimitText } from './shaping-text.js';

/**
 * How requests to a service are carried, as the mesh file writes it.
 * @param defaults what a service gets that says nothing.
 */
export function servicePoliciesText(policies: PolicyConfigs, defaults: PolicyConfigs, writeFile: WriteFile) {
  const { allow, split, mirror, faults } = policies;
  const { loadBalancer, timeouts, ...switchable } = policiesText(policies);
  return {
    allow: allow && [...allow],
    loadBalancer,
    split: split && splitText(split),
    mirror: mirror && mirrorText(mirror),
    timeouts,
    retries: orOff(switchable.retries, defaults.retries),
    connectionPool: orOff(switchable.connectionPool, defaults.connectionPool),
    circuitBreaker: orOff(switchable.circuitBreaker, defaults.circuitBreaker),
    outlierDetection: orOff(switchable.outlierDetection, defaults.outlierDetection),
    rateLimit: orOff(switchable.rateLimit, defaults.rateLimit),
    concurrency: orOff(switchable.concurrency, defaults.concurrency),
    bandwidth: orOff(switchable.bandwidth, defaults.bandwidth),
    faults: faults.length === 0 ? undefined : faults.map((fault) => faultText(fault, writeFile)),
  };
}

/** What `defaults` give to all, and this service does not have, it has switched off. */
export function orOff<Text>(text: Text | undefined, below: object | undefined): Text | false | undefined {
  return text === undefined && below !== undefined ? false : text;
}

/** What of it can stand under `defaults`, too. */
export function policiesText(policies: PolicyConfigs) {
  const { loadBalancer, timeouts, retries, connectionPool, circuitBreaker, outlierDetection } = policies;
  const { rateLimit, concurrency, bandwidth } = policies;
  return {
    loadBalancer: loadBalancerText(loadBalancer),
    timeouts: timeoutsText(timeouts),
    retries: retries && retriesText(retries),
    connectionPool: connectionPool && { ...connectionPool },
    circuitBreaker: circuitBreaker && circuitBreakerText(circuitBreaker),
    outlierDetection: outlierDetection && outlierDetectionText(outlierDetection),
    rateLimit: rateLimit && rateLimitText(rateLimit),
    concurrency: concurrency && concurrencyText(concurrency),
    bandwidth: bandwidth && bandwidthText(bandwidth),
  };
}

function loadBalancerText({ policy, slowStart, stickyCookie, healthyPanicThreshold }: LoadBalancerConfig) {
  return {
    ...policyText(policy),
    slowStart: formatDuration(slowStart),
    stickyCookie: stickyCookie && escapeReferences(stickyCookie),
    healthyPanicThreshold: formatPercentage(healthyPanicThreshold),
  };
}

function policyText(policy: PolicyConfig) {
  switch (policy.kind) {
    case 'round-robin':
    case 'random':
      return { policy: policy.kind };
    case 'least-request':
    case 'peak-ewma':
      return { policy: policy.kind, choiceCount: policy.choiceCount };
    case 'ring-hash':
    case 'maglev':
      return { policy: policy.kind, hashOn: hashKeyText(policy.hashOn) };
  }
}

function splitText({ shares, by }: SplitConfig) {
  const versions = Object.fromEntries(
    Object.entries(shares).map(([version, share]) => [version, formatPercentage(share)]),
  );
  return { versions, by: by && hashKeyText(by) };
}

function mirrorText({ target, percentage }: MirrorConfig) {
  return {
    ...(target.kind === 'version' ? { version: target.version } : { service: target.service }),
    percentage: formatPercentage(percentage),
  };
}

function timeoutsText({ request, perTry, connect, idle }: TimeoutsConfig) {
  return {
    request: formatDuration(request),
    perTry: formatDuration(perTry),
    connect: formatDuration(connect),
    idle: formatDuration(idle),
  };
}

function retriesText({ attempts, on, methods, backoff, budget }: RetriesConfig) {
  return {
    attempts,
    on: [...on],
    methods: methods.map(escapeReferences),
    backoff: formatDuration(backoff),
    budget: { percentage: formatPercentage(budget.percentage), minConcurrency: budget.minConcurrency },
  };
}

function circuitBreakerText(breaker: CircuitBreakerConfig) {
  return {
    // 0 says it, where `defaults` may say something else.
    failureRate: formatPercentage(breaker.failureRate ?? 0),
    consecutiveFailures: breaker.consecutiveFailures ?? 0,
    minimumRequests: breaker.minimumRequests,
    window: formatDuration(breaker.window),
    openFor: formatDuration(breaker.openFor),
    probes: breaker.probes,
    per: breaker.per,
  };
}

function outlierDetectionText(detection: OutlierDetectionConfig) {
  return {
    ...detection,
    interval: formatDuration(detection.interval),
    baseEjectionTime: formatDuration(detection.baseEjectionTime),
    maxEjectionTime: formatDuration(detection.maxEjectionTime),
    maxEjectionPercent: formatPercentage(detection.maxEjectionPercent),
  };
}
