import type { Choice, Comparison, Lineup } from '../../exchange/choice.js';
import type { Instance } from '../../registry/instance.js';

/** How an instance was found, as a slot keeps it: what is new with each request is copied, what is shared is referred to. */
export class KeptChoice {
  /** As it is, where there is no comparison in it, or an uncommon one. */
  #whole: Choice | undefined;
  /** Where there is a comparison of two, or of one. */
  #lineup: Lineup | undefined;
  #kind: Comparison['kind'] = 'requests';
  #score = Number.NaN;
  #rival: Instance | undefined;
  #rivalScore = Number.NaN;

  write(choice: Choice | undefined): void {
    const comparison = choice === undefined ? undefined : plainComparisonOf(choice);
    this.#whole = comparison === undefined ? choice : undefined;
    this.#lineup = comparison === undefined ? undefined : choice?.lineup;
    if (comparison === undefined) return;
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
