import type { Cancel, Clock } from '../foundation/clock.js';
import type { Instance } from '../registry/instance.js';
import type { UpstreamConnection } from './upstream.js';

/** Idle connections kept to one instance. */
const maxIdle = 1_024;

/** Milliseconds that a connection may lie idle where the service does not name a shorter time. */
const idleLimit = 30_000;

/** Milliseconds before a service's own limit at which its connection is not used any more: it may be on the way to close it. */
const margin = 1_000;

/** Milliseconds between two looks for connections that lay idle for too long. */
const lookEvery = 1_000;

interface Kept {
  readonly connection: UpstreamConnection;
  /** Milliseconds on the monotonic clock. */
  readonly until: number;
}

/**
 * The idle connections to each instance, the latest used first, so that those which are too many grow old and close. They
 * are never shared between instances, even on one address: an answer that was meant for one service must not reach the client
 * of another.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #idle = new Map<Instance, Kept[]>();
  readonly #gone = new WeakSet<Instance>();
  #cancelLook: Cancel | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param wish `promised`: only one of which the service has said how long it keeps it */
  take(instance: Instance, wish: 'any' | 'promised'): UpstreamConnection | undefined {
    const idle = this.#idle.get(instance) ?? [];
    const now = this.#clock.monotonic();
    for (let last = idle.at(-1); last !== undefined; last = idle.at(-1)) {
      const { connection, until } = last;
      const isFit = connection.isOpen && now < until;
      if (isFit && wish === 'promised' && connection.promisedIdleTime === undefined) return undefined;
      idle.pop();
      if (isFit) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** Keeps a connection that is idle now. */
  readonly keep = (connection: UpstreamConnection): void => {
    const { instance, promisedIdleTime: promised = idleLimit + margin } = connection;
    const time = Math.min(idleLimit, promised - margin);
    const idle = this.#idle.get(instance) ?? [];
    if (this.#isClosed || this.#gone.has(instance) || time <= 0 || idle.length >= maxIdle)
      return void connection.destroy();
    this.#idle.set(instance, idle);
    idle.push({ connection, until: this.#clock.monotonic() + time });
    this.#cancelLook ??= this.#clock.after(lookEvery, () => this.#look());
  };

  /** The instance has left: its idle connections are closed, those in use close when they are done. */
  drop(instance: Instance): void {
    this.#gone.add(instance);
    for (const { connection } of this.#idle.get(instance) ?? []) connection.destroy();
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
    for (const [instance, idle] of this.#idle) {
      const fit = idle.filter(({ connection, until }) => connection.isOpen && now < until);
      for (const { connection, until } of idle) if (now >= until) connection.destroy();
      if (fit.length === 0) this.#idle.delete(instance);
      else this.#idle.set(instance, fit);
    }
    this.#cancelLook = this.#idle.size === 0 ? undefined : this.#clock.after(lookEvery, () => this.#look());
  }
}
