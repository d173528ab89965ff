import type { RateLimitConfig } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration, formatRate } from '../../foundation/units.js';

/** @param patience milliseconds that it could have waited @param retryAfter milliseconds */
export function rateLimited(
  exchange: Exchange,
  config: RateLimitConfig,
  patience: number,
  retryAfter: number,
): MeshError {
  const reason =
    config.excess === 'delay' ? `this one would wait longer than ${formatDuration(patience)}` : 'this is one too many';
  const message = `\`${exchange.service}\` is given ${paceText(config)} ${whose(config, exchange)}, and ${reason}`;
  const seconds = toSeconds(retryAfter);
  return new MeshError('rate_limited', message, { retryAfter: seconds * 1_000, fields: quotaFields(config, seconds) });
}

/**
 * draft-ietf-httpapi-ratelimit-headers, and the older X-RateLimit fields for those who know only these.
 *
 * A quota and its window say less than a bucket does, so what is told is the largest promise that is kept however a client
 * spreads its requests: no more than a burst in any time in which a burst is poured in again is never too much. The rate
 * times a window would be nearer to what passes in the long run, and be refused to a client that sends it at once. The draft
 * has windows of whole seconds only, and of one at least: it is rounded up, and so promises too little rather than too much.
 *
 * `t` is the time in which nothing more is to be had, and the draft wants Retry-After to be no earlier than that: they are
 * one number.
 */
function quotaFields({ rate, burst }: RateLimitConfig, seconds: number): string[] {
  const window = toSeconds((burst * 1_000) / rate);
  return [
    'RateLimit-Policy',
    `"default";q=${burst};w=${window}`,
    'RateLimit',
    `"default";r=0;t=${seconds}`,
    'X-RateLimit-Limit',
    String(burst),
    'X-RateLimit-Remaining',
    '0',
    'X-RateLimit-Reset',
    String(seconds),
  ];
}

/** Seconds: what is less comes from reckoning in fractions, and is no reason for a whole second more. */
const dust = 1e-6;

/** Milliseconds → whole seconds, rounded up, and one at least. */
function toSeconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1_000 - dust));
}

/** `100/s (20 at once)` */
function paceText({ rate, burst }: RateLimitConfig): string {
  return `${formatRate(rate)} (${burst} at once)`;
}

/** Whose requests are counted. The value of a field or a cookie may be a secret, and is not said. */
function whose({ by }: RateLimitConfig, { client, caller }: Exchange): string {
  switch (by.kind) {
    case 'service':
      return 'of all its clients together';
    case 'client':
      return `of each client address (this is ${client.host})`;
    case 'caller':
      return `of each calling service (this is ${caller === undefined ? 'none that the mesh knows' : `\`${caller}\``})`;
    case 'header':
      return `with the same value of the header \`${by.name}\``;
    case 'cookie':
      return `with the same value of the cookie \`${by.name}\``;
  }
}
