/** A span that a service has sent of its own (OpenTelemetry). Texts are bounded; ids are lower-case hexadecimal. */
export interface ServiceSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** That of the attempt, where it is the first of its service. */
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  /** `service.name` of its resource; undefined where that names none. */
  readonly service?: string | undefined;
  /** Milliseconds since 1970, by the clock of the service. */
  readonly at: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly status: SpanStatus;
  /** Why it has failed; may be empty. */
  readonly statusMessage: string;
  readonly attributes: readonly SpanAttribute[];
  readonly events: readonly SpanEvent[];
  /** Attributes and events that were left out, by the service or here. */
  readonly dropped: number;
}

export interface SpanEvent {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly attributes: readonly SpanAttribute[];
}

/** Its name and its value. Lists and maps are JSON. */
export type SpanAttribute = readonly [string, string | number | boolean];

/** By their numbers in OTLP. */
export const spanKinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const spanStatuses = ['unset', 'ok', 'error'] as const;

export type SpanKind = (typeof spanKinds)[number];
export type SpanStatus = (typeof spanStatuses)[number];
