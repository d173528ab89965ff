import type { Arrival } from '../../exchange/exchange.js';
import type { ErrorCode, MeshError } from '../../foundation/errors.js';

/** Why a client is turned away, for what it sends, or before it sends anything. */
const usual: readonly ErrorCode[] = [
  'too_many_connections',
  'bad_request',
  'head_too_large',
  'target_too_long',
  'version_not_supported',
  'head_timeout',
];

export interface TurnedAwayCount {
  /** Whose port it was; undefined: the front door. */
  readonly service: string | undefined;
  readonly reason: ErrorCode;
  value: number;
}

/** Clients that were answered before they came to a request: no exchange tells of them. */
export class TurnedAway implements Iterable<TurnedAwayCount> {
  /** Those of the front door are there from the start: of a counter that appears with 1, no rate is seen. */
  readonly #counts: TurnedAwayCount[] = usual.map((reason) => ({ service: undefined, reason, value: 0 }));

  count(arrival: Arrival, { code: reason }: MeshError): void {
    const service = arrival.kind === 'front' ? undefined : arrival.service;
    const known = this.#counts.find((each) => each.service === service && each.reason === reason);
    if (known === undefined) this.#counts.push({ service, reason, value: 1 });
    else known.value++;
  }

  [Symbol.iterator](): Iterator<TurnedAwayCount> {
    return this.#counts.values();
  }
}
