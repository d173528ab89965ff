import type { Load, Loads } from '../balancing/load.js';
import type { Policy } from '../balancing/policy.js';
import type { Choice, Grounds, Lineup } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Layer, Next } from '../exchange/layer.js';
import { isFailure, verdictOf } from '../exchange/verdict.js';
import type { Clock } from '../foundation/clock.js';
import type { ErrorCode } from '../foundation/errors.js';
import { type MeshError, toMeshError } from '../foundation/errors.js';
import type { Instance } from '../registry/instance.js';
import type { Candidates } from './candidates.js';
import { noneOf } from './none-of.js';

/** What a service's requests are dealt out by. */
export interface Balance {
  readonly candidates: Candidates;
  readonly loads: Loads;
  /** @param version undefined for requests that may go to any */
  policyFor(version: string | undefined): Policy;
  /** The policy looks at how fast instances answer. */
  readonly goesByLatency: boolean;
}

/**
 * Gives the attempt one of the service's instances that may be given requests: the one that the client was given before,
 * else the policy's choice, and not one that this exchange has tried already, while there is another. When an instance does
 * not accept the connection, or its circuit is open, nothing has been sent: another takes its place, each at most once.
 *
 * @throws no_healthy_instance, or what the last of them failed with
 */
export function choose(balance: Balance, clock: Clock): Layer {
  const tryOne = (exchange: Exchange, next: Next, refused: readonly Instance[], failure?: MeshError): Promise<void> => {
    const chosen = pick(exchange, balance, refused);
    if (chosen === undefined) throw failure ?? noneOf(exchange.service ?? '', exchange.version, balance.candidates);
    exchange.instance = chosen;
    const count = begin(balance, chosen, clock);
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
const sticky: Grounds = { kind: 'sticky' };

/** What an instance fails with before it has got anything of the request. */
const unsent: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['connect_failed', 'connect_timeout', 'circuit_open']);

/** @param refused must not be tried again for this attempt */
function pick(exchange: Exchange, balance: Balance, refused: readonly Instance[]): Instance | undefined {
  const { version, attempts, preferredInstance } = exchange;
  const { candidates, lineup } = balance.candidates.standing(version);
  // Nearly always this is the first try, and nothing is to be avoided.
  const avoid = attempts.length === 0 && refused.length === 0 ? none : triedOf(candidates, exchange, refused);
  if (avoid === undefined) return undefined;
  if (preferredInstance !== undefined) {
    const preferred = candidates.find(({ id }) => id === preferredInstance);
    if (preferred !== undefined && !avoid.includes(preferred)) {
      exchange.choice = choiceOf(lineup, sticky, avoid);
      return preferred;
    }
  }
  const policy = balance.policyFor(version);
  const picked = policy.pick(candidates, exchange, avoid);
  exchange.choice = choiceOf(lineup, policy.grounds, avoid);
  return picked;
}

/** Nearly always one that is there already. */
function choiceOf(lineup: Lineup, grounds: Grounds, avoided: readonly Instance[]): Choice {
  return avoided.length === 0 ? lineup.choiceBy(grounds) : { lineup, grounds, avoided };
}

/** Whom to avoid; undefined when nobody would be left. */
function triedOf(
  candidates: readonly Instance[],
  { attempts }: Exchange,
  refused: readonly Instance[],
): readonly Instance[] | undefined {
  const within = (instances: Iterable<Instance>) =>
    [...new Set(instances)].filter((instance) => candidates.includes(instance));
  const tried = attempts.map(({ instance }) => instance);
  // All that were tried; when that is everybody, at least the last of them.
  const choices = [within([...tried, ...refused]), within([...tried.slice(-1), ...refused]), within(refused)];
  return choices.find((avoid) => avoid.length < candidates.length);
}

/** An attempt that counts for its instance, from here until the last byte of its answer. */
interface Count {
  readonly load: Load;
  /** Tells how long it took, where that matters. */
  readonly observe: (isFailure: boolean) => void;
}

function begin({ loads, goesByLatency }: Balance, instance: Instance, clock: Clock): Count {
  const load = loads.of(instance);
  load.active++;
  if (!goesByLatency) return { load, observe: () => {} };
  const begunAt = clock.monotonic();
  return { load, observe: (isFailure) => load.observe(clock.monotonic() - begunAt, isFailure) };
}

function answered(exchange: Exchange, { load, observe }: Count): void {
  load.served++;
  observe(isFailure(verdictOf(exchange, undefined)));
  exchange.onAttemptOver(() => load.active--);
}

function failed(exchange: Exchange, { load, observe }: Count, failure: MeshError): void {
  load.active--;
  if (verdictOf(exchange, failure) === 'none') return;
  observe(true);
  if (!unsent.has(failure.code)) load.served++;
}
