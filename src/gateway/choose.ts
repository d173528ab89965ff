import type { Load, Loads } from '../balancing/load.js';
import type { Policy } from '../balancing/policy.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer, Next } from '../exchange/layer.js';
import { isFailure, verdictOf } from '../exchange/verdict.js';
import type { Clock } from '../foundation/clock.js';
import type { ErrorCode } from '../foundation/errors.js';
import { type MeshError, toMeshError } from '../foundation/errors.js';
import type { Instance } from '../registry/instance.js';
import type { Candidates } from './candidates.js';
import { noneOf } from './none-of.js';

/** What a service's requests are dealt out by. It outlives reloads, and with them what it remembers. */
export interface Balance {
  readonly candidates: Candidates;
  readonly loads: Loads;
  /** @param version has a policy of its own: shares within it are exact too */
  policyFor(version: string | undefined): Policy;
}

export interface ChooseRooms {
  readonly clock: Clock;
  readonly balanceOf: (service: string) => Balance;
}

/**
 * Gives the attempt one of the service's instances that may be given requests: the one that the client was given before,
 * else the policy's choice, and not one that this exchange has tried already, while there is another. When an instance does
 * not accept the connection, or its circuit is open, nothing has been sent: another takes its place, each at most once.
 *
 * @throws no_healthy_instance, or what the last of them failed with
 */
export function choose({ clock, balanceOf }: ChooseRooms): Layer {
  const tryOne = (exchange: Exchange, next: Next, refused: readonly Instance[], failure?: MeshError): Promise<void> => {
    const name = exchange.service ?? '';
    const balance = balanceOf(name);
    const chosen = pick(exchange, balance, refused);
    if (chosen === undefined) throw failure ?? noneOf(name, exchange.version, balance.candidates);
    exchange.instance = chosen;
    const count = begin(balance.loads.of(chosen), clock);
    return begun(next).then(
      () => answered(exchange, count),
      (thrown: unknown) => {
        const error = toMeshError(thrown);
        failed(exchange, count, error);
        if (!unsent.has(error.code)) throw error;
        return tryOne(exchange, next, [...refused, chosen], error);
      },
    );
  };
  return (exchange, next) => tryOne(exchange, next, none);
}

/** What fails at once fails like all else. */
function begun(next: Next): Promise<void> {
  try {
    return next();
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}

const none: readonly Instance[] = [];

/** What an instance fails with before it has got anything of the request. */
const unsent: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['connect_failed', 'connect_timeout', 'circuit_open']);

/** @param refused must not be tried again for this attempt */
function pick(exchange: Exchange, balance: Balance, refused: readonly Instance[]): Instance | undefined {
  const { version, attempts, preferredInstance } = exchange;
  const candidates = balance.candidates.of(version);
  // Nearly always this is the first try, and nothing is to be avoided.
  const avoid = attempts.length === 0 && refused.length === 0 ? none : triedOf(candidates, exchange, refused);
  if (avoid === undefined) return undefined;
  if (preferredInstance !== undefined) {
    const preferred = candidates.find(({ id }) => id === preferredInstance);
    if (preferred !== undefined && !avoid.includes(preferred)) return preferred;
  }
  return balance.policyFor(version).pick(candidates, exchange, avoid);
}

/** Whom to avoid; undefined when nobody would be left. */
function triedOf(
  candidates: readonly Instance[],
  { attempts }: Exchange,
  refused: readonly Instance[],
): readonly Instance[] | undefined {
  const within = (instances: Iterable<Instance>) =>
    [...new Set(instances)].filter((instance) => candidates.includes(instance));
  const all = within([...attempts.map(({ instance }) => instance), ...refused]);
  if (all.length < candidates.length) return all;
  const refusedHere = within(refused);
  return refusedHere.length < candidates.length ? refusedHere : undefined;
}

/** An attempt that counts for its instance, from here until the last byte of its answer. */
interface Count {
  readonly load: Load;
  readonly clock: Clock;
  /** Milliseconds on the monotonic clock. */
  readonly begunAt: number;
}

function begin(load: Load, clock: Clock): Count {
  load.active++;
  load.served++;
  return { load, clock, begunAt: clock.monotonic() };
}

function answered(exchange: Exchange, { load, clock, begunAt }: Count): void {
  load.observe(clock.monotonic() - begunAt, isFailure(verdictOf(exchange, undefined)));
  exchange.onAttemptOver(() => load.active--);
}

function failed(exchange: Exchange, { load, clock, begunAt }: Count, failure: MeshError): void {
  load.active--;
  if (verdictOf(exchange, failure) !== 'none') load.observe(clock.monotonic() - begunAt, true);
}
