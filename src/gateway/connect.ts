import type { Exchange } from '../exchange/exchange.js';
import { formatAddress } from '../foundation/address.js';
import type { Clock } from '../foundation/clock.js';
import { errnoOf, MeshError } from '../foundation/errors.js';
import { lookupBoth } from '../foundation/localhost.js';
import { formatDuration } from '../foundation/units.js';
import type { Instance } from '../registry/instance.js';
import { UpstreamSocket } from './upstream-socket.js';

export interface Call {
  readonly exchange: Exchange;
  readonly instance: Instance;
  /** Milliseconds until the instance has accepted the connection; 0 is without limit. */
  readonly connectTimeout: number;
  readonly clock: Clock;
}

/**
 * Opens a connection to the instance.
 *
 * @throws connect_failed, connect_timeout, or what aborted the exchange
 */
export function connectTo({ exchange, instance, connectTimeout, clock }: Call): Promise<UpstreamSocket> {
  return new Promise((resolve, reject) => {
    if (exchange.abortedBy !== undefined) return reject(exchange.abortedBy);
    const socket = new UpstreamSocket();
    const giveUp = (reason: MeshError) => {
      settle();
      socket.on('error', () => {}).destroy();
      reject(reason);
    };
    const failed = (error: Error) => giveUp(connectFailed(instance, error));
    const cancelTimer =
      connectTimeout === 0
        ? () => {}
        : clock.after(connectTimeout, () => giveUp(connectTimedOut(instance, connectTimeout)));
    const settle = () => {
      cancelTimer();
      exchange.offAttemptAbort(giveUp);
      socket.off('error', failed);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      settle();
      resolve(socket);
    });
    const { host, port } = instance.address;
    socket.connect({ host, port, lookup: lookupBoth, noDelay: true });
    exchange.onAttemptAbort(giveUp);
  });
}

/** `orders` at 127.0.0.1:4001 */
export function nameOf({ service, address }: Instance): string {
  return `\`${service}\` at ${formatAddress(address)}`;
}

export function connectTimedOut(instance: Instance, limit: number): MeshError {
  return new MeshError(
    'connect_timeout',
    `${nameOf(instance)} did not accept a connection within ${formatDuration(limit)}`,
  );
}

export function connectFailed(instance: Instance, cause: Error): MeshError {
  const code = errnoOf(cause);
  const what = code === 'ECONNREFUSED' ? 'refuses connections' : `cannot be connected to (${code ?? cause.message})`;
  return new MeshError('connect_failed', `${nameOf(instance)} ${what}`, { cause });
}
