import type { RegistryStore, StoredInstance } from './store.js';

/**
 * Writes the registrations, from `open` to `close`: what was stored is read before anything is written over it, and after
 * the end the folder may be another mesh's. One write at a time, and many changes in one write: two hundred concurrent
 * registrations cost a handful of fsyncs, and each is durable when its call returns.
 */
export class StoreWriter {
  readonly #store: RegistryStore;
  readonly #collect: () => readonly StoredInstance[];
  /** The write that was asked for last; never rejects. */
  #last: Promise<void> = Promise.resolve();
  /** A write that has not collected yet: shared by all who come until it does. */
  #next: Promise<void> | undefined;
  #phase: 'new' | 'open' | 'closed' = 'new';
  /** There was something to write before it was opened. */
  #isDue = false;

  constructor(store: RegistryStore, collect: () => readonly StoredInstance[]) {
    this.#store = store;
    this.#collect = collect;
  }

  /** What was put off until now is written. */
  open(): void {
    this.#phase = 'open';
    if (this.#isDue) this.schedule();
  }

  /** Resolves when nothing is left to write. */
  close(): Promise<void> {
    this.#phase = 'closed';
    return this.#last;
  }

  /** Resolves when everything as it is now is durable, or will be as soon as it is opened; rejects when that failed. */
  async flush(): Promise<void> {
    if (this.#phase === 'open') await this.#write();
    else this.#isDue = true;
  }

  /** A write that nobody waits for; the next flush tells of the failure if it lasts. */
  schedule(): void {
    this.flush().catch(() => {});
  }

  #write(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    const write = this.#last.then(() => {
      this.#next = undefined;
      return this.#store.save(this.#collect());
    });
    this.#next = write;
    this.#last = write.catch(() => {});
    return write;
  }
}
