/** Seconds. Those of OpenTelemetry's http.server.request.duration, and two finer ones for what is on the same machine. */
export const bounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

/** All durations since the start, in the buckets that Prometheus gets. */
export class Durations {
  /** Of each bound those that are not beyond it and beyond the one before; at the end those beyond all. */
  readonly #counts = new Float64Array(bounds.length + 1);
  #count = 0;
  #sum = 0;

  record(milliseconds: number): void {
    const seconds = milliseconds / 1_000;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += seconds;
  }

  get count(): number {
    return this.#count;
  }

  /** Seconds. */
  get sum(): number {
    return this.#sum;
  }

  /** Of each bound, how many are not beyond it; at the end all. */
  get cumulative(): readonly number[] {
    let seen = 0;
    return Array.from(this.#counts, (count) => {
      seen += count;
      return seen;
    });
  }
}
