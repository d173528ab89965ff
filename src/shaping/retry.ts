import type { RetriesConfig } from '../config/policy-configs.js';
import { begun } from '../exchange/begun.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
import type { Clock } from '../foundation/clock.js';
import { pause } from '../foundation/clock.js';
import type { MeshError } from '../foundation/errors.js';
import { toMeshError } from '../foundation/errors.js';
import type { Random } from '../foundation/random.js';
import { retryAfterOf } from './retry-after.js';
import type { RetryBudget } from './retry-budget.js';
import type { IsRetriable } from './retry-on.js';
import { retriableBy } from './retry-on.js';

/** Bytes of a request's body that are kept so that it can be sent again. Linkerd's limit. */
const replayLimit = 64 * 1024;

/** Milliseconds that a service may ask to be left alone for (Retry-After) where its requests have no timeout. */
const patience = 15_000;

/** No wait is longer than so many times the first one. Envoy: retry_back_off.max_interval. */
const longestBackoff = 10;

export interface RetryRooms {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the service. */
  readonly budget: RetryBudget;
  /** Milliseconds that all attempts may take together; 0 is without limit. */
  readonly requestTimeout: number;
}

/**
 * Tries again what has failed or was answered with a failure, as long as nothing of an answer has reached the client: so a
 * response that has begun is never retried. Each try goes to another instance where there is one (`choose`). What the last
 * try brought is what the client gets, also when the budget, or a body that is too long to be kept, forbids another one.
 */
export function retry(config: RetriesConfig, rooms: RetryRooms): Layer {
  const methods = new Set(config.methods);
  const isRetriable = retriableBy(config.on);
  return (exchange, next) => {
    rooms.budget.request();
    if (!methods.has(exchange.request.method)) return next(exchange);
    exchange.request.body.keepForReplay(replayLimit);
    return insist(exchange, next, { config, isRetriable, ...rooms });
  };
}

interface Insistence extends RetryRooms {
  readonly config: RetriesConfig;
  readonly isRetriable: IsRetriable;
}

async function insist(exchange: Exchange, next: Handler, insistence: Insistence): Promise<void> {
  const { config, budget, clock } = insistence;
  const begun = clock.monotonic();
  let failure = await failureOf(exchange, next);
  for (let retries = 0; retries < config.attempts && mayRetry(exchange, failure, insistence); retries++) {
    const wait = waitBefore(retries, exchange, insistence);
    if (clock.monotonic() - begun + wait >= (insistence.requestTimeout || patience)) break;
    const giveBack = budget.withdraw();
    if (giveBack === undefined) break;
    try {
      if (!exchange.request.body.rewind()) break;
      giveUpAnswer(exchange);
      await pauseWithin(exchange, clock, wait);
      failure = await failureOf(exchange, next);
    } finally {
      giveBack();
    }
  }
  if (failure !== undefined) throw failure;
}

function failureOf(exchange: Exchange, next: Handler): Promise<MeshError | undefined> {
  return begun(next, exchange).then(() => undefined, toMeshError);
}

function mayRetry(exchange: Exchange, failure: MeshError | undefined, { isRetriable }: Insistence): boolean {
  if (exchange.abortedBy !== undefined || exchange.isTunnel) return false;
  if (exchange.request.body.replayable === undefined) return false;
  return isRetriable(exchange.response?.status, failure);
}

/** Full jitter: clients that failed together do not come back together. A service that says when it is ready again is believed. */
function waitBefore(retries: number, exchange: Exchange, { config, random, clock }: Insistence): number {
  const most = config.backoff * Math.min(2 ** retries, longestBackoff);
  return Math.max(random() * most, retryAfterOf(exchange.response, clock.now()));
}

function giveUpAnswer(exchange: Exchange): void {
  exchange.response?.body.cancel();
  exchange.response = undefined;
  exchange.breaksOff = undefined;
  exchange.instance = undefined; // it has nothing more to do with this exchange
}

/** @throws what aborted the exchange meanwhile */
async function pauseWithin(exchange: Exchange, clock: Clock, milliseconds: number): Promise<void> {
  const enough = new AbortController();
  const giveUp = () => enough.abort();
  exchange.onAbort(giveUp);
  const since = clock.monotonic();
  await pause(clock, milliseconds, enough.signal);
  exchange.offAbort(giveUp);
  exchange.waited('backoff', since, clock.monotonic());
  if (exchange.abortedBy !== undefined) throw exchange.abortedBy;
}
