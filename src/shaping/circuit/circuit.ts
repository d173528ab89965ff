import type { Exchange } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import { isFailure, judged } from '../../exchange/verdict.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import type { Breaker } from './breaker.js';

/**
 * Lets an attempt through when the breaker does, and tells it what came of it. A service that has failed too often is left
 * alone for a while, and its callers need not wait for it to fail again.
 *
 * @param breakerOf that of the exchange's service, or of the instance that was chosen
 * @param nameOf whom the breaker guards, for people
 * @throws circuit_open
 */
export function circuit(breakerOf: (exchange: Exchange) => Breaker, nameOf: (exchange: Exchange) => string): Layer {
  return async (exchange, next) => {
    const admission = breakerOf(exchange).admit();
    if (admission.kind === 'refused') throw refused(exchange, nameOf(exchange), admission.retryAfterMs);
    await judged(exchange, next, (verdict) => {
      if (verdict === 'none') admission.forget();
      else admission.done(isFailure(verdict));
    });
  };
}

/** @param retryAfter milliseconds; 0 while it is being tried */
function refused({ service }: Exchange, name: string, retryAfter: number): MeshError {
  const until = retryAfter === 0 ? 'and is being tried' : `for another ${formatDuration(Math.ceil(retryAfter))}`;
  return new MeshError('circuit_open', `The circuit breaker of ${name} is open ${until}`, {
    retryAfter,
    hint: `Look at \`mesh inspect ${service}\` for why, and when it is tried again.`,
  });
}
