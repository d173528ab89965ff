import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Arrival, Attempt, Exchange, Wait } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { Address } from '../../foundation/address.js';
import type { MeshError } from '../../foundation/errors.js';
import type { HttpVersion } from '../../http1/request-head.js';

/**
 * What the access log says of a request when it is over. Taken on the way of the request, so it is only picked up here and
 * made text later, many at a time; and it holds nothing that holds a body or a connection.
 */
export interface AccessEntry {
  /** Milliseconds since 1970, when it was over. */
  readonly at: number;
  /** By which the exchange is found again, and its trace; undefined where it has none. */
  readonly id: string | undefined;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly client: Address;
  readonly caller: string | undefined;
  readonly service: string | undefined;
  readonly route: string | undefined;
  /** undefined: the connection was turned away before a head of it could be read. */
  readonly request: RequestEntry | undefined;
  readonly attempts: readonly Attempt[];
  readonly waits: readonly Wait[] | undefined;
  readonly faults: readonly FaultConfig[] | undefined;
  readonly outcome: Outcome;
  /** Of the answer whose head the client was sent; undefined: it was sent none. */
  readonly status: number | undefined;
  /** What went wrong, as one word; undefined: nothing did. */
  readonly errorType: string | undefined;
}

export interface RequestEntry {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly version: HttpVersion;
  readonly userAgent: string | undefined;
  /** Milliseconds since its head was whole. */
  readonly duration: number;
  /** Bytes of its body that came. */
  readonly bytesReceived: number;
  /** Bytes of the service's answer that went on to the client; undefined: the mesh answered, or it was a tunnel. */
  readonly bytesSent: number | undefined;
}

/** @param at milliseconds since 1970 @param duration milliseconds */
export function entryOf(exchange: Exchange, outcome: Outcome, at: number, duration: number): AccessEntry {
  const { request, response, id, trace, client, caller, service, route, attempts, waits, faults } = exchange;
  const { method, target, authority, version, fields, body } = request;
  return {
    at,
    id: id === '' ? undefined : id,
    traceId: trace?.traceId,
    spanId: trace?.spanId,
    client,
    caller,
    service,
    route,
    request: {
      method,
      target,
      authority,
      version,
      userAgent: fields.get('user-agent'),
      duration,
      bytesReceived: body.received,
      bytesSent: outcome.kind === 'refused' ? undefined : response?.body.taken,
    },
    attempts,
    waits,
    faults,
    outcome,
    status: outcome.kind === 'answered' || outcome.kind === 'refused' ? outcome.status : response?.status,
    errorType: errorTypeOf(exchange, outcome),
  };
}

/** Of a client that never came to a request: what it sent is no HTTP, or there are too many connections. */
export function turnedAwayEntry(client: Address, arrival: Arrival, error: MeshError, at: number): AccessEntry {
  return {
    at,
    id: undefined,
    traceId: undefined,
    spanId: undefined,
    client,
    caller: arrival.kind === 'caller' ? arrival.caller : undefined,
    service: arrival.kind === 'front' ? undefined : arrival.service,
    route: undefined,
    request: undefined,
    attempts: [],
    waits: undefined,
    faults: undefined,
    outcome: { kind: 'refused', status: error.status, code: error.code },
    status: error.status,
    errorType: error.code,
  };
}

export function errorTypeOf({ abortedBy, attempts, breaksOff }: Exchange, outcome: Outcome): string | undefined {
  switch (outcome.kind) {
    case 'answered':
      return outcome.status >= 500 ? String(outcome.status) : undefined;
    case 'refused':
      return outcome.code;
    case 'abandoned':
      return 'client_gone';
    case 'cut': {
      if (abortedBy !== undefined) return abortedBy.code;
      const result = attempts.at(-1)?.result;
      if (result?.kind === 'failed') return result.error.code;
      return breaksOff === undefined ? 'upstream_reset' : 'fault_injected';
    }
  }
}
