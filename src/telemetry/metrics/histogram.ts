/**
 * Durations in buckets whose width grows with their value (log-linear, as HdrHistogram and DDSketch do): 16 buckets to
 * each doubling, so that what is read back is at most 1/32 (3.1 %) off. Fixed size, and two add up to one.
 *
 * Covers 1 µs to 67 s; what is longer counts as 67 s.
 */
const subBuckets = 16;
/** 2^26 µs = 67 s. */
const octaves = 26;
export const bucketCount = subBuckets * (octaves - 3);

export class Histogram {
  readonly #counts = new Uint32Array(bucketCount);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** @param milliseconds a duration of zero or more. */
  record(milliseconds: number): void {
    this.count(bucketOf(milliseconds), 1);
  }

  /** So many durations more are in that bucket. */
  count(bucket: number, times: number): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + times;
    this.#total += times;
  }

  add(other: Histogram): void {
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + (other.#counts[bucket] ?? 0);
    }
    this.#total += other.#total;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** Milliseconds that `share` (0–1) of the durations do not exceed; undefined when there are none. */
  percentile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    let bucket = 0;
    for (; bucket < bucketCount - 1; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= wanted) break;
    }
    return durationOf(bucket);
  }
}

/** The first 16 buckets are one microsecond wide; then each octave 2^n…2^(n+1) is cut into 16 of 2^(n-4). */
export function bucketOf(milliseconds: number): number {
  const whole = Math.min(Math.floor(milliseconds * 1_000), 2 ** octaves - 1);
  if (whole < subBuckets) return Math.max(0, whole);
  const octave = 31 - Math.clz32(whole);
  return (octave - 3) * subBuckets + ((whole >>> (octave - 4)) & (subBuckets - 1));
}

/** Milliseconds that a bucket stands for: the middle of it. */
export function durationOf(bucket: number): number {
  return middleOf(bucket) / 1_000;
}

function middleOf(bucket: number): number {
  if (bucket < subBuckets) return bucket + 0.5;
  const octave = Math.floor(bucket / subBuckets) + 3;
  const width = 2 ** (octave - 4);
  return 2 ** octave + ((bucket % subBuckets) + 0.5) * width;
}
