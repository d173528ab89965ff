import type { Cancel, Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { UpstreamConnection } from './upstream.js';

/** Idle connections kept to one instance. */
const maxIdle = 1_024;

/** Milliseconds that a connection may lie idle where the service does not name a shorter time. */
const idleLimit = 30_000;

/** Milliseconds before a service's own limit at which its connection is not used any more: it may be on the way to close it. */
const margin = 1_000;

/** Milliseconds between two looks at the idle connections. */
const lookEvery = 1_000;

/** Milliseconds for which one must have been seen to stay open before any is trusted. */
const trustAfter = 1_000;

/** How sure it must be that the service does not close the connection in this very moment. */
export type Assurance =
  /** What is lost can be sent again. */
  | 'hope'
  /** It must not be lost. */
  | 'trust';

interface Kept {
  readonly connection: UpstreamConnection;
  /** Milliseconds on the monotonic clock. */
  readonly since: number;
  readonly until: number;
}

/** The idle connections to one instance, the latest used last. */
interface Idle {
  kept: Kept[];
  /** Milliseconds for which one has been seen to stay open; 0 again when the service has closed one: it may have been restarted. */
  seenToKeep: number;
}

/**
 * The idle connections to each instance. The latest used is used first, so that those which are too many grow old and close.
 * They are never shared between instances, even on one address: an answer that was meant for one service must not reach the
 * client of another.
 *
 * Few services say how long they keep an idle connection, but all that have a limit have a fixed one: what was kept for two
 * seconds will be kept for one. So a connection is trusted for half the time for which another was seen to stay open.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #idle = new Map<Instance, Idle>();
  readonly #gone = new WeakSet<Instance>();
  #cancelLook: Cancel | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(instance: Instance, assurance: Assurance): UpstreamConnection | undefined {
    const idle = this.#idle.get(instance);
    if (idle === undefined) return undefined;
    const now = this.#clock.monotonic();
    for (let last = idle.kept.at(-1); last !== undefined; last = idle.kept.at(-1)) {
      if (!last.connection.isOpen) idle.seenToKeep = 0;
      const isFit = last.connection.isOpen && now < last.until;
      if (isFit && assurance === 'trust' && !isTrusted(last, idle.seenToKeep, now)) return undefined;
      idle.kept.pop();
      if (isFit) return last.connection;
      last.connection.destroy();
    }
    return undefined;
  }

  /** Keeps a connection that is idle now. */
  readonly keep = (connection: UpstreamConnection): void => {
    const { instance, promisedIdleTime: promised = idleLimit + margin } = connection;
    const time = Math.min(idleLimit, promised - margin);
    const idle = this.#idle.get(instance) ?? { kept: [], seenToKeep: 0 };
    if (this.#isClosed || this.#gone.has(instance) || time <= 0) return void connection.destroy();
    // One of the middle makes room: the newest are those that a POST can trust, and the oldest are what its trust rests on.
    if (idle.kept.length >= maxIdle) idle.kept.splice(maxIdle / 2, 1)[0]?.connection.destroy();
    const since = this.#clock.monotonic();
    idle.kept.push({ connection, since, until: since + time });
    this.#idle.set(instance, idle);
    this.#cancelLook ??= this.#clock.after(lookEvery, () => this.#look());
  };

  /** The instance has left: its idle connections are closed, those in use close when they are done. */
  drop(instance: Instance): void {
    this.#gone.add(instance);
    for (const { connection } of this.#idle.get(instance)?.kept ?? []) connection.destroy();
    this.#idle.delete(instance);
  }

  /** Closes every idle connection, and keeps none that comes back. */
  close(): void {
    this.#isClosed = true;
    this.#cancelLook?.();
    for (const instance of this.#idle.keys()) this.drop(instance);
  }

  #look(): void {
    const now = this.#clock.monotonic();
    let isAnyKept = false;
    for (const idle of this.#idle.values()) {
      const open = idle.kept.filter(({ connection }) => connection.isOpen);
      if (open.length < idle.kept.length) idle.seenToKeep = 0;
      else idle.seenToKeep = Math.max(idle.seenToKeep, ...open.map(({ since }) => now - since));
      idle.kept = open.filter(({ until }) => now < until);
      for (const { connection, until } of open) if (now >= until) connection.destroy();
      isAnyKept ||= idle.kept.length > 0;
    }
    this.#cancelLook = isAnyKept ? this.#clock.after(lookEvery, () => this.#look()) : undefined;
  }
}

function isTrusted({ connection, since }: Kept, seenToKeep: number, now: number): boolean {
  if (connection.promisedIdleTime !== undefined) return true;
  return seenToKeep >= trustAfter && (now - since) * 2 <= seenToKeep;
}
