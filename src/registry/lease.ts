import type { Cancel, Clock } from '../foundation/clock.js';

/** A registration's time to live, counted on the monotonic clock: a jump of the wall clock expires nothing. */
export interface Lease {
  /** Milliseconds between one heartbeat and the end. */
  readonly ttl: number;
  /** Milliseconds left. */
  remaining(): number;
}

export interface RunningLease extends Lease {
  renew(): void;
  end(): void;
}

/** Calls `expire` once, when `ttl` has passed without a renewal. */
export function startLease(clock: Clock, ttl: number, expire: () => void): RunningLease {
  let deadline = 0;
  let cancel: Cancel = () => {};
  const lease: RunningLease = {
    ttl,
    remaining: () => Math.max(0, deadline - clock.monotonic()),
    renew() {
      cancel();
      deadline = clock.monotonic() + ttl;
      cancel = clock.after(ttl, expire);
    },
    end: () => cancel(),
  };
  lease.renew();
  return lease;
}
