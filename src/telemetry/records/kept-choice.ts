import type { Choice, Comparison, Lineup } from '../../exchange/choice.js';
import type { Instance } from '../../registry/instance.js';

/**
 * How an instance was found, as a slot keeps it. A comparison is a new object with each request: that of a plain one is
 * copied, for kept as it is it would grow old. Whoever compares choices by identity gets those of all others.
 */
export class KeptChoice {
  /** As it is, where it is referred to: also a comparison of many, or after others were avoided. */
  #whole: Choice | undefined;
  /** Where there is a comparison of two, or of one. */
  #lineup: Lineup | undefined;
  #kind: Comparison['kind'] = 'requests';
  #score = Number.NaN;
  #rival: Instance | undefined;
  #rivalScore = Number.NaN;

  refer(choice: Choice | undefined): void {
    this.#whole = choice;
    this.#lineup = undefined;
    this.#rival = undefined; // it may be long gone by the next comparison
  }

  copy(choice: Choice | undefined): void {
    const comparison = choice === undefined ? undefined : plainComparisonOf(choice);
    if (comparison === undefined) return void this.refer(choice);
    this.#whole = undefined;
    this.#lineup = choice?.lineup;
    this.#kind = comparison.kind;
    this.#score = comparison.score;
    this.#rival = comparison.rival;
    this.#rivalScore = comparison.rivalScore;
  }

  read(): Choice | undefined {
    if (this.#lineup === undefined) return this.#whole;
    const [kind, score, rival, rivalScore] = [this.#kind, this.#score, this.#rival, this.#rivalScore];
    return { lineup: this.#lineup, grounds: { kind, score, rival, rivalScore, others: nobody }, avoided: nobody };
  }
}

function plainComparisonOf({ grounds, avoided }: Choice): Comparison | undefined {
  const isComparison = grounds.kind === 'requests' || grounds.kind === 'latency';
  return isComparison && grounds.others.length === 0 && avoided.length === 0 ? grounds : undefined;
}

const nobody: readonly never[] = [];
