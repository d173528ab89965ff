import type { Exchange } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import { isFailure, judged } from '../../exchange/verdict.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import type { Instance } from '../../registry/instance.js';
import type { Breaker } from './breaker.js';

/**
 * Lets an attempt through when the breaker does, and tells it what came of it. A service that has failed too often is left
 * alone for a while, and its callers need not wait for it to fail again.
 *
 * @param guardedOf whom the breaker guards: the instance that was chosen; undefined for the exchange's service
 * @param breakerOf the breaker of that
 * @param nameOf the same, for people
 * @throws circuit_open
 */
export function circuit(
  guardedOf: (exchange: Exchange) => Instance | undefined,
  breakerOf: (guarded: Instance | undefined) => Breaker,
  nameOf: (exchange: Exchange) => string,
): Layer {
  return (exchange, next) => {
    const guarded = guardedOf(exchange);
    const admission = breakerOf(guarded).admit();
    if (admission.kind === 'refused') {
      exchange.passOver(guarded, admission.met);
      throw refused(exchange, nameOf(exchange), admission.retryAfterMs);
    }
    exchange.circuit = admission.met;
    return judged(exchange, next, (verdict) => {
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
