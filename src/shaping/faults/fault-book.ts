import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Clock } from '../../foundation/clock.js';
import { promised } from '../../foundation/promised.js';
import type { Random } from '../../foundation/random.js';
import { Pacer } from '../bandwidth/pacer.js';
import { chanceOf } from './fault-chance.js';
import { isMatch } from './fault-match.js';

/** A fault that an attempt meets, and its chance: how long, which bytes. */
export interface Met {
  readonly fault: FaultConfig;
  readonly random: Random;
}

export interface FaultRooms {
  readonly seed: number;
  readonly clock: Clock;
}

/** The faults of a service: numbers its requests, throws the dice, and counts how often each fault was met. */
export class FaultBook {
  readonly faults: readonly FaultConfig[];
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #service: string;
  readonly #counts: number[];
  #requests = 0;
  /** Those that are held up, and what paces the bodies that are throttled. */
  readonly #held = new Set<() => void>();
  readonly #pacers = new Set<Pacer>();
  #isLifted = false;

  constructor(faults: readonly FaultConfig[], service: string, { seed, clock }: FaultRooms) {
    this.faults = faults;
    this.#clock = clock;
    this.#service = service;
    this.#seed = seed;
    this.#counts = faults.map(() => 0);
  }

  /** How often each was met, in the order of `faults`. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** What the attempt that begins now meets, in the order of the faults. */
  meet(exchange: Exchange): readonly Met[] {
    if (this.#isLifted) return nothing; // it has waited for its turn meanwhile: nobody would lift them again
    exchange.numberForFaults ??= this.#requests++;
    const request = exchange.numberForFaults;
    const attempt = exchange.attemptsForFaults++;
    let met = nothing;
    this.faults.forEach((fault, index) => {
      if (!isMatch(fault, exchange)) return;
      const random = chanceOf({ seed: this.#seed, service: this.#service, fault: index, request, attempt });
      if (random() >= fault.percentage) return;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      met = [...met, { fault, random }];
    });
    return met;
  }

  /** Is over after so many milliseconds (Infinity: never), when the faults are lifted, or when whoever is held up leaves. */
  hold(milliseconds: number): { readonly over: Promise<void>; readonly leave: () => void } {
    const { promise, resolve } = promised<void>();
    const leave = () => {
      cancel();
      this.#held.delete(leave);
      resolve();
    };
    const cancel = milliseconds === Infinity ? () => {} : this.#clock.after(milliseconds, leave);
    this.#held.add(leave);
    return { over: promise, leave };
  }

  /** @param rate bytes per second */
  pacerFor(exchange: Exchange, rate: number): Pacer {
    const pacer = new Pacer(this.#isLifted ? Infinity : rate, this.#clock);
    this.#pacers.add(pacer);
    exchange.onFinish(() => this.#pacers.delete(pacer));
    return pacer;
  }

  /** They hold no longer: whoever is held up goes on, and what is throttled flows. */
  lift(): void {
    this.#isLifted = true;
    for (const leave of this.#held) leave();
    for (const pacer of this.#pacers) pacer.update(Infinity);
  }
}

const nothing: readonly Met[] = [];
