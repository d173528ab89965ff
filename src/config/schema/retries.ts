import { z } from 'zod';
import { formatDuration, formatPercentage } from '../../foundation/units.js';
import { list, section } from './section.js';
import { percentage } from './shares.js';
import { choice, duration, expect, integer, onlyFalse, text, token, withDefault } from './values.js';

export const retriesDefaults = {
  attempts: 2,
  on: ['connect-failure', 'reset', 'gateway-error'],
  /** Idempotent: to do it twice is to do it once (RFC 9110 §9.2.2). */
  methods: ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'],
  /** Milliseconds. */
  backoff: 25,
  percentage: 0.2,
  minConcurrency: 3,
} as const;

const mostAttempts = 10;

const attempts = () => integer(1, mostAttempts);

const condition = z.union(
  [
    choice(['connect-failure', 'reset', 'refused-stream', '5xx', 'gateway-error', 'retriable-4xx']),
    integer(400, 599, 'a status from 400 to 599'),
  ],
  { error: expect('a condition such as `connect-failure`, or a status from 400 to 599') },
);

const share = () =>
  withDefault(
    percentage(),
    'Retries may be this share of the requests of the last ten seconds. Envoy: budget_percent.',
    formatPercentage(retriesDefaults.percentage),
  );

const budgetMapping = section({
  percentage: share().optional(),
  minConcurrency: withDefault(
    integer(0, 1_000),
    'So many retries at once are allowed in any case; each of these places counts at most ten times a second. Envoy: min_retry_concurrency.',
    retriesDefaults.minConcurrency,
  ).optional(),
});

const budget = z.union(
  [share().transform((percent): z.output<typeof budgetMapping> => ({ percentage: percent })), budgetMapping],
  {
    error: expect('a percentage such as `20%`, or a mapping with `percentage`'),
  },
);

const mapping = section({
  attempts: withDefault(
    attempts(),
    'How often a request is tried again, at most. Envoy: num_retries, there 1. Istio and Gateway API: attempts.',
    retriesDefaults.attempts,
  ).optional(),
  on: list(condition.describe('A word of Envoy’s, or a status.'), 'conditions, such as `[connect-failure, 503]`')
    .describe(
      `What is tried again, in Envoy’s words: \`connect-failure\` (no connection was made), \`reset\` (there was no answer: it was not connected, or the connection ended, or \`perTry\` was over), \`refused-stream\` (an HTTP/2 instance refused the stream; of HTTP/1.1, which the gateway speaks, there is none), \`gateway-error\` (502, 503, 504), \`5xx\` (500 to 599, or no answer), \`retriable-4xx\` (409); or statuses. Default ${retriesDefaults.on.join(', ')}: what Istio’s users expect, and the answers of a gateway on the way. Envoy: retry_on, retriable_status_codes. Gateway API: codes.`,
    )
    .optional(),
  methods: list(text('an HTTP method such as `GET`', token).describe('A method.'), 'methods, such as `[GET]`')
    .describe(
      `The methods that may be tried again. Default ${retriesDefaults.methods.join(', ')}: those that do the same when done twice (RFC 9110 §9.2.2). Envoy and Istio try every method.`,
    )
    .optional(),
  backoff: withDefault(
    duration({ zero: 'allowed' }),
    'The pause before an attempt is drawn by chance: the first one is at most this, each further one at most twice as long, and none longer than ten times. Envoy: retry_back_off.base_interval. Istio: backoff.',
    formatDuration(retriesDefaults.backoff),
  ).optional(),
  budget: budget
    .describe(
      'Keeps retries from finishing off a service that is down: retries may be this percentage of the requests of the last ten seconds, beside `minConcurrency` retries at once, of which each place counts at most ten times a second. A percentage, or a mapping. Default 20%, and three at once. Envoy: retry_budget. Gateway API: retryConstraint.',
    )
    .optional(),
});

export type RetriesFile = z.output<typeof mapping>;

export const retries = z
  .union(
    [
      onlyFalse(),
      integer(1, mostAttempts, `a whole number from 1 to ${mostAttempts} (or \`false\`)`).transform(
        (value): RetriesFile => ({ attempts: value }),
      ),
      mapping,
    ],
    { error: expect('a number of attempts such as `2`, a mapping with `attempts`, or `false`') },
  )
  .describe(
    'Requests that failed are tried again, at another instance where there is one, for as long as nothing of an answer was passed on and the body has at most 64KiB: a number of attempts, or a mapping. Default: none; only a connection that was not made is tried elsewhere. `false` switches off what `defaults` say. Envoy: retry_policy. Istio and Gateway API: retry.',
  );
