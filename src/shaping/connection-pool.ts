import { begun } from '../exchange/begun.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { ConnectionSlots, Slot, Taking } from './connection-slots.js';

/**
 * Keeps a service at no more connections than it may have: an attempt that finds all of them busy waits for one, in the
 * order of coming, and within the timeouts of its request. Envoy: circuit_breakers.max_connections, max_pending_requests.
 *
 * @throws pool_overflow, or what aborted the attempt while it waited
 */
export function connectionPool(slots: ConnectionSlots, clock: Clock): Layer {
  return (exchange, next) => {
    const taking = slots.take();
    if (taking.kind === 'refused') throw overflow(exchange, slots);
    if (taking.kind === 'taken') return holding(taking, exchange, next);
    return turnOf(exchange, taking, slots, clock).then((slot) => holding(slot, exchange, next));
  };
}

/** @throws what aborted the exchange */
async function turnOf(exchange: Exchange, waiting: Queued, slots: ConnectionSlots, clock: Clock): Promise<Slot> {
  const since = clock.monotonic();
  const leave = () => waiting.leave();
  exchange.onAttemptAbort(leave);
  const slot = await waiting.slot;
  exchange.offAttemptAbort(leave);
  exchange.waited('connection-pool', since, clock.monotonic());
  if (slot !== undefined) return slot;
  if (exchange.abortedBy?.code !== 'request_timeout') throw exchange.abortedBy ?? overflow(exchange, slots);
  // It was never asked: to say that it did not answer would send people to look in the wrong place.
  throw new MeshError(
    'request_timeout',
    `\`${exchange.service}\` had none of its ${slots.used} connections free in time`,
    {
      hint: 'Raise `connectionPool.maxConnections` of the service, or look at why it is slow.',
    },
  );
}

type Queued = Extract<Taking, { kind: 'queued' }>;

/** The connection is busy until the answer is here, or until the attempt has failed. */
function holding(slot: Slot, exchange: Exchange, next: Handler): Promise<void> {
  return begun(next, exchange).then(
    () => exchange.onAttemptOver(() => slot.release()),
    (thrown: unknown) => {
      slot.release();
      throw thrown;
    },
  );
}

function overflow({ service }: Exchange, { used, waiting }: ConnectionSlots): MeshError {
  const message = `\`${service}\` has ${used} busy connections, all that it may have, and ${waiting} waiting for one`;
  return new MeshError('pool_overflow', message, { retryAfter: 1_000 });
}
