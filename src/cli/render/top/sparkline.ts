/** Eight steps; nothing at all is a blank. */
const steps = '▁▂▃▄▅▆▇█';

export interface SparklinePlan {
  /** Characters. */
  readonly width: number;
  /** Seconds that are to be seen at least. */
  readonly span: number;
  /** Of the values that share a character: the mean of counts, for not all of the newest are there yet; the longest of durations. */
  readonly join: 'mean' | 'longest';
}

/**
 * The newest values, one to a second, at the right. Where there are more of them than characters, several share one; which
 * ones goes by the clock, so that the picture moves on once in a while, and does not shimmer each second.
 *
 * @param until the second at whose beginning the newest value ended
 */
export function sparkline(values: ReadonlyArray<number | null>, until: number, plan: SparklinePlan): string {
  const points = pointsOf(values, until, plan);
  const most = Math.max(...points);
  const signs = points.map((point) =>
    point <= 0 ? ' ' : (steps[Math.ceil((point / most) * steps.length) - 1] ?? ' '),
  );
  return signs.join('').padStart(plan.width);
}

/** Seconds that one character stands for. */
export function secondsEach({ width, span }: Pick<SparklinePlan, 'width' | 'span'>): number {
  return Math.max(1, Math.ceil(span / Math.max(1, width)));
}

function pointsOf(values: ReadonlyArray<number | null>, until: number, plan: SparklinePlan): number[] {
  const each = secondsEach(plan);
  const newest = Math.floor((until - 1) / each);
  const shared = new Map<number, number[]>();
  for (const [index, value] of values.entries()) {
    const age = newest - Math.floor((until - values.length + index) / each);
    if (age < plan.width) shared.set(age, [...(shared.get(age) ?? []), value ?? 0]);
  }
  const oldest = Math.max(-1, ...shared.keys());
  return Array.from({ length: oldest + 1 }, (_, index) => joined(shared.get(oldest - index) ?? [], plan));
}

function joined(values: readonly number[], { join }: SparklinePlan): number {
  if (join === 'longest') return Math.max(0, ...values);
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
