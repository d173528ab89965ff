import type { Exchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { ErrorCode } from '../../foundation/errors.js';

/** Why a request was not simply answered by its service; the first is for those that were. Envoy: response flags. */
export const reasons = [
  '',
  'timeout',
  'no_healthy',
  'circuit_open',
  'fault',
  'rate_limited',
  'overloaded',
  'pool_overflow',
  'connect_failed',
  'reset',
  'invalid_response',
  'not_allowed',
  'no_route',
  'loop',
  'bad_request',
  'client_gone',
  'shutting_down',
  'internal',
] as const;

export type Reason = (typeof reasons)[number];

/** Why it ended so, as its place in `reasons`: on the way of a request nothing is looked up by a text. */
export function reasonOf(exchange: Exchange, outcome: Outcome): number {
  switch (outcome.kind) {
    case 'answered':
      return exchange.faults === undefined || !isStoodInFor(exchange) ? 0 : at('fault');
    case 'refused':
      return reasonOfError(outcome.code);
    case 'cut':
      if (exchange.abortedBy !== undefined) return reasonOfError(exchange.abortedBy.code);
      return at(exchange.faults === undefined ? 'reset' : 'fault');
    case 'abandoned':
      return at('client_gone');
  }
}

export function reasonOfError(code: ErrorCode): number {
  return byCode[code] ?? at('internal');
}

/** A fault has answered in place of the instance; one that only delays or garbles leaves the answer the service's own. */
function isStoodInFor({ faults = [] }: Exchange): boolean {
  return faults.some(({ effect: { kind } }) => kind === 'abort' || kind === 'grpc-abort' || kind === 'mock');
}

function at(reason: Reason): number {
  return reasons.indexOf(reason);
}

const byCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  request_timeout: at('timeout'),
  per_try_timeout: at('timeout'),
  idle_timeout: at('timeout'),
  no_healthy_instance: at('no_healthy'),
  circuit_open: at('circuit_open'),
  fault_injected: at('fault'),
  rate_limited: at('rate_limited'),
  overloaded: at('overloaded'),
  pool_overflow: at('pool_overflow'),
  connect_failed: at('connect_failed'),
  connect_timeout: at('connect_failed'),
  upstream_reset: at('reset'),
  upstream_invalid: at('invalid_response'),
  not_allowed: at('not_allowed'),
  no_route: at('no_route'),
  loop_detected: at('loop'),
  client_gone: at('client_gone'),
  shutting_down: at('shutting_down'),
  bad_request: at('bad_request'),
  head_too_large: at('bad_request'),
  target_too_long: at('bad_request'),
  request_too_large: at('bad_request'),
  coding_not_supported: at('bad_request'),
  head_timeout: at('bad_request'),
  body_timeout: at('bad_request'),
  version_not_supported: at('bad_request'),
  method_not_allowed: at('bad_request'),
};
