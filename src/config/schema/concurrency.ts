import { z } from 'zod';
import { formatDuration } from '../../foundation/units.js';
import { section } from './section.js';
import { duration, expect, integer, onlyFalse, scalar, text, token, withDefault } from './values.js';

export const concurrencyDefaults = {
  queue: 100,
  /** Milliseconds. */
  maxWait: 1_000,
} as const;

const most = 1_000_000;

const limit = () => {
  const error = expect(`a whole number from 1 to ${most}, or \`adaptive\``);
  const number = z.number({ error }).int({ error }).min(1, { error }).max(most, { error });
  const schema = z.union([number, z.literal('adaptive', { error })], { error });
  return scalar(schema, (value) => (/^\d+$/.test(value) ? Number(value) : value));
};

const mapping = section({
  limit: limit().describe(
    'How many requests the service is given at once. `adaptive` finds it out: as many as it answers without queueing them itself. Needed. Envoy: max_requests, and the filter adaptive_concurrency. Istio: http2MaxRequests. Traefik: InFlightReq amount. HAProxy: maxconn of a server.',
  ),
  queue: withDefault(
    integer(0, most),
    'How many more requests may wait for their turn; one more is answered with a 503 at once. 0 lets nobody wait. HAProxy: maxqueue, there without limit. Envoy: max_pending_requests, there 1024, for connections. Traefik has no queue.',
    concurrencyDefaults.queue,
  ).optional(),
  maxWait: withDefault(
    duration({ zero: 'refused' }),
    'How long each of them waits at most; then it is answered with a 503. HAProxy: timeout queue, there that of connecting.',
    formatDuration(concurrencyDefaults.maxWait),
  ).optional(),
  priority: section({
    header: text('the name of a header field', token).describe(
      'The header field in which a request says `high`, `normal` or `low`; anything else is normal.',
    ),
  })
    .describe(
      'Who goes first: `{ header: x-priority }` believes what that field of the request says; the `priority` of a route wins over it. Default: only routes say it. HAProxy: set-priority-class.',
    )
    .optional(),
});

export type ConcurrencyFile = z.output<typeof mapping>;

const short = limit().transform((value): ConcurrencyFile => ({ limit: value }));

const description =
  'Limits how many requests the service is given at once; the others wait in a queue. A number such as `50`, `adaptive`, or a mapping. Envoy: circuit_breakers.max_requests, adaptive_concurrency. Istio: connectionPool.http. Traefik: InFlightReq.';

/** Where there is nothing to be switched off. */
export const concurrencyAlone = z
  .union([short, mapping], { error: expect('a number such as `50`, `adaptive`, or a mapping with `limit`') })
  .describe(description);

export const concurrency = z
  .union([onlyFalse(), short, mapping], {
    error: expect('a number such as `50`, `adaptive`, a mapping with `limit`, or `false`'),
  })
  .describe(`${description} Default: none. \`false\` switches off what \`defaults\` say.`);
