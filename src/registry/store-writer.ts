import type { RegistryStore, StoredInstance } from './store.js';

/**
 * Writes the registrations one write at a time, and many changes in one write: two hundred concurrent registrations
 * cost a handful of fsyncs, and each is durable when its call returns.
 */
export class StoreWriter {
  readonly #store: RegistryStore;
  readonly #collect: () => readonly StoredInstance[];
  /** The write that was asked for last; never rejects. */
  #last: Promise<void> = Promise.resolve();
  /** A write that has not collected yet: shared by all who come until it does. */
  #next: Promise<void> | undefined;

  constructor(store: RegistryStore, collect: () => readonly StoredInstance[]) {
    this.#store = store;
    this.#collect = collect;
  }

  /** Resolves when everything as it is now is durable; rejects when that failed. */
  flush(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    const write = this.#last.then(() => {
      this.#next = undefined;
      return this.#store.save(this.#collect());
    });
    this.#next = write;
    this.#last = write.catch(() => {});
    return write;
  }

  /** A write that nobody waits for; the next flush tells of the failure if it lasts. */
  schedule(): void {
    this.flush().catch(() => {});
  }

  /** Resolves when nothing is left to write. */
  settled(): Promise<void> {
    return this.#last;
  }
}
