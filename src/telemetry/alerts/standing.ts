import type { AlertConfig } from '../../config/alert-configs.js';
import type { AlertState } from './alert.js';

/** How an alert stands. */
export interface Standing {
  readonly state: AlertState;
  /**
   * Milliseconds on the monotonic clock, for the wall's may jump: since when the condition of a pending one holds, or
   * that of a firing one holds no more.
   */
  readonly turnedAt: number | undefined;
}

/** One moment, on both clocks. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly monotonic: number;
}

export const atRest: Standing = { state: { kind: 'inactive' }, turnedAt: undefined };

/** How it stands after another look, as in Prometheus. @param isBad does its condition hold? */
export function nextStanding(config: AlertConfig, before: Standing, isBad: boolean, moment: Moment): Standing {
  const { state, turnedAt = moment.monotonic } = before;
  const { now, monotonic } = moment;
  switch (state.kind) {
    case 'inactive':
    case 'resolved':
      if (!isBad) return before;
      if (config.for === 0) return firing(now);
      return { state: { kind: 'pending', since: now }, turnedAt: monotonic };
    case 'pending':
      if (!isBad) return atRest;
      return monotonic - turnedAt < config.for ? before : firing(now);
    case 'firing':
      if (isBad) return { state, turnedAt: undefined };
      if (monotonic - turnedAt < config.keepFiringFor) return { state, turnedAt };
      return ended(before, now);
  }
}

/** Of one that is watched no more: what fires is resolved by that. */
export function ended(before: Standing, now: number): Standing {
  const { state } = before;
  if (state.kind === 'pending') return atRest;
  if (state.kind !== 'firing') return before;
  const since = Math.max(now, state.since); // the wall clock was set back: no receiver takes an end before its beginning
  return { state: { kind: 'resolved', since, firedAt: state.since }, turnedAt: undefined };
}

function firing(now: number): Standing {
  return { state: { kind: 'firing', since: now }, turnedAt: undefined };
}
