/** The first 13 of the last 14 digits, which are drawn by chance: as many as a number holds without rounding. */
const digits = { from: 18, to: 31 } as const;
const outcomes = 16 ** (digits.to - digits.from);

/**
 * Decides of which traces that begin here spans are kept: by the trace's own id, so that whoever else decides by the same
 * share decides the same (OpenTelemetry, consistent probability sampling).
 */
export class Sampler {
  #threshold = 0;

  /** @param share of all traces, 0 to 1 */
  constructor(share: number) {
    this.setShare(share);
  }

  setShare(share: number): void {
    this.#threshold = (1 - share) * outcomes;
  }

  isSampled(traceId: string): boolean {
    if (this.#threshold === 0) return true;
    return Number.parseInt(traceId.slice(digits.from, digits.to), 16) >= this.#threshold;
  }
}
