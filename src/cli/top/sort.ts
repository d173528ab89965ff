import type { OverviewServiceView } from '../../admin/overview-wire.js';

export const sortNames = ['service', 'rps', 'success', 'p50', 'p95', 'p99', 'in-flight', 'queued'] as const;
export type SortName = (typeof sortNames)[number];

export interface Sort {
  readonly by: SortName;
  /** Against the order in which people look for trouble: the most, the slowest, the worst first. */
  readonly isReversed: boolean;
}

/** The next one to the right, and again from the left. */
export function nextSort({ by }: Sort): Sort {
  const next = sortNames[(sortNames.indexOf(by) + 1) % sortNames.length] ?? 'service';
  return { by: next, isReversed: false };
}

/** Do the values grow downwards? */
export function isAscending({ by, isReversed }: Sort): boolean {
  return (by === 'service' || by === 'success') !== isReversed;
}

/** `orders-2` before `orders-10`. */
const byName = new Intl.Collator('en', { numeric: true });

/** Services of the same value keep the order of the mesh; those without one come last, whichever way. */
export function sorted(services: readonly OverviewServiceView[], sort: Sort): OverviewServiceView[] {
  const sign = isAscending(sort) ? 1 : -1;
  return [...services].sort((left, right) => {
    if (sort.by === 'service') return sign * byName.compare(left.name, right.name);
    const [one, other] = [sortValue(left, sort.by), sortValue(right, sort.by)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * (one - other);
  });
}

function sortValue({ expose, metrics }: OverviewServiceView, by: Exclude<SortName, 'service'>): number | null {
  if (!expose) return null;
  switch (by) {
    case 'rps':
      return metrics.requestsPerSecond;
    case 'success':
      return metrics.requestsPerSecond === 0 ? null : 1 - metrics.errorRate;
    case 'in-flight':
      return metrics.inFlight;
    case 'queued':
      return metrics.queued;
    default:
      return metrics[by];
  }
}
