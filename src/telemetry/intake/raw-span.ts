import { MeshError } from '../../foundation/errors.js';

/** A span as it came over the wire, whichever way it was written there; whether it is one, `check-span.ts` says. */
export interface RawSpan {
  /** Lower-case hexadecimal digits, however many there are. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty where there is none. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** Nanoseconds since 1970. As a double they are exact to a quarter of a microsecond. */
  readonly start: number;
  readonly end: number;
  readonly attributes: readonly RawAttribute[];
  readonly events: readonly RawEvent[];
  readonly status: RawStatus;
  /** Attributes and events that the service has left out itself. */
  readonly dropped: number;
  /** `service.name` of its resource; empty where there is none. */
  readonly service: string;
}

export interface RawEvent {
  readonly time: number;
  readonly name: string;
  readonly attributes: readonly RawAttribute[];
}

export interface RawStatus {
  readonly code: number;
  readonly message: string;
}

export interface RawAttribute {
  readonly key: string;
  readonly value: RawValue;
}

/** `null` is a value that is empty. Integers that a double cannot hold, and bytes in base64, are strings. */
export type RawValue = string | number | boolean | null | readonly RawValue[] | { readonly [key: string]: RawValue };

/** How deep a value may be nested: who sends deeper ones wants the stack to overflow. */
const deepestValue = 16;

/** @throws invalid_request */
export function refuseDeep(depth: number): void {
  if (depth <= deepestValue) return;
  throw new MeshError('invalid_request', `A value is nested deeper than ${deepestValue} times`);
}

/** A value that is a map. A key such as `__proto__` is one like all others. */
export function mapOf(attributes: readonly RawAttribute[]): RawValue {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}

/** The name of the service, of the attributes of a resource. */
export function serviceNameIn(resource: readonly RawAttribute[]): string {
  const name = resource.find(({ key }) => key === 'service.name')?.value;
  return typeof name === 'string' ? name : '';
}
