import type { Layer } from '../../exchange/layer.js';
import type { Ids } from './ids.js';
import { parseTraceParent } from './trace-context.js';

/** Printable, without blanks, and of a length that a log line bears: what a client sends is shown to people. */
const requestIdForm = /^[\x21-\x7e]{1,128}$/;

/** A trace that begins here: it is recorded, and its id is drawn by chance. */
const newTraceFlags = 0b11;

/**
 * Gives an exchange the names by which it is found again: the id that the client sent as `x-request-id`, or one of its own,
 * and the trace that it belongs to (W3C Trace Context). Outermost: whatever becomes of it, it has them.
 */
export function identify(ids: Ids): Layer {
  return (exchange, next) => {
    const { fields } = exchange.request;
    const given = fields.get('x-request-id');
    const parent = fields.count('traceparent') === 1 ? parseTraceParent(fields.get('traceparent')) : undefined;
    exchange.id = given !== undefined && requestIdForm.test(given) ? given : ids.trace();
    exchange.trace = {
      traceId: parent?.traceId ?? ids.trace(),
      parentSpanId: parent?.spanId,
      spanId: ids.span(),
      flags: parent?.flags ?? newTraceFlags,
      nextSpanId: () => ids.span(),
    };
    if (parent === undefined) fields.delete('tracestate'); // it belongs to a trace that nobody can name
    return next();
  };
}
