import { z } from 'zod';
import { nearest } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import type { RateLimitKey } from '../shaping-configs.js';
import { section } from './section.js';
import { choice, coded, contradiction, duration, expect, integer, onlyFalse, rate, withDefault } from './values.js';

export const rateLimitDefaults = {
  /** Who asks for a rate wants it even. What comes at once is not lost by that, for excess is delayed. */
  burst: 1,
  by: { kind: 'service' },
  excess: 'delay',
  /** Milliseconds: a person still waits, and so does a client with the usual timeouts. */
  maxDelay: 2_000,
} as const;

const keyForms = ['service', 'client', 'caller', 'header:NAME', 'cookie:NAME'];

/** A header field or a cookie is a token (RFC 9110 §5.6.2). */
const keyPattern = /^(?:service|client|caller|(?:header|cookie):[!#$%&'*+.^_`|~0-9A-Za-z-]+)$/;

const key = coded('`service`, `client`, `caller`, `header:NAME` or `cookie:NAME`', keyPattern, {
  read: readKey,
  hintFor: (value) => {
    const near = nearest(value, keyForms);
    return near === undefined ? undefined : `did you mean \`${near}\`?`;
  },
});

function readKey(text: string): RateLimitKey {
  const [kind = '', ...rest] = text.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'header':
      return { kind, name: name.toLowerCase() };
    case 'cookie':
      return { kind, name };
    case 'client':
    case 'caller':
      return { kind };
    default:
      return { kind: 'service' };
  }
}

const mapping = section({
  rate: rate().describe(
    'How many requests pass in a second, a minute or an hour: `100/s`, `30/m`, `0.5/s`. Needed. Envoy: token_bucket. Traefik: average and period. NGINX: rate of limit_req_zone.',
  ),
  burst: withDefault(
    integer(1, 1_000_000),
    'How many requests pass at once after a rest. With 1 they pass one by one, evenly spaced; with `excess: reject` give it as many as may come together. Envoy: max_tokens. Traefik: burst, there 1, too. NGINX: burst is how many may wait.',
    rateLimitDefaults.burst,
  ).optional(),
  by: withDefault(
    key,
    'Whose requests are counted together: `service` (all), `client` (those of one address), `caller` (those of one service of the mesh), `header:NAME` or `cookie:NAME` (those with the same value). Traefik: sourceCriterion. NGINX: the key of limit_req_zone. Envoy: descriptors.',
    rateLimitDefaults.by.kind,
  ).optional(),
  excess: withDefault(
    choice(['delay', 'reject']),
    'What becomes of requests that come too fast: `delay` lets them wait for their turn, `reject` answers with a 429 and Retry-After at once. NGINX delays, too, and rejects what is beyond `burst`; Envoy and Traefik reject.',
    rateLimitDefaults.excess,
  ).optional(),
  maxDelay: withDefault(
    duration({ zero: 'refused' }),
    'A request that would wait for longer is answered with a 429 at once. Belongs to `excess: delay`. Traefik has half of the pause between two requests, and 500ms at most.',
    formatDuration(rateLimitDefaults.maxDelay),
  ).optional(),
}).superRefine(({ excess, maxDelay }, context) => {
  if (excess !== 'reject' || maxDelay === undefined) return;
  context.addIssue(contradiction('`maxDelay` means nothing beside `excess: reject`: nobody waits', ['maxDelay']));
});

export type RateLimitFile = z.output<typeof mapping>;

const short = rate().transform((value): RateLimitFile => ({ rate: value }));

const description =
  'Smooths the requests to the service: so many a second pass, the others wait for their turn. A rate such as `100/s`, or a mapping. Envoy: local_ratelimit. Traefik: RateLimit. NGINX: limit_req. Linkerd: HTTPLocalRateLimitPolicy.';

/** Where there is nothing to be switched off. */
export const rateLimitAlone = z
  .union([short, mapping], { error: expect('a rate such as `100/s`, or a mapping with `rate`') })
  .describe(description);

export const rateLimit = z
  .union([onlyFalse(), short, mapping], {
    error: expect('a rate such as `100/s`, a mapping with `rate`, or `false`'),
  })
  .describe(`${description} Default: none. \`false\` switches off what \`defaults\` say.`);
