/** Seconds and nanoseconds since 1970: OpenTelemetry's `HrTime`. */
export type HrTime = [seconds: number, nanoseconds: number];

/** Milliseconds that one look at the wall clock may be behind it: it shows whole ones. */
const coarseness = 1;

/**
 * Wall time of moments on the monotonic clock, finer than the wall clock shows it: a span of a service would else seem to
 * begin before the one it hangs under. Of what the two clocks differ by, no look shows too much, so the most that was
 * seen is nearest; and when the wall clock is set back, or the machine has slept, it begins again.
 */
export class WallTime {
  #whole = 0;
  #rest = -Infinity;

  /** Both in milliseconds. To be called now and then, before moments near to it are asked for. */
  look(wall: number, monotonic: number): void {
    const difference = wall - monotonic - this.#whole;
    if (difference > this.#rest || difference < this.#rest - coarseness) this.#keep(wall - monotonic);
  }

  /** @param monotonic milliseconds */
  at(monotonic: number): HrTime {
    const milliseconds = this.#rest + monotonic;
    const floor = Math.floor(milliseconds);
    const total = this.#whole + floor;
    const seconds = Math.floor(total / 1_000);
    const nanoseconds = (total - seconds * 1_000) * 1e6 + Math.round((milliseconds - floor) * 1e6);
    return nanoseconds < 1e9 ? [seconds, nanoseconds] : [seconds + 1, nanoseconds - 1e9];
  }

  /** In two parts: one number of all that would be exact to 0.2 µs only. */
  #keep(difference: number): void {
    this.#whole = Math.floor(difference);
    this.#rest = difference - this.#whole;
  }
}

/** @param milliseconds not negative */
export function spanOfTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.min(Math.round((milliseconds - seconds * 1_000) * 1e6), 999_999_999)];
}
