import type { Grounds } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Instance } from '../registry/instance.js';

/** A load-balancing choice, one object per service and version. It only picks: who is healthy, and what is counted, is decided elsewhere. */
export interface Policy {
  /**
   * One of the candidates; undefined when there are none.
   *
   * @param candidates every one has a weight above 0. The same array for as long as nothing of it changes: what is computed
   *   from it may be kept beside it.
   * @param avoid those of them that were tried already for this exchange, and at least one was not; nearly always empty
   */
  pick(candidates: readonly Instance[], exchange: Exchange, avoid: readonly Instance[]): Instance | undefined;
  /** What decided the last pick: it is asked for at once, or never. Where all picks are alike, always the same object. */
  readonly grounds: Grounds;
}
