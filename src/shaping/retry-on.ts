import type { RetryCondition } from '../config/policy-configs.js';
import { isOfTheInstance } from '../exchange/verdict.js';
import type { ErrorCode, MeshError } from '../foundation/errors.js';

/**
 * @param status of the answer, where there is one
 * @param failure what there is in place of one
 */
export type IsRetriable = (status: number | undefined, failure: MeshError | undefined) => boolean;

/** Envoy's retry_on. What the mesh itself refuses (an open circuit, a full queue, no healthy instance) is never tried again. */
export function retriableBy(conditions: readonly RetryCondition[]): IsRetriable {
  const tests = conditions.map(testOf);
  return (status, failure) => {
    if (failure !== undefined && !isOfTheInstance(failure)) return false;
    return tests.some((test) => test(status, failure?.code));
  };
}

type Test = (status: number | undefined, code: ErrorCode | undefined) => boolean;

function testOf(condition: RetryCondition): Test {
  switch (condition) {
    case 'connect-failure':
      return (_, code) => code === 'connect_failed' || code === 'connect_timeout';
    case 'reset':
      return (_, code) => code !== undefined; // no answer at all, for whatever reason
    case 'refused-stream':
      return () => false; // a thing of HTTP/2, which no instance is spoken to in
    case '5xx':
      return (status, code) => code !== undefined || (status ?? 0) >= 500;
    case 'gateway-error':
      return (status, code) => code !== undefined || status === 502 || status === 503 || status === 504;
    case 'retriable-4xx':
      return (status) => status === 409; // the one that Envoy counts
    default:
      return (status) => status === condition;
  }
}
