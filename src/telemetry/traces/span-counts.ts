/** Why a span never reached the collector. */
export const dropReasons = ['queue_full', 'export_failed', 'shutdown'] as const;
export type DropReason = (typeof dropReasons)[number];

/** What has become of spans that were to be sent, since the start of the mesh. */
export class SpanCounts {
  exported = 0;
  readonly dropped: Record<DropReason, number> = { queue_full: 0, export_failed: 0, shutdown: 0 };

  drop(reason: DropReason, count: number): void {
    this.dropped[reason] += count;
  }

  get all(): number {
    return this.exported + this.allDropped;
  }

  get allDropped(): number {
    return dropReasons.reduce((sum, reason) => sum + this.dropped[reason], 0);
  }
}
