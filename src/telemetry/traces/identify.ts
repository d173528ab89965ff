import type { TraceOfExchange } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import type { Ids } from './ids.js';
import type { TraceParent } from './trace-context.js';
import { parseTraceParent } from './trace-context.js';

/** Printable, without blanks, and of a length that a log line bears: what a client sends is shown to people. */
const requestIdForm = /^[\x21-\x7e]{1,128}$/;

/** A trace that begins here: it is recorded, and its id is drawn by chance. */
const newTraceFlags = 0b11;

/**
 * Gives an exchange the names by which it is found again: the trace that it belongs to (W3C Trace Context), and the id that the
 * client sent as `x-request-id`, else that of a trace that begins here. Outermost: whatever becomes of it, it has them.
 */
export function identify(ids: Ids): Layer {
  return (exchange, next) => {
    const { fields } = exchange.request;
    const given = fields.get('x-request-id');
    const parent = fields.count('traceparent') === 1 ? parseTraceParent(fields.get('traceparent')) : undefined;
    const traceId = parent?.traceId ?? ids.trace();
    exchange.trace = new Trace(traceId, parent, ids);
    exchange.id =
      given !== undefined && requestIdForm.test(given) ? given : parent === undefined ? traceId : ids.trace();
    if (parent === undefined) fields.delete('tracestate'); // it belongs to a trace that nobody can name
    return next();
  };
}

/** Ids are drawn when they are asked for: the span of the exchange itself is, only where it is told of. */
class Trace implements TraceOfExchange {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  readonly flags: number;
  readonly #ids: Ids;
  #spanId: string | undefined;

  constructor(traceId: string, parent: TraceParent | undefined, ids: Ids) {
    this.traceId = traceId;
    this.parentSpanId = parent?.spanId;
    this.flags = parent?.flags ?? newTraceFlags;
    this.#ids = ids;
  }

  get spanId(): string {
    this.#spanId ??= this.#ids.span();
    return this.#spanId;
  }

  nextSpanId(): string {
    return this.#ids.span();
  }
}
