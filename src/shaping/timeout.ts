import type { Layer } from '../exchange/layer.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { formatDuration } from '../foundation/units.js';
import { hasBody } from '../http1/vet.js';

/**
 * Ends an exchange whose response head is not there in time. The time runs from the last byte of the request, so that a long
 * upload is not cut; nor is what follows the head (a long body, an event stream, an upgraded connection).
 *
 * @param limit milliseconds from the end of the request to the response head, over all attempts
 * @throws request_timeout
 */
export function timeout(clock: Clock, limit: number): Layer {
  return async (exchange, next) => {
    const { body, fields } = exchange.request;
    let cancel: Cancel = () => {};
    const start = () => {
      cancel = clock.after(limit, () => exchange.abort(timedOut(exchange.service, limit)));
    };
    if (hasBody(fields)) body.once('end', start);
    else start();
    try {
      await next();
    } finally {
      body.off('end', start);
      cancel();
    }
  };
}

function timedOut(service: string | undefined, limit: number): MeshError {
  return new MeshError('request_timeout', `\`${service}\` did not answer within ${formatDuration(limit)}`);
}
