import type { Fields } from '../../http1/fields.js';

/** What the fields of Zipkin say of the trace that a request belongs to (B3 propagation). */
export interface B3Context {
  /** undefined: it says no more than whether it is sampled. */
  readonly span: { readonly traceId: string; readonly spanId: string } | undefined;
  /** undefined: that is left to whoever comes next. */
  readonly isSampled: boolean | undefined;
}

/** `<trace>-<span>-<sampled>-<parent>`, the last two of which may be missing; or what is sampled, alone. */
const singleForm = /^(?:([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-[0-9a-f]{16})?)?|([01d]))$/;
const traceForm = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const spanForm = /^[0-9a-f]{16}$/;

/** The one field, else the several. undefined where there is none, or what is there means nothing. */
export function parseB3(fields: Fields): B3Context | undefined {
  const single = fields.get('b3');
  return single === undefined ? several(fields) : one(single.toLowerCase());
}

function one(text: string): B3Context | undefined {
  const match = singleForm.exec(text);
  if (match === null) return undefined;
  const [, traceId, spanId, sampled, alone] = match;
  return contextOf(traceId, spanId, sampled ?? alone);
}

function several(fields: Fields): B3Context | undefined {
  const traceId = fields.get('x-b3-traceid')?.toLowerCase();
  const spanId = fields.get('x-b3-spanid')?.toLowerCase();
  const sampled = fields.get('x-b3-flags') === '1' ? 'd' : fields.get('x-b3-sampled')?.toLowerCase();
  if (traceId === undefined && sampled === undefined) return undefined;
  const isWhole = traceForm.test(traceId ?? '') && spanForm.test(spanId ?? '');
  return isWhole ? contextOf(traceId, spanId, sampled) : contextOf(undefined, undefined, sampled);
}

/** Ids of 64 bits are those of the longer form, with zeros in front; one of zeros alone is none. */
function contextOf(traceId = '', spanId = '', sampled: string | undefined): B3Context {
  const isNamed = /[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(spanId);
  return {
    span: isNamed ? { traceId: traceId.padStart(32, '0'), spanId } : undefined,
    isSampled: sampled === undefined ? undefined : decisions.get(sampled),
  };
}

/** `d` is sampled whatever it costs: debugging. The words are of old clients. */
const decisions: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['d', true],
  ['true', true],
  ['0', false],
  ['false', false],
]);
