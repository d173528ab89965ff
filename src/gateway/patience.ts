import { keepAliveSeconds } from './delivery.js';

/** What a connection is waiting for. */
export type Phase =
  /** The first byte of a request. */
  | 'idle'
  /** The rest of a head. */
  | 'head'
  /** More of a body. */
  | 'body'
  /**
   * The service, and then the client's reading. Neither is limited here: the service has its own timeout, and a client that
   * does not read may stand at a breakpoint. It holds two connections, and no more than 64 KiB.
   */
  | 'busy'
  /** The rest of a request that is answered: thrown away, for the client may have to send it before it reads. */
  | 'lingering'
  /** The client's end, behind ours. */
  | 'closing';

/** Milliseconds. */
const limits: Readonly<Record<Phase, number>> = {
  idle: (keepAliveSeconds + 2) * 1_000, // longer than clients are told: who believes it meets no closing door
  head: 10_000,
  body: 60_000,
  busy: Infinity,
  lingering: 5_000,
  closing: 5_000,
};

export function isOverdue(phase: Phase, waitedMs: number): boolean {
  return waitedMs >= limits[phase];
}
