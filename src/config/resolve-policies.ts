import { partsOfWhole } from '../foundation/units.js';
import { resolveHashKey } from './hash-key.js';
import type {
  CircuitBreakerConfig,
  LoadBalancerConfig,
  MirrorConfig,
  OutlierDetectionConfig,
  PolicyConfig,
  PolicyConfigs,
  RetriesConfig,
  SplitConfig,
} from './policy-configs.js';
import { resolveShaping } from './resolve-shaping.js';
import { circuitBreakerDefaults } from './schema/circuit-breaker.js';
import { connectionPoolDefaults } from './schema/connection-pool.js';
import type { LoadBalancerFile } from './schema/load-balancer.js';
import { loadBalancerDefaults } from './schema/load-balancer.js';
import { mirrorDefaults } from './schema/mirror.js';
import { outlierDetectionDefaults } from './schema/outlier-detection.js';
import type { RetriesFile } from './schema/retries.js';
import { retriesDefaults } from './schema/retries.js';
import type { SplitFile } from './schema/split.js';
import { timeoutsDefaults } from './schema/timeouts.js';
import type { WholeService } from './under-defaults.js';
import { present } from './under-defaults.js';

/**
 * How requests to a service are carried; the file's `defaults` are in it already.
 * @param directory absolute; files are read against it.
 */
export function resolvePolicies(service: WholeService, directory: string): PolicyConfigs {
  const { loadBalancer, split, mirror, retries, connectionPool, circuitBreaker, outlierDetection } = service;
  return {
    allow: service.allow,
    loadBalancer: resolveLoadBalancer(loadBalancer ?? {}),
    split: split && resolveSplit(split),
    mirror: mirror && resolveMirror(mirror),
    timeouts: { ...timeoutsDefaults, ...present(service.timeouts) },
    retries: retries && resolveRetries(retries),
    connectionPool: connectionPool && { ...connectionPoolDefaults, ...present(connectionPool) },
    circuitBreaker: circuitBreaker && resolveCircuitBreaker(circuitBreaker),
    outlierDetection: outlierDetection && resolveOutlierDetection(outlierDetection),
    ...resolveShaping(service, directory),
  };
}

function resolveLoadBalancer(file: LoadBalancerFile): LoadBalancerConfig {
  return {
    policy: resolvePolicy(file),
    slowStart: file.slowStart ?? loadBalancerDefaults.slowStart,
    stickyCookie: file.stickyCookie,
    healthyPanicThreshold: file.healthyPanicThreshold ?? loadBalancerDefaults.healthyPanicThreshold,
  };
}

/** Only what the policy looks at: `defaults` may say more, for services of another policy. */
function resolvePolicy({ policy, choiceCount, hashOn }: LoadBalancerFile): PolicyConfig {
  const kind = policy ?? loadBalancerDefaults.policy;
  switch (kind) {
    case 'round-robin':
    case 'random':
      return { kind };
    case 'least-request':
    case 'peak-ewma':
      return { kind, choiceCount: choiceCount ?? loadBalancerDefaults.choiceCount };
    case 'ring-hash':
    case 'maglev':
      if (hashOn === undefined) throw new TypeError('a policy that hashes nothing got past the rules');
      return { kind, hashOn: resolveHashKey(hashOn) };
  }
}

function resolveSplit({ versions, by }: SplitFile): SplitConfig {
  const portions = Object.entries(versions);
  const total = portions.reduce((sum, [, { amount }]) => sum + amount, 0);
  // Each share is the distance of two marks on a scale: whatever is rounded, together they are the whole.
  let sum = 0;
  let before = 0;
  const shares = portions.map(([version, { amount }]): [string, number] => {
    sum += amount;
    const mark = Math.round((sum / total) * partsOfWhole);
    const share = (mark - before) / partsOfWhole;
    before = mark;
    return [version, share];
  });
  return { shares: Object.fromEntries(shares), by: by && resolveHashKey(by) };
}

type MirrorFile = NonNullable<WholeService['mirror']>;

function resolveMirror(file: MirrorFile): MirrorConfig {
  return { target: mirrorTarget(file), percentage: file.percentage ?? mirrorDefaults.percentage };
}

function mirrorTarget({ version, service }: MirrorFile): MirrorConfig['target'] {
  if (version !== undefined) return { kind: 'version', version };
  if (service !== undefined) return { kind: 'service', service };
  throw new TypeError('a mirror without a target got past the rules');
}

function resolveRetries({ attempts, on, methods, backoff, budget }: RetriesFile): RetriesConfig {
  return {
    attempts: attempts ?? retriesDefaults.attempts,
    on: on ?? retriesDefaults.on,
    methods: methods?.map((method) => method.toUpperCase()) ?? retriesDefaults.methods,
    backoff: backoff ?? retriesDefaults.backoff,
    budget: {
      percentage: budget?.percentage ?? retriesDefaults.percentage,
      minConcurrency: budget?.minConcurrency ?? retriesDefaults.minConcurrency,
    },
  };
}

function resolveCircuitBreaker(file: NonNullable<WholeService['circuitBreaker']>): CircuitBreakerConfig {
  const { failureRate, consecutiveFailures, ...values } = { ...circuitBreakerDefaults, ...present(file) };
  const countsInARow = consecutiveFailures > 0;
  return {
    ...values,
    // To ask for the one is not to ask for the other.
    failureRate: (countsInARow && file.failureRate === undefined ? 0 : failureRate) || undefined,
    consecutiveFailures: countsInARow ? consecutiveFailures : undefined,
  };
}

function resolveOutlierDetection(file: NonNullable<WholeService['outlierDetection']>): OutlierDetectionConfig {
  const values = { ...outlierDetectionDefaults, ...present(file) };
  // As in Envoy: the default is never below what the first ejection takes.
  return {
    ...values,
    maxEjectionTime: file.maxEjectionTime ?? Math.max(values.maxEjectionTime, values.baseEjectionTime),
  };
}
