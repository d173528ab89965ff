import type { HashKeyConfig } from '../config/policy-configs.js';
import type { Instance } from '../registry/instance.js';

/** Why an instance could not be given an attempt. */
export interface LeftOut {
  readonly instance: string;
  readonly because: 'unhealthy' | 'ejected' | 'draining' | 'no-weight' | 'other-version';
  /** In a few words: what its check said, what it is ejected for, which version it is. */
  readonly detail: string | undefined;
}

/** What decided between the candidates. */
export type Grounds =
  /** It was its turn; it was drawn by chance; the client was given it before. */
  | { readonly kind: 'turn' | 'chance' | 'sticky' }
  | Comparison
  /** Whom the key of the request belongs to. */
  | {
      readonly kind: 'hash';
      readonly on: HashKeyConfig;
      /** Of 32 bits. The key itself may be a secret. undefined: the request had none, and was dealt out by chance. */
      readonly position: number | undefined;
    };

/** Of a few that were drawn, the one with the lowest score. */
export interface Comparison {
  /** Requests under way, by weight; or milliseconds that an answer is expected to take. */
  readonly kind: 'requests' | 'latency';
  /** Of the one that was chosen. */
  readonly score: number;
  /** The first that was not; undefined where nobody else was drawn. */
  readonly rival: Instance | undefined;
  readonly rivalScore: number;
  /** Where more than two are drawn. */
  readonly others: readonly { readonly instance: Instance; readonly score: number }[];
}

/** How the instance of an attempt was found. Nothing of it changes any more. */
export interface Choice {
  readonly lineup: Lineup;
  readonly grounds: Grounds;
  /** Candidates that were tried already. */
  readonly avoided: readonly Instance[];
}

/**
 * Who there was to be given a request, and who could not be. The same object until the registry knows something new: so a
 * request remembers all of it by one reference, and it is true for as long as it is remembered. It does not hold the
 * candidates themselves: a thousand requests may each remember another one.
 */
export class Lineup {
  readonly candidates: number;
  /** The first of them. */
  readonly leftOut: readonly LeftOut[];
  /** How many there are beyond those. */
  readonly moreLeftOut: number;
  /** So few are healthy that those which are not are candidates too: these. undefined: no panic. */
  readonly unwell: readonly LeftOut[] | undefined;
  #plain: Choice | undefined;

  constructor(candidates: number, leftOut: readonly LeftOut[], moreLeftOut: number, unwell?: readonly LeftOut[]) {
    this.candidates = candidates;
    this.leftOut = leftOut;
    this.moreLeftOut = moreLeftOut;
    this.unwell = unwell;
  }

  /** A choice from all of them; for the same grounds, the same object. */
  choiceBy(grounds: Grounds): Choice {
    if (this.#plain?.grounds === grounds) return this.#plain;
    this.#plain = { lineup: this, grounds, avoided: nobody };
    return this.#plain;
  }
}

const nobody: readonly Instance[] = [];
