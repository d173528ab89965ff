import { anonymousCaller } from '../config/schema/allow.js';
import type { Layer } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';

/**
 * Lets through only the callers that the service names. A caller is known by the door it comes through (DESIGN §6.4), not by
 * what it says of itself. Istio: AuthorizationPolicy ALLOW, from source principals.
 *
 * @throws not_allowed
 */
export function authorise(allowed: readonly string[]): Layer {
  const isAllowed = new Set(allowed);
  return (exchange, next) => {
    const caller = exchange.caller ?? anonymousCaller;
    if (isAllowed.has(caller)) return next(exchange);
    const rule = `services.${exchange.service}.allow: [${allowed.join(', ')}]`;
    const who = caller === anonymousCaller ? 'An anonymous caller' : `\`${caller}\``;
    throw new MeshError('not_allowed', `${who} may not call \`${exchange.service}\`, by the rule \`${rule}\``, {
      hint: `Add \`${caller}\` to that list, or call from a service that is in it${caller === anonymousCaller ? ', by its *_URL' : ''}.`,
    });
  };
}
