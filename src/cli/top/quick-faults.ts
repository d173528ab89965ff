import type { ShapeBody } from '../../admin/shaping-wire.js';

/** Trouble that is one key away; `undefined` values give way to the mesh file again. */
export interface QuickFault {
  readonly key: string;
  readonly words: string;
  /** Keys of a service, as the mesh file has them. */
  readonly values: Omit<ShapeBody, 'for' | 'by'> | undefined;
}

/** It ends by itself: somebody tries it, and forgets it. */
export const faultTime = '1m';

export const quickFaults: readonly QuickFault[] = [
  { key: '1', words: 'delay 300ms for all requests', values: { faults: [{ delay: '300ms' }] } },
  { key: '2', words: 'delay 2s for 10%', values: { faults: [{ delay: '2s', percentage: '10%' }] } },
  { key: '3', words: 'abort 503 for 10%', values: { faults: [{ abort: 503, percentage: '10%' }] } },
  { key: '4', words: 'abort 503 for all requests', values: { faults: [{ abort: 503 }] } },
  { key: '5', words: 'reset 10% before the answer', values: { faults: [{ reset: 'before-head', percentage: '10%' }] } },
  { key: '6', words: 'no answer at all for 10%', values: { faults: [{ blackhole: true, percentage: '10%' }] } },
  { key: '7', words: 'throttle answers to 64KiB/s', values: { faults: [{ throttle: '64KiB/s' }] } },
  { key: 'c', words: 'clear: as the mesh file says again', values: undefined },
];
