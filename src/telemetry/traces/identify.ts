import type { Exchange, TraceOfExchange } from '../../exchange/exchange.js';
import type { Layer } from '../../exchange/layer.js';
import type { Fields } from '../../http1/fields.js';
import type { B3Context } from './b3.js';
import { parseB3 } from './b3.js';
import type { Ids } from './ids.js';
import type { Sampler } from './sampler.js';
import type { TraceParent } from './trace-context.js';
import { parseTraceParent } from './trace-context.js';

/** Printable, without blanks, and of a length that a log line bears: what a client sends is shown to people. */
const requestIdForm = /^[\x21-\x7e]{1,128}$/;

/** Bits of the flags: the trace is sampled; its id is drawn by chance. */
const sampledFlag = 0b01;
const randomFlag = 0b10;

/** Is the exchange one whose spans are kept, and which asks the services to keep theirs? */
export function isSampled({ trace }: Exchange): boolean {
  return trace !== undefined && (trace.flags & sampledFlag) !== 0;
}

/**
 * Gives an exchange the names by which it is found again: the trace that it belongs to (W3C Trace Context), and the id that the
 * client sent as `x-request-id`, else that of a trace that begins here. Outermost: whatever becomes of it, it has them.
 *
 * @param sampler decides for traces that begin here; for others their client has
 */
export function identify(ids: Ids, sampler: Sampler): Layer {
  return (exchange, next) => {
    const { fields } = exchange.request;
    const given = fields.get('x-request-id');
    const parent = parentOf(fields);
    const b3 = parent === undefined ? parseB3(fields) : undefined;
    const { traceId, spanId } = parent ?? b3?.span ?? { traceId: ids.trace(), spanId: undefined };
    const flags = parent?.flags ?? flagsOf(b3, traceId, sampler);
    exchange.trace = new Trace(traceId, spanId, flags, ids);
    exchange.id =
      given !== undefined && requestIdForm.test(given) ? given : spanId === undefined ? traceId : ids.trace();
    return next(exchange);
  };
}

function parentOf(fields: Fields): TraceParent | undefined {
  const parent = fields.count('traceparent') === 1 ? parseTraceParent(fields.get('traceparent')) : undefined;
  if (parent === undefined)
    fields.delete('tracestate'); // it belongs to a trace that nobody can name
  else if (fields.count('tracestate') > 1) fields.set('tracestate', fields.list('tracestate').join(',')); // many programs read only the first
  return parent;
}

/**
 * Of a trace that `traceparent` does not tell of. It is one of B3 where the client speaks that: its services may know both,
 * and would follow a `traceparent` of ours out of its trace. Else it begins here.
 */
function flagsOf(b3: B3Context | undefined, traceId: string, sampler: Sampler): number {
  const isSampled = b3?.isSampled ?? sampler.isSampled(traceId);
  return (b3?.span === undefined ? randomFlag : 0) | (isSampled ? sampledFlag : 0);
}

/** Ids are drawn when they are asked for: the span of the exchange itself is, only where it is told of. */
class Trace implements TraceOfExchange {
  readonly traceId: string;
  readonly parentSpanId: string | undefined;
  readonly flags: number;
  readonly #ids: Ids;
  #spanId: string | undefined;

  constructor(traceId: string, parentSpanId: string | undefined, flags: number, ids: Ids) {
    this.traceId = traceId;
    this.parentSpanId = parentSpanId;
    this.flags = flags;
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
