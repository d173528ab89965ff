import type { RateLimitConfig } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import type { Admission, RateLimiter } from './limiter.js';
import { keyOf } from './rate-limit-key.js';
import { rateLimited } from './refusal.js';

/**
 * Gives a service no more requests than it is to be given: those that come too fast wait in a line, or are refused. It runs
 * inside of the request's timeout, so one that would still be in the line when that comes is refused as well.
 *
 * @param requestTimeout milliseconds; 0 is without limit
 * @throws rate_limited, or what aborted the exchange while it waited
 */
export function rateLimit(
  config: RateLimitConfig,
  limiter: RateLimiter,
  { clock, requestTimeout }: { readonly clock: Clock; readonly requestTimeout: number },
): Layer {
  const keyFor = keyOf(config.by);
  const patience = requestTimeout === 0 ? config.maxDelay : Math.min(config.maxDelay, requestTimeout);
  return (exchange, next) => {
    const admission = limiter.take(keyFor(exchange), patience);
    if (admission.kind === 'refused') throw rateLimited(exchange, config, patience, admission.retryAfter);
    return admission.kind === 'passed' ? next(exchange) : turnOf(exchange, admission, clock).then(() => next(exchange));
  };
}

/** @throws what aborted the exchange: also one whose turn came in the same moment, for nobody waits for its answer */
async function turnOf(exchange: Exchange, waiting: Queued, clock: Clock): Promise<void> {
  const since = clock.monotonic();
  const leave = () => waiting.leave();
  exchange.onAbort(leave);
  await waiting.turn;
  exchange.offAbort(leave);
  exchange.waited('rate-limit', since, clock.monotonic());
  if (exchange.abortedBy !== undefined) throw exchange.abortedBy;
}

type Queued = Extract<Admission, { kind: 'queued' }>;
