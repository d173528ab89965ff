import type { Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { formatDuration } from '../foundation/units.js';

/**
 * Ends an exchange whose response head is not there in time. What follows the head (a long body, an event stream, an
 * upgraded connection) is not cut.
 *
 * @param limit milliseconds from the request head to the response head, over all attempts
 * @throws request_timeout
 */
export function timeout(clock: Clock, limit: number): Layer {
  return async (exchange, next) => {
    const cancel = clock.after(limit, () =>
      exchange.abort(
        new MeshError('request_timeout', `\`${exchange.service}\` did not answer within ${formatDuration(limit)}`),
      ),
    );
    try {
      await next();
    } finally {
      cancel();
    }
  };
}
