/** What a `traceparent` says (W3C Trace Context, level 2). */
export interface TraceParent {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 of them: the span of whoever sent it. */
  readonly spanId: string;
  /** Of the lowest bits, the first says that the trace is recorded, the second that its id is drawn by chance. */
  readonly flags: number;
}

/** `00-<trace>-<span>-<flags>`. Of a higher version, the first four fields mean the same, and what follows them is not looked at. */
const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const knownFlags = 0b11;

/** undefined where there is none, or one that means nothing: then a new trace begins, and its `tracestate` is worth nothing. */
export function parseTraceParent(text: string | undefined): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', rest] = form.exec(text ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) & knownFlags };
}

export function formatTraceParent({ traceId, spanId, flags }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${flags}`;
}
