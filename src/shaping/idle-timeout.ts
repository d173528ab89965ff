import { begun } from '../exchange/begun.js';
import type { Exchange, ExchangeResponse } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import { formatDuration } from '../foundation/units.js';

/**
 * Cuts an exchange in which nothing moves once its answer has begun: an event stream that fell silent, a WebSocket that
 * nobody uses. A client that does not read what is there is not silent. Envoy: stream_idle_timeout.
 *
 * @param limit milliseconds; a stream is cut when between one and two of them have passed without a byte
 */
export function idleTimeout(clock: Clock, limit: number): Layer {
  return (exchange, next) =>
    begun(next, exchange).then(() => {
      if (exchange.response === undefined) watchTunnel(exchange, limit);
      else watchStream(exchange, exchange.response, clock, limit);
    });
}

function watchStream(exchange: Exchange, { body }: ExchangeResponse, clock: Clock, limit: number): void {
  if (body.isComplete || body.hasFailed) return; // as most answers that are small
  const moved = () => body.received + exchange.request.body.received;
  let before = moved();
  const look = () => {
    const now = moved();
    if (now === before && !body.isHeldBack) return exchange.abort(idled(exchange, limit));
    before = now;
    cancel = clock.after(limit, look);
  };
  let cancel = clock.after(limit, look);
  body.whenSettled(() => cancel());
}

function watchTunnel(exchange: Exchange, limit: number): void {
  const socket = exchange.request.upgrade?.socket; // all that either side says goes through it
  socket?.setTimeout(limit, () => socket.destroy());
}

function idled({ service }: Exchange, limit: number): MeshError {
  return new MeshError(
    'idle_timeout',
    `Nothing moved between \`${service}\` and its client for ${formatDuration(limit)}`,
  );
}
