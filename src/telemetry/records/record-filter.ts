import type { Outcome } from '../../exchange/outcome.js';
import type { ExchangeRecord } from './record.js';

/** Which exchanges are wanted: all of it must be so. */
export interface RecordFilter {
  /** Undefined: whatever they were answered with, and those that were not. */
  readonly statuses: ReadonlySet<number> | undefined;
  /** The target begins so. */
  readonly path: string;
  /** Milliseconds that it took at least. */
  readonly slow: number;
}

export function isWanted(
  { statuses, path, slow }: RecordFilter,
  { outcome, target, duration }: ExchangeRecord,
): boolean {
  if (duration < slow || !target.startsWith(path)) return false;
  const status = statusOf(outcome);
  return statuses === undefined || (status !== undefined && statuses.has(status));
}

/** Undefined where no answer began. */
export function statusOf(outcome: Outcome): number | undefined {
  return 'status' in outcome && outcome.status > 0 ? outcome.status : undefined;
}
