import type { Exchange } from '../exchange/exchange.js';
import type { Layer, Next } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';
import type { ConnectionSlots, Slot, Taking } from './connection-slots.js';

/**
 * Keeps a service at no more connections than it may have: an attempt that finds all of them busy waits for one, in the
 * order of coming, and within the timeouts of its request. Envoy: circuit_breakers.max_connections, max_pending_requests.
 *
 * @throws pool_overflow, or what aborted the attempt while it waited
 */
export function connectionPool(slots: ConnectionSlots): Layer {
  return async (exchange, next) => {
    const taking = slots.take();
    if (taking.kind === 'refused') throw overflow(exchange, slots);
    const slot = taking.kind === 'taken' ? taking : await turnOf(exchange, taking);
    await holding(slot, exchange, next);
  };
}

/** @throws what aborted the attempt */
async function turnOf(exchange: Exchange, waiting: Extract<Taking, { kind: 'queued' }>): Promise<Slot> {
  let reason = new MeshError('internal', 'the queue let go of a request');
  const forget = exchange.onAttemptAbort((given) => {
    reason = given;
    waiting.leave();
  });
  const slot = await waiting.slot;
  forget();
  if (slot === undefined) throw reason;
  return slot;
}

/** The connection is busy until the answer is here, or until the attempt has failed. */
async function holding(slot: Slot, exchange: Exchange, next: Next): Promise<void> {
  try {
    await next();
  } catch (thrown) {
    slot.release();
    throw thrown;
  }
  exchange.onAttemptOver(() => slot.release());
}

function overflow({ service }: Exchange, { used, waiting }: ConnectionSlots): MeshError {
  const message = `All ${used} connections to \`${service}\` are busy, and ${waiting} requests wait for one`;
  return new MeshError('pool_overflow', message, { retryAfter: 1_000 });
}
