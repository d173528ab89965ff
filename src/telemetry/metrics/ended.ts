import type { Attempt, Exchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import { reasonOf, reasonOfError } from './reason.js';

/** What there is to count of an exchange, or of one attempt, that has ended. */
export interface Ended {
  /** 0 where there was no answer. */
  readonly status: number;
  /** Its place in `reasons`. */
  readonly reason: number;
  readonly isError: boolean;
  /** Attempts behind the first. */
  readonly retries: number;
  /** Of the bodies, without the framing. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Milliseconds; undefined where they say nothing of how fast the service is. */
  readonly duration: number | undefined;
}

export function endedExchange(exchange: Exchange, outcome: Outcome, now: number): Ended {
  const { request, response, attempts, isTunnel, startedAt } = exchange;
  // How long a client waited before it left, or talked through a tunnel, says nothing of how fast the service answers.
  const isAnswer = outcome.kind !== 'abandoned' && !isTunnel;
  return {
    status: outcome.kind === 'abandoned' ? (response?.status ?? 0) : outcome.status,
    reason: reasonOf(exchange, outcome),
    isError: isError(outcome),
    retries: attempts.length > 1 ? attempts.length - 1 : 0,
    requestBytes: request.body.received,
    responseBytes: response === undefined ? 0 : response.body.received,
    duration: isAnswer ? now - startedAt : undefined,
  };
}

/** Its duration is that until the head of the answer. */
export function endedAttempt({ result, startedAt, endedAt }: Attempt): Ended {
  return {
    status: result.kind === 'answered' ? result.status : 0,
    reason: result.kind === 'failed' ? reasonOfError(result.error.code) : 0,
    isError: result.kind === 'failed' ? result.error.code !== 'client_gone' : isServerError(result),
    retries: 0,
    requestBytes: 0,
    responseBytes: 0,
    duration: endedAt === undefined ? undefined : endedAt - startedAt,
  };
}

function isServerError(result: Attempt['result']): boolean {
  return result.kind === 'answered' && result.status >= 500;
}

/** A 4xx is the client's mistake and a client that leaves is nobody's; everything else that is no answer is an error. */
export function isError(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'answered':
    case 'refused':
      return outcome.status >= 500;
    case 'cut':
      return true;
    case 'abandoned':
      return false;
  }
}
