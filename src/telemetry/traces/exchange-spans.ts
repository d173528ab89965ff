import type { SpanContext, TraceState } from '@opentelemetry/api';
import type { Attempt, Exchange, TraceOfExchange } from '../../exchange/exchange.js';
import type { Outcome } from '../../exchange/outcome.js';
import type { SpanOrigin } from './span.js';
import { FinishedSpan } from './span.js';
import { clientAttributes, clientStatus, serverAttributes, serverStatus, spanName } from './span-attributes.js';
import { attemptEventsOf, eventsOf } from './span-events.js';
import type { WallTime } from './wall-time.js';
import { spanOfTime } from './wall-time.js';

/** Of the API's `SpanKind`. */
const serverKind = 1;
const clientKind = 2;

export interface SpanRooms extends SpanOrigin {
  readonly wallTime: WallTime;
  readonly traceStateOf: (text: string) => TraceState;
}

/** When what the mesh did for the exchange was over, in milliseconds on the monotonic clock. */
export interface Ends {
  readonly exchange: number;
  /** The instance had no more to do with its answer. */
  readonly answer: number;
}

/** A SERVER span of an exchange that is over, and below it a CLIENT span for each attempt. */
export function spansOf(exchange: Exchange, outcome: Outcome, ends: Ends, rooms: SpanRooms): FinishedSpan[] {
  const { trace } = exchange;
  if (trace === undefined) return [];
  const server = serverSpan(exchange, outcome, ends.exchange, trace, rooms);
  return [server, ...clientSpans(exchange, server.spanContext(), ends.answer, rooms)];
}

/** Those of the attempts alone, below a span of an exchange that is told of elsewhere. */
export function clientSpans(
  exchange: Exchange,
  parent: SpanContext,
  answerEnd: number,
  rooms: SpanRooms,
): FinishedSpan[] {
  const { attempts } = exchange;
  const name = spanName(exchange);
  return attempts.map((attempt, index) => {
    const isLast = index === attempts.length - 1;
    const endedAt = endOf(attempt, isLast, answerEnd);
    const { startedAt } = attempt;
    return new FinishedSpan(
      {
        name,
        kind: clientKind,
        context: { ...parent, spanId: attempt.spanId ?? exchange.trace?.nextSpanId() ?? parent.spanId },
        parent,
        ...times(startedAt, endedAt, rooms.wallTime),
        status: clientStatus(attempt),
        attributes: clientAttributes(exchange, attempt, index),
        events: attemptEventsOf(attempt, rooms.wallTime),
      },
      rooms,
    );
  });
}

function serverSpan(
  exchange: Exchange,
  outcome: Outcome,
  endedAt: number,
  trace: TraceOfExchange,
  rooms: SpanRooms,
): FinishedSpan {
  const { traceId, parentSpanId } = trace;
  const context = contextOf(exchange, trace, rooms);
  const parent = parentSpanId === undefined ? undefined : { ...context, traceId, spanId: parentSpanId, isRemote: true };
  return new FinishedSpan(
    {
      name: spanName(exchange),
      kind: serverKind,
      context,
      parent,
      ...times(exchange.startedAt, endedAt, rooms.wallTime),
      status: serverStatus(outcome),
      attributes: serverAttributes(exchange, outcome),
      events: eventsOf(exchange, rooms.wallTime),
    },
    rooms,
  );
}

export function contextOf(
  { request }: Exchange,
  { traceId, spanId, flags }: TraceOfExchange,
  { traceStateOf }: SpanRooms,
): SpanContext {
  const state = request.fields.get('tracestate');
  const traceState = state === undefined ? undefined : traceStateOf(state);
  return { traceId, spanId, traceFlags: flags, traceState };
}

/** An attempt that brings the answer lasts until all of it is here: what the service does meanwhile hangs below it. */
function endOf({ endedAt, result }: Attempt, isLast: boolean, answerEnd: number): number {
  const bringsAnswer = isLast && result.kind === 'answered';
  return bringsAnswer || endedAt === undefined ? Math.max(answerEnd, endedAt ?? 0) : endedAt;
}

function times(startedAt: number, endedAt: number, wallTime: WallTime) {
  return {
    startTime: wallTime.at(startedAt),
    endTime: wallTime.at(endedAt),
    duration: spanOfTime(Math.max(0, endedAt - startedAt)),
  };
}
