import type { Priority } from '../../config/shaping-configs.js';
import { begun } from '../../exchange/begun.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Handler, Layer } from '../../exchange/layer.js';
import type { Clock } from '../../foundation/clock.js';
import { MeshError, toMeshError } from '../../foundation/errors.js';
import type { Admission, ConcurrencyLimiter, Slot } from './limiter.js';

/** Milliseconds after which a client that was refused may ask again. */
const retryAfter = 1_000;

/**
 * Gives a service no more requests at once than its limit says: one too many waits for its turn, by priority, within
 * `maxWait` and the timeouts of its request. Envoy: the adaptive_concurrency filter, or max_requests of a circuit breaker.
 *
 * @throws overloaded, or what aborted the exchange while it waited
 */
export function concurrency(
  limiter: ConcurrencyLimiter,
  clock: Clock,
  priorityOf: (exchange: Exchange) => Priority,
): Layer {
  return (exchange, next) => {
    const admission = limiter.take(priorityOf(exchange));
    if (admission.kind === 'refused') throw overloaded(exchange, limiter);
    if (admission.kind === 'taken') return holding(admission, exchange, next, clock);
    return turnOf(exchange, admission, limiter, clock).then((slot) => holding(slot, exchange, next, clock));
  };
}

/** @throws overloaded, or what aborted the exchange */
async function turnOf(exchange: Exchange, waiting: Queued, limiter: ConcurrencyLimiter, clock: Clock): Promise<Slot> {
  const since = clock.monotonic();
  const leave = () => waiting.leave();
  exchange.onAbort(leave);
  const turn = await waiting.turn;
  exchange.offAbort(leave);
  exchange.waited('concurrency', since, clock.monotonic());
  if (turn.kind === 'taken') return turn;
  throw exchange.abortedBy ?? overloaded(exchange, limiter);
}

type Queued = Extract<Admission, { kind: 'queued' }>;

/** The request is under way until its answer is here, or until it has failed; an upgraded one while its tunnel is open. Under a limit that adapts: until the head of the answer. */
function holding(slot: Slot, exchange: Exchange, next: Handler, clock: Clock): Promise<void> {
  return begun(slot.isSampled ? () => sampling(slot, exchange, next, clock) : next, exchange).then(
    () => {
      slot.answered();
      exchange.onAttemptOver(() => slot.release());
    },
    (thrown: unknown) => {
      slot.release();
      throw thrown;
    },
  );
}

async function sampling(slot: Slot, exchange: Exchange, next: Handler, clock: Clock): Promise<void> {
  const elapsed = sinceRequest(exchange, clock);
  try {
    await next(exchange);
  } catch (thrown) {
    if (isTimeout(toMeshError(thrown))) slot.sample({ wasDropped: true, rttMs: elapsed() });
    throw thrown;
  }
  const status = exchange.response?.status;
  if (status !== undefined) slot.sample({ wasDropped: isRefusal(status), rttMs: elapsed() });
}

/** Milliseconds since all of the request was given to the service: how long its client took to send it says nothing. */
function sinceRequest({ request: { body } }: Exchange, clock: Clock): () => number {
  let since = clock.monotonic();
  if (!body.isTaken) {
    body.whenTaken(() => {
      since = clock.monotonic();
    });
  }
  return () => clock.monotonic() - since;
}

/** The service itself says that it has too much. */
function isRefusal(status: number): boolean {
  return status === 503 || status === 429;
}

function isTimeout({ code }: MeshError): boolean {
  return code === 'request_timeout' || code === 'per_try_timeout' || code === 'connect_timeout';
}

function overloaded({ service }: Exchange, { underWay, limit, waiting }: ConcurrencyLimiter): MeshError {
  const message = `\`${service}\` has ${underWay} requests under way, with a limit of ${limit}, and ${waiting} waiting`;
  return new MeshError('overloaded', message, { retryAfter });
}
