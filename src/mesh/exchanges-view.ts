import type { ExchangesWish } from '../admin/control.js';
import type { ExchangesView, ExchangeView } from '../admin/exchanges-wire.js';
import { schemaVersion } from '../admin/schema-version.js';
import { describeFault } from '../config/describe-shape.js';
import type { AttemptRecord, ExchangeRecord } from '../telemetry/records/record.js';
import type { RecordBook } from '../telemetry/records/record-book.js';
import { isWanted, statusOf } from '../telemetry/records/record-filter.js';

/** @param after the sequence of the last one that is known already */
export function viewExchanges(book: RecordBook, after: number, { service, ...filter }: ExchangesWish): ExchangesView {
  const records = book.since(after, service);
  // What is missing of one service cannot be told: the numbers between belong to others.
  const missed = service === undefined ? Math.max(0, book.sequence - after - records.length) : 0;
  const exchanges = records.filter((record) => isWanted(filter, record)).map(viewExchange);
  return { schemaVersion, sequence: book.sequence, missed, exchanges };
}

export function viewExchange(record: ExchangeRecord): ExchangeView {
  const { sequence, id, traceId, client, method, authority, target, bytes } = record;
  const { outcome, waits, attempts, faults, isTunnel } = record;
  return {
    sequence,
    id,
    traceId,
    client,
    method,
    authority,
    target,
    bytes,
    at: Math.round(record.at),
    duration: round(record.duration),
    service: record.service ?? null,
    version: record.version ?? null,
    route: record.route ?? null,
    caller: record.caller ?? null,
    outcome: outcome.kind,
    status: statusOf(outcome) ?? null,
    code: outcome.kind === 'refused' ? outcome.code : null,
    waits: waits.map(({ kind, milliseconds }) => ({ kind, duration: round(milliseconds) })),
    attempts: attempts.map(viewAttempt),
    faults: faults.map(describeFault),
    tunnel: isTunnel,
  };
}

function viewAttempt({ instance, version, begun, duration, result }: AttemptRecord): ExchangeView['attempts'][number] {
  return {
    instance,
    version: version ?? null,
    begun: round(begun),
    duration: duration === undefined ? null : round(duration),
    status: result.kind === 'answered' ? result.status : null,
    code: result.kind === 'failed' ? result.code : null,
    message: result.kind === 'failed' ? result.message : null,
  };
}

/** To the microsecond: clocks know no more. */
export function round(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
