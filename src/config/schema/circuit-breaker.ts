import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { sectionOrOff } from './section.js';
import { percentage } from './shares.js';
import { choice, duration, integer, withDefault } from './values.js';

/** Durations are milliseconds. */
export const circuitBreakerDefaults = {
  per: 'service',
  failureRate: 0.5,
  minimumRequests: 20,
  consecutiveFailures: 0,
  window: 10_000,
  openFor: 10_000,
  probes: 1,
} as const;

export const circuitBreaker = sectionOrOff({
  failureRate: withDefault(
    percentage(),
    'The circuit opens when this share of the answers in the window are failures: a 5xx, or no answer. 0 is not to look at it, which is the default where `consecutiveFailures` is given. Traefik: ResponseCodeRatio.',
    formatPercentage(circuitBreakerDefaults.failureRate),
  ).optional(),
  consecutiveFailures: withDefault(
    integer(0, 10_000),
    'The circuit opens after so many failures in a row. 0 is not to count them. Dapr: consecutiveFailures.',
    circuitBreakerDefaults.consecutiveFailures,
  ).optional(),
  minimumRequests: withDefault(
    integer(1, 1_000_000),
    'The failure rate says nothing below so many answers in the window.',
    circuitBreakerDefaults.minimumRequests,
  ).optional(),
  window: withDefault(
    duration({ zero: 'refused' }),
    'The time over which the failure rate is taken: up to now, and sliding along.',
    formatDuration(circuitBreakerDefaults.window),
  ).optional(),
  openFor: withDefault(
    duration({ zero: 'refused' }),
    'How long an open circuit lets nothing through, before probes are sent. Dapr: timeout. Traefik: fallbackDuration.',
    formatDuration(circuitBreakerDefaults.openFor),
  ).optional(),
  probes: withDefault(
    integer(1, 100),
    'How many requests are then let through; all must succeed to close the circuit, and one that fails opens it again. Dapr: maxRequests.',
    circuitBreakerDefaults.probes,
  ).optional(),
  per: withDefault(
    choice(['service', 'instance']),
    'Whose failures are counted, and who is then left alone: the `service`, whose callers get a 503 with Retry-After, or each `instance`, while others serve.',
    circuitBreakerDefaults.per,
  ).optional(),
}).describe(
  'Leaves a failing service alone for a while: closed, open, half-open. `{}` opens at half of the answers. Default: none. `false` switches off what `defaults` say. What Envoy calls circuit breakers are limits: see `connectionPool`. Dapr: circuitBreakers. Traefik: CircuitBreaker.',
);
