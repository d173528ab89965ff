import { Agent } from 'node:http';
import { lookupBoth } from '../foundation/localhost.js';
import type { Instance } from '../registry/instance.js';

/** Idle connections kept to one instance. */
const maxIdle = 64;

/** Milliseconds that a connection may lie idle; a shorter `Keep-Alive: timeout=` of the service wins. */
const idleTimeout = 30_000;

/**
 * The idle connections to each instance. They are never shared between instances, even on one address: an answer that was
 * meant for one service must not reach the client of another.
 */
export class Pool {
  readonly #agents = new Map<Instance, Agent>();

  /**
   * Opens a connection for each request and keeps none. It does not say so: a service that is told `Connection: close` and
   * answers before it has read the body resets the connection, and its answer is lost.
   */
  readonly fresh = new Agent({ keepAlive: true, lookup: lookupBoth });

  constructor() {
    this.fresh.maxFreeSockets = 0; // as an option, 0 would be taken for the default
  }

  /** The one that reuses connections, the latest used first, so that those which are too many grow old and close. */
  reusing(instance: Instance): Agent {
    const known = this.#agents.get(instance);
    if (known !== undefined) return known;
    const agent = new Agent({
      keepAlive: true,
      scheduling: 'lifo',
      maxFreeSockets: maxIdle,
      timeout: idleTimeout,
      lookup: lookupBoth,
    });
    this.#agents.set(instance, agent);
    return agent;
  }

  /** The instance has left: its idle connections are closed, those in use close when they are done. */
  drop(instance: Instance): void {
    const agent = this.#agents.get(instance);
    if (agent === undefined) return;
    this.#agents.delete(instance);
    agent.maxFreeSockets = 0;
    for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
  }

  /** Closes every connection, those in use too. */
  close(): void {
    this.fresh.destroy();
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }
}
