import type { Load, Loads } from '../balancing/load.js';
import type { Policy } from '../balancing/policy.js';
import { begun } from '../exchange/begun.js';
import type { Choice, Grounds, Lineup } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Handler, Layer } from '../exchange/layer.js';
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
  const tryOne = (
    exchange: Exchange,
    next: Handler,
    refused: readonly Instance[],
    failure?: MeshError,
  ): Promise<void> => {
    const chosen = pick(exchange, balance, refused);
    if (chosen === undefined) throw failure ?? noneOf(exchange.service ?? '', exchange.version, balance.candidates);
    exchange.instance = chosen;
    const count = new Count(balance, chosen, clock);
    return begun(next, exchange).then(
      () => count.answered(exchange),
      (thrown: unknown) => {
        const error = toMeshError(thrown);
        count.failed(exchange, error);
        if (!unsent.has(error.code)) throw error;
        return tryOne(exchange, next, [...refused, chosen], error);
      },
    );
  };
  return (exchange, next) => tryOne(exchange, next, none);
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
class Count {
  readonly #load: Load;
  readonly #clock: Clock;
  /** undefined: nobody asks how long it takes. */
  readonly #begunAt: number | undefined;

  constructor({ loads, goesByLatency }: Balance, instance: Instance, clock: Clock) {
    this.#load = loads.of(instance);
    this.#load.active++;
    this.#clock = clock;
    this.#begunAt = goesByLatency ? clock.monotonic() : undefined;
  }

  answered(exchange: Exchange): void {
    this.#load.served++;
    this.#observe(isFailure(verdictOf(exchange, undefined)));
    exchange.onAttemptOver(() => this.#load.active--);
  }

  failed(exchange: Exchange, failure: MeshError): void {
    this.#load.active--;
    if (verdictOf(exchange, failure) === 'none') return;
    this.#observe(true);
    if (!unsent.has(failure.code)) this.#load.served++;
  }

  #observe(isFailure: boolean): void {
    if (this.#begunAt !== undefined) this.#load.observe(this.#clock.monotonic() - this.#begunAt, isFailure);
  }
}
