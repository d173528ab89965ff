import type { Comparison } from '../exchange/choice.js';
import type { Instance } from '../registry/instance.js';

/** What a pick has compared. One object for each pick, and no list where two are drawn: that is nearly always. */
export class Compared implements Comparison {
  readonly kind: Comparison['kind'];
  score = Number.NaN;
  rival: Instance | undefined;
  rivalScore = Number.NaN;
  others: Comparison['others'] = none;

  constructor(kind: Comparison['kind']) {
    this.kind = kind;
  }

  lost(instance: Instance | undefined, score: number): void {
    if (instance === undefined) return;
    if (this.rival !== undefined) {
      this.others = [...this.others, { instance, score }];
      return;
    }
    this.rival = instance;
    this.rivalScore = score;
  }
}

const none: Comparison['others'] = [];
