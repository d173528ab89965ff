import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { sectionOrOff } from './section.js';
import { percentage } from './shares.js';
import { decimal, duration, integer, withDefault } from './values.js';

/** Durations are milliseconds. */
export const outlierDetectionDefaults = {
  consecutive5xx: 5,
  consecutiveGatewayFailure: 0,
  interval: 10_000,
  baseEjectionTime: 30_000,
  maxEjectionTime: 300_000,
  maxEjectionPercent: 0.5,
  successRateMinimumHosts: 5,
  successRateRequestVolume: 100,
  successRateStdevFactor: 1.9,
} as const;

export const outlierDetection = sectionOrOff({
  consecutive5xx: withDefault(
    integer(0, 10_000),
    'An instance is ejected after so many failures in a row: a 5xx, or no answer. 0 is not to count them. Envoy: consecutive_5xx. Istio: consecutive5xxErrors.',
    outlierDetectionDefaults.consecutive5xx,
  ).optional(),
  consecutiveGatewayFailure: withDefault(
    integer(0, 10_000),
    'An instance is ejected after so many 502, 503, 504 or missing answers in a row. 0 is not to count them; Envoy has 5, and does not enforce it. Envoy: consecutive_gateway_failure. Istio: consecutiveGatewayErrors.',
    outlierDetectionDefaults.consecutiveGatewayFailure,
  ).optional(),
  interval: withDefault(
    duration({ zero: 'refused' }),
    'The time between two comparisons of success rates. Envoy: interval.',
    formatDuration(outlierDetectionDefaults.interval),
  ).optional(),
  baseEjectionTime: withDefault(
    duration({ zero: 'refused' }),
    'How long the first ejection lasts; the second lasts twice as long, the third three times. Envoy: base_ejection_time.',
    formatDuration(outlierDetectionDefaults.baseEjectionTime),
  ).optional(),
  maxEjectionTime: withDefault(
    duration({ zero: 'refused' }),
    'How long an ejection lasts at most. Where `baseEjectionTime` is longer, that is the default. Envoy: max_ejection_time.',
    formatDuration(outlierDetectionDefaults.maxEjectionTime),
  ).optional(),
  maxEjectionPercent: withDefault(
    percentage(),
    'How many of the instances may be ejected at once. One may be ejected in any case, the last one of its version that gets requests never. Envoy has 10 %, which of two or three instances is none. Envoy: max_ejection_percent.',
    formatPercentage(outlierDetectionDefaults.maxEjectionPercent),
  ).optional(),
  successRateMinimumHosts: withDefault(
    integer(2, 1_000),
    'Success rates are compared among no fewer instances. Envoy: success_rate_minimum_hosts.',
    outlierDetectionDefaults.successRateMinimumHosts,
  ).optional(),
  successRateRequestVolume: withDefault(
    integer(1, 1_000_000),
    'An instance is compared that had no fewer requests in the interval. Envoy: success_rate_request_volume.',
    outlierDetectionDefaults.successRateRequestVolume,
  ).optional(),
  successRateStdevFactor: withDefault(
    decimal(0, 100),
    'An instance is ejected when its success rate is so many standard deviations below the mean. 0 is not to compare. Envoy: success_rate_stdev_factor, in thousandths (1900).',
    outlierDetectionDefaults.successRateStdevFactor,
  ).optional(),
}).describe(
  'Takes an instance out of rotation because of what it answers, each time for longer; but never the last instance of its version that gets requests. `{}` is all of the defaults. Default: none. `false` switches off what `defaults` say. Envoy: outlier_detection. Istio: outlierDetection.',
);
