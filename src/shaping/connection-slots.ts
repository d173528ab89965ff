import type { ConnectionPoolConfig } from '../config/policy-configs.js';
import { promised } from '../foundation/promised.js';
import { HeldSlot } from './held-slot.js';
import { WaitQueue } from './wait-queue.js';

/** What became of the wish for a slot. */
export type Taking =
  | Slot
  | {
      readonly kind: 'queued';
      /** Resolves when it is this one's turn, or with undefined when it has left before. */
      readonly slot: Promise<Slot | undefined>;
      /** Gives up waiting. Once the slot is granted it does nothing: then the slot is to be released. */
      leave(): void;
    }
  /** All are in use, and enough are waiting. */
  | { readonly kind: 'refused' };

/** The right to one connection. */
export interface Slot {
  readonly kind: 'taken';
  /** Whoever waits longest has it next. Calling it again does nothing. */
  release(): void;
}

/**
 * How many attempts may have a connection to a service at once, and how many may wait for one, in the order in which they
 * came. Envoy: the thresholds max_connections and max_pending_requests of a cluster's circuit breakers.
 */
export class ConnectionSlots {
  #config: ConnectionPoolConfig;
  #used = 0;
  readonly #queue = new WaitQueue<(slot: Slot) => void>();

  constructor(config: ConnectionPoolConfig) {
    this.#config = config;
  }

  get used(): number {
    return this.#used;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** After a reload. A higher limit lets waiters in at once; a lower one takes nothing from those who have or wait. */
  update(config: ConnectionPoolConfig): void {
    this.#config = config;
    this.#admit();
  }

  /** There is no limit any more: whoever waits has a slot. */
  open(): void {
    this.update({ maxConnections: Infinity, maxPendingRequests: 0 });
  }

  /** One slot at once, where there is one. Nobody overtakes: while somebody waits, none is free. */
  take(): Taking {
    if (this.#used < this.#config.maxConnections) return this.#grant();
    if (this.#queue.length >= this.#config.maxPendingRequests) return refused;
    const { promise, resolve } = promised<Slot | undefined>();
    const quit = this.#queue.join(resolve);
    return {
      kind: 'queued',
      slot: promise,
      leave() {
        quit();
        resolve(undefined); // which says nothing to a promise that has its slot
      },
    };
  }

  #grant(): Slot {
    this.#used++;
    return new HeldSlot(this.#free);
  }

  readonly #free = (): void => {
    this.#used--;
    this.#admit();
  };

  #admit(): void {
    while (this.#used < this.#config.maxConnections) {
      const admit = this.#queue.next();
      if (admit === undefined) return;
      admit(this.#grant());
    }
  }
}

const refused: Taking = { kind: 'refused' };
