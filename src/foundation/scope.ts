/**
 * What was opened together is closed together, last opened first. Every closer runs, even when one before it fails;
 * the first failure is thrown at the end.
 */
export class Scope {
  readonly #closers: Array<() => unknown> = [];

  /** Remembers how to close a thing that has just been opened. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
