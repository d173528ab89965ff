import type { Grounds } from '../exchange/choice.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Instance } from '../registry/instance.js';
import type { Ranked } from './heap.js';
import { Heap } from './heap.js';
import type { Policy } from './policy.js';
import type { SlowStart } from './slow-start.js';

/**
 * Smooth weighted round-robin, exact over time: after any number of picks, each instance has had what it is due, give or take
 * less than one. 3:1 gives `a a b a` and equal weights take turns, those that came first first.
 *
 * An instance of weight w among a total of W is due a turn every W/w picks. Its next turn may not begin before the last one is
 * over, and of those that may, the one that ends first is taken: earliest deadline first with release times, as in
 * proportionate-fair scheduling (Baruah et al. 1996). Envoy's scheduler has deadlines alone: then a weight of 5 beside five
 * of 1 gets its five picks in a burst.
 *
 * What an instance is owed, or has had too early, it keeps when others come, go or change their weight, and when it comes back;
 * but never more than one pick: a heavy one that was served while its light neighbours had all had their turns would pay for it
 * with thousands of picks once its weight is small.
 */
export class RoundRobin implements Policy {
  readonly grounds: Grounds = { kind: 'turn' };
  readonly #slowStart: SlowStart;
  #weights: readonly number[] = [];
  #total = 0;
  /** Since the weights are what they are. */
  #picks = 0;
  #turns: Turn[] = [];
  /** Picks that an instance was owed when the weights changed last. */
  readonly #owed = new WeakMap<Instance, number>();
  /** Whose turn has not begun yet, ranked by its begin; and whose has, ranked by its end. */
  #waiting = new Heap<Turn>();
  #ready = new Heap<Turn>();
  #sequence = 0;

  constructor(slowStart: SlowStart) {
    this.#slowStart = slowStart;
  }

  pick(candidates: readonly Instance[], _exchange: Exchange, avoid: readonly Instance[]): Instance | undefined {
    const weights = this.#slowStart.weightsOf(candidates);
    if (weights !== this.#weights) this.#reschedule(candidates, weights);
    this.#picks++;
    while ((this.#waiting.first?.rank ?? Infinity) < this.#picks) this.#admitFirst();
    const turn = this.#takeFirst(avoid);
    if (turn === undefined) return undefined;
    turn.served++;
    turn.sequence = this.#sequence++;
    this.#queue(turn);
    return turn.instance;
  }

  #admitFirst(): void {
    const turn = this.#waiting.pop();
    if (turn === undefined) return;
    turn.rank = turn.end;
    this.#ready.push(turn);
  }

  /** Nobody may be ready for once, when those have left who were owed much: then the next one is early. */
  #takeFirst(avoid: readonly Instance[]): Turn | undefined {
    const passedOver: Turn[] = [];
    let turn = this.#ready.pop() ?? this.#waiting.pop();
    while (turn !== undefined && avoid.includes(turn.instance)) {
      passedOver.push(turn);
      turn = this.#ready.pop() ?? this.#waiting.pop();
    }
    for (const each of passedOver) this.#queue(each);
    return turn;
  }

  #queue(turn: Turn): void {
    const had = turn.served - turn.owed;
    const begin = (had * this.#total) / turn.weight;
    turn.end = ((had + 1) * this.#total) / turn.weight;
    const isReady = begin < this.#picks + 1;
    turn.rank = isReady ? turn.end : begin;
    (isReady ? this.#ready : this.#waiting).push(turn);
  }

  #reschedule(candidates: readonly Instance[], weights: readonly number[]): void {
    for (const { instance, owed, weight, served } of this.#turns) {
      this.#owed.set(instance, owed + (this.#picks * weight) / this.#total - served);
    }
    this.#weights = weights;
    this.#total = weights.reduce((sum, weight) => sum + weight, 0);
    this.#picks = 0;
    this.#waiting = new Heap();
    this.#ready = new Heap();
    this.#turns = candidates.map((instance, at) => {
      const weight = weights[at] ?? 0;
      const owed = atMostOne(this.#owed.get(instance) ?? 0);
      return { instance, weight, owed, served: 0, end: 0, rank: 0, sequence: this.#sequence++ };
    });
    for (const turn of this.#turns) this.#queue(turn);
  }
}

interface Turn extends Ranked {
  readonly instance: Instance;
  readonly weight: number;
  /** Picks it was owed when the weights changed; negative when it has had some too early. */
  readonly owed: number;
  served: number;
  /** In picks since the weights changed: by then it is due once more. */
  end: number;
}

function atMostOne(owed: number): number {
  return Math.max(-1, Math.min(1, owed));
}
