import { begun } from '../exchange/begun.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Cancel, Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { formatDuration } from '../foundation/units.js';

/**
 * Ends an exchange whose response head is not there in time. The time runs from the last byte of the request, so that a long
 * upload is not cut; but a service that takes nothing of it for that long is cut. What follows the head (a long body, an
 * event stream, an upgraded connection) is not.
 *
 * @param limit milliseconds from the end of the request to the response head, over all attempts
 * @throws request_timeout
 */
export function timeout(clock: Clock, limit: number): Layer {
  return limited(clock, limit, (exchange) => {
    const message = `\`${exchange.service}\` did not answer within ${formatDuration(limit)}`;
    exchange.abort(new MeshError('request_timeout', message));
  });
}

/**
 * The same for one attempt: another may follow. Envoy: per_try_timeout.
 *
 * @throws per_try_timeout
 */
export function perTryTimeout(clock: Clock, limit: number): Layer {
  return limited(clock, limit, (exchange) => {
    const message = `\`${exchange.service}\` did not answer an attempt within ${formatDuration(limit)}`;
    exchange.abortAttempt(new MeshError('per_try_timeout', message));
  });
}

function limited(clock: Clock, limit: number, expired: (exchange: Exchange) => void): Layer {
  return (exchange, next) => {
    const expire = () => expired(exchange);
    const { body } = exchange.request;
    const cancel = body.isTaken ? clock.after(limit, expire) : uploading(clock, limit, expire, exchange.request);
    return begun(next, exchange).then(cancel, (thrown: unknown) => {
      cancel();
      throw thrown;
    });
  };
}

/** The time runs from the end of the upload, and before that while the service takes nothing of it. */
function uploading(clock: Clock, limit: number, expire: () => void, request: Exchange['request']): Cancel {
  let cancel: Cancel = () => {};
  const lookAgain = (taken: number) => {
    cancel = clock.after(limit, () => {
      if (isHeldBack(request, taken)) expire();
      else lookAgain(request.body.taken);
    });
  };
  lookAgain(request.body.taken);
  const forget = request.body.whenTaken(() => {
    cancel();
    cancel = clock.after(limit, expire);
  });
  return () => {
    forget();
    cancel();
  };
}

/** Nothing more was taken, though it is there, or was not asked for: that is the service, and not a slow client. */
function isHeldBack({ body, fields }: Exchange['request'], takenBefore: number): boolean {
  return body.taken === takenBefore && (body.isHeldBack || (fields.has('expect') && body.received === 0));
}
