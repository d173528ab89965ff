import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Attempt, Exchange, Wait } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { ErrorCode } from '../../foundation/errors.js';

/** All that is told of an exchange that has ended. It holds on to nothing of it: no bytes, no sockets. */
export interface ExchangeRecord {
  /** Counts up, over all services of a run: by it one asks for those that came since. */
  readonly sequence: number;
  readonly id: string;
  /** Empty where it belongs to no trace. */
  readonly traceId: string;
  /** Milliseconds since 1970, when its head was whole. */
  readonly at: number;
  /** Milliseconds, to the end. */
  readonly duration: number;
  readonly service: string | undefined;
  readonly version: string | undefined;
  readonly route: string | undefined;
  readonly caller: string | undefined;
  /** The address of the client. */
  readonly client: string;
  readonly method: string;
  readonly authority: string;
  readonly target: string;
  readonly outcome: Outcome;
  readonly waits: readonly Wait[];
  readonly attempts: readonly AttemptRecord[];
  readonly faults: readonly FaultConfig[];
  /** Of the bodies. */
  readonly bytes: { readonly received: number; readonly sent: number };
  /** It asked for another protocol, and was granted it. */
  readonly isTunnel: boolean;
}

export interface AttemptRecord {
  readonly instance: string;
  readonly version: string | undefined;
  /** Milliseconds behind the beginning of the exchange. */
  readonly begun: number;
  /** Milliseconds to the head of its answer, or to its failure; undefined where neither came. */
  readonly duration: number | undefined;
  readonly result:
    | { readonly kind: 'answered'; readonly status: number }
    | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
    | { readonly kind: 'pending' };
}

/** @param now the moment at which it ends: of the monotonic clock, and of the wall */
export function recordOf(
  exchange: Exchange,
  outcome: Outcome,
  sequence: number,
  now: { readonly monotonic: number; readonly wall: number },
): ExchangeRecord {
  const { request, response, startedAt } = exchange;
  const duration = now.monotonic - startedAt;
  return {
    sequence,
    id: exchange.id,
    traceId: exchange.trace?.traceId ?? '',
    at: now.wall - duration,
    duration,
    service: exchange.service,
    version: exchange.instance?.version,
    route: exchange.route,
    caller: exchange.caller,
    client: exchange.client.host,
    method: request.method,
    authority: request.authority,
    target: request.target,
    outcome,
    waits: exchange.waits ?? nothing,
    attempts: exchange.attempts.map((attempt) => attemptRecord(attempt, startedAt)),
    faults: exchange.faults ?? nothing,
    bytes: { received: request.body.received, sent: response?.body.taken ?? 0 },
    isTunnel: exchange.isTunnel,
  };
}

const nothing: readonly never[] = [];

function attemptRecord({ instance, startedAt, endedAt, result }: Attempt, begin: number): AttemptRecord {
  return {
    instance: instance.id,
    version: instance.version,
    begun: startedAt - begin,
    duration: endedAt === undefined ? undefined : endedAt - startedAt,
    result:
      result.kind === 'failed' ? { kind: 'failed', code: result.error.code, message: result.error.message } : result,
  };
}
