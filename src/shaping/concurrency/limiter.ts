import type { ConcurrencyConfig, Priority } from '../../config/shaping-configs.js';
import type { Clock } from '../../foundation/clock.js';
import { promised } from '../../foundation/promised.js';
import type { Random } from '../../foundation/random.js';
import { HeldSlot } from '../held-slot.js';
import { SlidingCount } from '../sliding-count.js';
import { AdaptiveLimit } from './adaptive-limit.js';
import { FixedLimit } from './fixed-limit.js';
import type { Limit, Sample } from './limit.js';
import { PriorityQueue } from './priority-queue.js';

/** What became of the wish for a slot. */
export type Admission =
  | Slot
  | {
      readonly kind: 'queued';
      /** What the waiting came to. */
      readonly turn: Promise<Turn>;
      /** Gives up waiting. Once the slot is granted it does nothing: then the slot is to be released. */
      leave(): void;
    }
  | Refused;

export type Turn = Slot | Refused | { readonly kind: 'left' };

/** The right to one request under way. */
export interface Slot {
  readonly kind: 'taken';
  /** The limit adapts: it asks for samples. */
  readonly isSampled: boolean;
  /** Says how the service bore the request; once, or not at all where it says nothing of it. */
  sample(sample: Omit<Sample, 'inFlight'>): void;
  /**
   * The head of the answer is here. Under a limit that adapts, the request is under way no longer: a handful of event streams
   * or WebSockets would take all of it, for hours, and it would never learn that the service could bear more.
   */
  answered(): void;
  /** Whoever is next has it. Calling it again does nothing. */
  release(): void;
}

/** Enough are waiting, it has waited long enough, or one of a higher priority has its place. */
interface Refused {
  readonly kind: 'refused';
}

/** Milliseconds of refusals that are shown. */
const lately = 10_000;

/** How many requests to a service are under way at once, and who waits for how long until it may be one of them. */
export class ConcurrencyLimiter {
  readonly #clock: Clock;
  readonly #random: Random;
  #config: ConcurrencyConfig;
  #limit: Limit;
  #underWay = 0;
  readonly #queue = new PriorityQueue<(turn: Turn) => void>();
  readonly #refusals = new SlidingCount(lately);

  constructor(config: ConcurrencyConfig, rooms: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = rooms.clock;
    this.#random = rooms.random;
    this.#config = config;
    this.#limit = this.#limitOf(config);
  }

  get underWay(): number {
    return this.#underWay;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get limit(): number {
    return this.#limit.current;
  }

  /** Requests that had no turn in the last ten seconds, those that left themselves not among them. */
  get refusedLately(): number {
    return this.#refusals.total(this.#clock.monotonic());
  }

  /** After a reload. Nothing is taken from those under way, or waiting; a limit that adapts keeps what it has learnt. */
  update(config: ConcurrencyConfig): void {
    const adaptsOn = config.limit === 'adaptive' && this.#limit instanceof AdaptiveLimit;
    if (!adaptsOn) this.#limit = this.#limitOf(config);
    this.#config = config;
    this.#admit();
  }

  /** There is no limit any more: whoever waits goes. */
  open(): void {
    this.#limit = new FixedLimit(Infinity);
    this.#admit();
  }

  /** One slot at once, where there is one. Nobody overtakes his equals: while somebody waits, none is free. */
  take(priority: Priority): Admission {
    if (this.#underWay < this.#limit.current) return this.#grant();
    if (this.#queue.length < this.#config.queue) return this.#enqueue(priority);
    this.#refusals.add(this.#clock.monotonic());
    const shed = this.#queue.shed(priority);
    if (shed === undefined) return refused;
    shed(refused);
    return this.#enqueue(priority);
  }

  #enqueue(priority: Priority): Admission {
    const { promise, resolve } = promised<Turn>();
    const settle = (turn: Turn) => {
      cancel();
      resolve(turn);
    };
    const quit = this.#queue.join(priority, settle);
    const cancel = this.#clock.after(this.#config.maxWait, () => {
      this.#refusals.add(this.#clock.monotonic());
      quit();
      resolve(refused);
    });
    return {
      kind: 'queued',
      turn: promise,
      leave() {
        quit();
        settle({ kind: 'left' }); // which says nothing to a promise that has its turn
      },
    };
  }

  #grant(): Slot {
    this.#underWay++;
    return new LimiterSlot(this.#holder);
  }

  readonly #holder: Holder = {
    adapts: () => this.#limit instanceof AdaptiveLimit,
    sample: (sample) => {
      this.#limit.sample({ ...sample, inFlight: this.#underWay });
      this.#admit();
    },
    free: () => {
      this.#underWay--;
      this.#admit();
    },
  };

  #admit(): void {
    while (this.#underWay < this.#limit.current) {
      const admit = this.#queue.next();
      if (admit === undefined) return;
      admit(this.#grant());
    }
  }

  #limitOf({ limit }: ConcurrencyConfig): Limit {
    return limit === 'adaptive' ? new AdaptiveLimit(this.#clock, this.#random) : new FixedLimit(limit);
  }
}

/** What a slot needs of its limiter. */
interface Holder {
  adapts(): boolean;
  sample(sample: Omit<Sample, 'inFlight'>): void;
  readonly free: () => void;
}

class LimiterSlot extends HeldSlot implements Slot {
  readonly #holder: Holder;

  constructor(holder: Holder) {
    super(holder.free);
    this.#holder = holder;
  }

  get isSampled(): boolean {
    return this.#holder.adapts();
  }

  sample(sample: Omit<Sample, 'inFlight'>): void {
    this.#holder.sample(sample);
  }

  answered(): void {
    if (this.#holder.adapts()) this.release();
  }
}

const refused: Refused = { kind: 'refused' };
