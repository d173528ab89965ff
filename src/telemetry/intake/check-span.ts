import type { ServiceSpan, SpanAttribute, SpanEvent } from '../traces/service-span.js';
import { spanKinds, spanStatuses } from '../traces/service-span.js';
import type { RawAttribute, RawSpan, RawValue } from './raw-span.js';

/** Characters of a name, of a key and of a message. */
const nameCharacters = 256;
/** Of a value: most of a stack trace. */
const valueCharacters = 2_048;
/** Of all attributes and events of a span together. What does not fit any more is left out, and counted. */
const spanCharacters = 8_192;
/** For which a number counts. */
const numberCharacters = 8;
/** Attributes and events of a span together: each costs something, however short it is. */
const spanEntries = 256;

/** The first nanosecond since 1970 that 64 bits do not hold. */
const endOfTime = 2 ** 64;

export type SpanCheck =
  | { readonly kind: 'span'; readonly span: ServiceSpan }
  | { readonly kind: 'refused'; readonly reason: string };

/** What came as a span → a span of bounded size, or why it is none. */
export function checkSpan(raw: RawSpan): SpanCheck {
  const reason = wrongWith(raw);
  return reason === undefined ? { kind: 'span', span: spanOf(raw) } : { kind: 'refused', reason };
}

function wrongWith({ traceId, spanId, parentSpanId, start, end }: RawSpan): string | undefined {
  if (!isTraceId(traceId)) return 'a trace id must be 16 bytes, not all of them 0';
  if (!isSpanId(spanId)) return 'a span id must be 8 bytes, not all of them 0';
  if (hasParent(parentSpanId) && !isSpanId(parentSpanId)) return 'the id of a parent span must be 8 bytes';
  if (!isTime(start) || !isTime(end)) return 'a span must say when it began and when it ended';
  return undefined;
}

function spanOf(raw: RawSpan): ServiceSpan {
  const room = new Room();
  const attributes = room.attributes(raw.attributes);
  const events = room.events(raw);
  return {
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: hasParent(raw.parentSpanId) && raw.parentSpanId !== raw.spanId ? raw.parentSpanId : undefined,
    name: clip(raw.name, nameCharacters),
    kind: spanKinds[raw.kind] ?? 'unspecified',
    service: isNamed(raw.service) ? clip(raw.service, nameCharacters) : undefined,
    at: milliseconds(raw.start),
    duration: milliseconds(Math.max(0, raw.end - raw.start)),
    status: spanStatuses[raw.status.code] ?? 'unset',
    statusMessage: clip(raw.status.message, nameCharacters),
    attributes,
    events,
    dropped: room.dropped + Math.max(0, Math.trunc(raw.dropped) || 0),
  };
}

/** What a span may take up with its attributes and events. */
class Room {
  dropped = 0;
  #characters = spanCharacters;
  #entries = spanEntries;

  attributes(raw: readonly RawAttribute[]): SpanAttribute[] {
    const kept: SpanAttribute[] = [];
    for (const { key, value } of raw) {
      const name = clip(key, nameCharacters);
      const known = plain(value);
      if (this.#take(name.length + (typeof known === 'string' ? known.length : numberCharacters))) {
        kept.push([name, known]);
      }
    }
    return kept;
  }

  events({ events, start }: RawSpan): SpanEvent[] {
    const kept: SpanEvent[] = [];
    for (const event of events) {
      const name = clip(event.name, nameCharacters);
      if (!this.#take(name.length)) continue;
      const at = isTime(event.time) ? event.time : start;
      kept.push({ name, at: milliseconds(at), attributes: this.attributes(event.attributes) });
    }
    return kept;
  }

  #take(characters: number): boolean {
    if (this.#entries === 0 || characters > this.#characters) {
      this.dropped++;
      return false;
    }
    this.#entries--;
    this.#characters -= characters;
    return true;
  }
}

function plain(value: RawValue): string | number | boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null) return '';
  return clip(typeof value === 'string' ? value : JSON.stringify(value), valueCharacters);
}

function clip(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}

/** To the microsecond: clocks know no more. */
function milliseconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1_000) / 1_000;
}

function isTraceId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id);
}

function isSpanId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id);
}

/** Some write none as zeros. */
function hasParent(id: string): boolean {
  return !/^0*$/.test(id);
}

function isTime(nanoseconds: number): boolean {
  return nanoseconds > 0 && nanoseconds < endOfTime;
}

/** What an SDK writes that was told no name is none: `unknown_service:node`. */
function isNamed(service: string): boolean {
  return service !== '' && !/^unknown_service(?::|$)/.test(service);
}
