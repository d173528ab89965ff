import { z } from 'zod';
import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { hashKey } from './hash-key.js';
import { section } from './section.js';
import { percentage } from './shares.js';
import { choice, duration, expect, integer, text, token, withDefault } from './values.js';

export const loadBalancerDefaults = {
  policy: 'round-robin',
  choiceCount: 2,
  /** Milliseconds. */
  slowStart: 0,
  healthyPanicThreshold: 0,
} as const;

const policy = () => choice(['round-robin', 'random', 'least-request', 'peak-ewma', 'ring-hash', 'maglev']);

const mapping = section({
  policy: withDefault(
    policy(),
    'Which instance gets a request, each by its weight: `round-robin` (in turns), `random`, `least-request` (of a few drawn by chance, the one with the fewest requests under way), `peak-ewma` (likewise, by latency times requests under way), `ring-hash` and `maglev` (the same instance for the same value of `hashOn`, and few values move when an instance comes or goes). Envoy: lb_policy. Istio: simple, consistentHash.',
    loadBalancerDefaults.policy,
  ).optional(),
  choiceCount: withDefault(
    integer(2, 10),
    'How many instances `least-request` and `peak-ewma` draw by chance, to take the best of them. Envoy: choice_count.',
    loadBalancerDefaults.choiceCount,
  ).optional(),
  hashOn: hashKey()
    .describe(
      'What of a request decides where `ring-hash` and `maglev` send it; a request that does not have it goes anywhere. Envoy: hash_policy. Istio: consistentHash.',
    )
    .optional(),
  slowStart: withDefault(
    duration({ zero: 'allowed' }),
    'How long an instance that has come grows from a tenth of its weight to all of it. 0 is at once. Envoy: slow_start_window. Istio: warmup.',
    formatDuration(loadBalancerDefaults.slowStart),
  ).optional(),
  stickyCookie: text('the name of a cookie', token)
    .describe(
      'A cookie, set by the gateway, by which a client stays with its instance for as long as that can serve, whatever the policy. Default: none. Envoy: cookie-based stateful sessions. Gateway API: sessionPersistence.',
    )
    .optional(),
  healthyPanicThreshold: withDefault(
    percentage(),
    'When a smaller share of the instances is healthy, all of them get traffic, the unhealthy ones too. 0 is never. Envoy has 50 %, for a fleet in which failing checks may be the checks’ own fault; on one machine an instance that fails its check is simply broken. Envoy: healthy_panic_threshold.',
    formatPercentage(loadBalancerDefaults.healthyPanicThreshold),
  ).optional(),
});

export type LoadBalancerFile = z.output<typeof mapping>;

export const loadBalancer = z
  .union([policy().transform((value): LoadBalancerFile => ({ policy: value })), mapping], {
    error: expect('a policy such as `least-request`, or a mapping with `policy`'),
  })
  .describe(
    'How requests are dealt out among the instances: the name of a policy, or a mapping. Default round-robin. Envoy: lb_policy. Istio: trafficPolicy.loadBalancer.',
  );
