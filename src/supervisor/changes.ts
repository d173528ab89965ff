/** Wakes those who wait for a condition; each looks for itself whether what has changed is what it waits for. */
export class Changes {
  readonly #lookers = new Set<() => void>();

  /** Something has changed. */
  tell(): void {
    for (const look of [...this.#lookers]) look();
  }

  /** Resolves when the condition holds, now or after a change; or when the signal aborts. */
  until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!signal.aborted && !condition()) return;
        this.#lookers.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#lookers.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }
}
