import type { MeshError } from '../foundation/errors.js';
import { toMeshError } from '../foundation/errors.js';
import { begun } from './begun.js';
import type { Exchange } from './exchange.js';
import type { Handler } from './layer.js';

/** What an attempt says of the instance, as outlier detection, breakers and balancing see it. */
export type Verdict =
  | 'success'
  /** It answered with a 5xx that is none of the following. */
  | '5xx'
  /** 502, 503, 504, or no answer at all: nobody was there, or nobody behind it. */
  | 'gateway-failure'
  /** It says nothing: the client left, or the mesh itself stood in the way. */
  | 'none';

/** Runs the attempt, and tells what it says before its end is passed on. */
export function judged(exchange: Exchange, next: Handler, tell: (verdict: Verdict) => void): Promise<void> {
  return begun(next, exchange).then(
    () => tell(verdictOf(exchange, undefined)),
    (thrown: unknown) => {
      const failure = toMeshError(thrown);
      tell(verdictOf(exchange, failure));
      throw failure;
    },
  );
}

/** @param failure what the attempt failed with; undefined when it was answered */
export function verdictOf(exchange: Exchange, failure: MeshError | undefined): Verdict {
  if (failure === undefined) return verdictOfStatus(exchange.response?.status ?? 101);
  return isOfTheInstance(failure) ? 'gateway-failure' : 'none';
}

export function isFailure(verdict: Verdict): boolean {
  return verdict === '5xx' || verdict === 'gateway-failure';
}

/** Is it the instance that has failed, and not the client, or a limit of the mesh's own? */
export function isOfTheInstance({ code }: MeshError): boolean {
  switch (code) {
    case 'connect_failed':
    case 'connect_timeout':
    case 'upstream_reset':
    case 'upstream_invalid':
    case 'per_try_timeout':
    case 'request_timeout':
    case 'fault_injected': // it plays an instance that resets
      return true;
    default:
      return false;
  }
}

function verdictOfStatus(status: number): Verdict {
  if (status < 500) return 'success';
  return status === 502 || status === 503 || status === 504 ? 'gateway-failure' : '5xx';
}
