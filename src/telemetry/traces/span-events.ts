import type { TimedEvent } from '@opentelemetry/sdk-trace-base';
import { describeFault } from '../../config/describe-shape.js';
import type { Attempt, Exchange } from '../../exchange/exchange.js';
import type { WallTime } from './wall-time.js';

/** What an exchange went through between its attempts, in the order in which it did. Most go through nothing. */
export function eventsOf(exchange: Exchange, wallTime: WallTime): TimedEvent[] {
  const { waits, faults, faultTimes, attempts } = exchange;
  if (waits === undefined && faults === undefined && attempts.length < 2) return none;
  const moments = [
    ...(waits ?? []).map(
      ({ kind, startedAt, milliseconds }): Moment => ({
        at: startedAt,
        name: 'mesh.wait',
        attributes: { 'mesh.wait.kind': kind, 'mesh.wait.duration': milliseconds / 1_000 },
      }),
    ),
    ...(faults ?? []).map(
      (fault, index): Moment => ({
        at: faultTimes?.[index] ?? exchange.startedAt,
        name: 'mesh.fault',
        attributes: { 'mesh.fault': describeFault(fault) },
      }),
    ),
    ...attempts.slice(1).map(
      ({ startedAt }, index): Moment => ({
        at: startedAt,
        name: 'mesh.retry',
        attributes: { 'http.request.resend_count': index + 1, 'mesh.retry.reason': endOf(attempts[index]) },
      }),
    ),
  ];
  return moments
    .sort((left, right) => left.at - right.at)
    .map(({ at, name, attributes }) => ({ time: wallTime.at(at), name, attributes }));
}

/** That its instance was ejected at the end of an attempt that failed: for that, or for others beside it. */
export function attemptEventsOf({ instance, endedAt, result }: Attempt, wallTime: WallTime): TimedEvent[] {
  const { ejection } = instance;
  const hasFailed = result.kind === 'failed' || (result.kind === 'answered' && result.status >= 500);
  if (ejection === undefined || endedAt === undefined || !hasFailed) return none;
  return [
    { time: wallTime.at(endedAt), name: 'mesh.ejection', attributes: { 'mesh.ejection.reason': ejection.reason } },
  ];
}

const none: TimedEvent[] = [];

interface Moment {
  /** Milliseconds on the monotonic clock. */
  readonly at: number;
  readonly name: string;
  /** Durations are seconds, as everywhere in OpenTelemetry. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** As `error.type` says it: a status, or a code. */
function endOf(attempt: Attempt | undefined): string {
  if (attempt?.result.kind === 'answered') return String(attempt.result.status);
  return attempt?.result.kind === 'failed' ? attempt.result.error.code : 'pending';
}
