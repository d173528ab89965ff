import type { Exchange } from '../exchange/exchange.js';
import type { Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { MeshError } from '../foundation/errors.js';
import type { Registry } from '../registry/registry.js';

/** Milliseconds. A program under development is back within a few seconds; whoever waits longer wants to be told why. */
const holdLimit = 10_000;

/** Resolves when somebody serves the service, or when it is clear that no process is about to; or when the signal aborts. */
export type WhenServed = (service: string, signal: AbortSignal) => Promise<void>;

export interface HoldRooms {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly whenServed: WhenServed;
  /** Aborted when the gateway closes: nobody is waited for any more. */
  readonly closing: AbortSignal;
}

/**
 * Holds a request for a service that nobody serves just now and that the mesh is starting: a restart after a change of its
 * files, or of the mesh file, is felt as a pause and not seen as an error.
 *
 * @throws shutting_down, or what aborted the exchange
 */
export function hold(rooms: HoldRooms): Layer {
  return (exchange, next) => {
    const isServed = rooms.registry.service(exchange.service ?? '')?.routable.length !== 0;
    return isServed ? next(exchange) : held(exchange, rooms).then(() => next(exchange));
  };
}

/** @throws shutting_down, or what aborted the exchange */
async function held(exchange: Exchange, { clock, whenServed, closing }: HoldRooms): Promise<void> {
  const since = clock.monotonic();
  const enough = new AbortController();
  const cancel = clock.after(holdLimit, () => enough.abort());
  const giveUp = () => enough.abort();
  exchange.onAbort(giveUp);
  try {
    await whenServed(exchange.service ?? '', AbortSignal.any([enough.signal, closing]));
  } finally {
    cancel();
    exchange.offAbort(giveUp);
    exchange.waited('start', since, clock.monotonic());
  }
  if (exchange.abortedBy !== undefined) throw exchange.abortedBy;
  if (closing.aborted) throw new MeshError('shutting_down');
}
