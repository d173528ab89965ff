/** A clock that moves when it is told to, and its timers with it. */
export class ManualClock {
  #elapsed = 0;
  #timers = [];

  now() {
    return Date.UTC(2026, 0, 1) + this.#elapsed;
  }

  monotonic() {
    return this.#elapsed;
  }

  after(delay, callback) {
    const timer = { due: this.#elapsed + delay, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** @param milliseconds fewer than any timer is set for again */
  advance(milliseconds) {
    this.#elapsed += milliseconds;
    const due = this.#timers.filter((timer) => timer.due <= this.#elapsed);
    if (due.length === 0) return;
    this.#timers = this.#timers.filter((timer) => timer.due > this.#elapsed);
    for (const { callback } of due) callback();
  }
}
