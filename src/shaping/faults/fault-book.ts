import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { Random } from '../../foundation/random.js';
import { chanceOf } from './fault-chance.js';
import { isMatch } from './fault-match.js';

/** A fault that an attempt meets, and its chance: how long, which bytes. */
export interface Met {
  readonly fault: FaultConfig;
  readonly random: Random;
}

/** The faults of a service: numbers its requests, throws the dice, and counts how often each fault was met. */
export class FaultBook {
  readonly faults: readonly FaultConfig[];
  readonly #seed: number;
  readonly #service: string;
  readonly #counts: number[];
  #requests = 0;
  readonly #numbers = new WeakMap<Exchange, { readonly request: number; attempts: number }>();

  constructor(faults: readonly FaultConfig[], service: string, seed: number) {
    this.faults = faults;
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
    const { request, attempt } = this.#count(exchange);
    const met: Met[] = [];
    for (const [index, fault] of this.faults.entries()) {
      if (!isMatch(fault, exchange)) continue;
      const random = chanceOf({ seed: this.#seed, service: this.#service, fault: index, request, attempt });
      if (random() >= fault.percentage) continue;
      this.#counts[index] = (this.#counts[index] ?? 0) + 1;
      met.push({ fault, random });
    }
    return met;
  }

  #count(exchange: Exchange): { readonly request: number; readonly attempt: number } {
    const known = this.#numbers.get(exchange) ?? { request: this.#requests++, attempts: 0 };
    this.#numbers.set(exchange, known);
    return { request: known.request, attempt: known.attempts++ };
  }
}
