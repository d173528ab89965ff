import type { Exchange } from '../exchange/exchange.js';
import type { Instance } from '../registry/instance.js';

/** A load-balancing choice, one object per service. It only picks: who is healthy, and what is counted, is decided elsewhere. */
export interface Policy {
  /** One of the candidates; undefined when there are none. Every candidate has a weight above 0. */
  pick(candidates: readonly Instance[], exchange: Exchange): Instance | undefined;
}
