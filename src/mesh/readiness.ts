import type { ServiceConfig } from '../config/snapshot.js';
import type { Service } from '../registry/service.js';
import type { ProcessStatus } from '../supervisor/supervisor.js';
import type { Rooms } from './assemble.js';

export interface Readiness {
  readonly ready: boolean;
  /** The services that are not ready. */
  readonly waiting: readonly string[];
}

/**
 * Resolves when every service that the mesh runs is ready, or it is clear that one will not be, or after `timeout`
 * milliseconds. Services whose instances run elsewhere are not waited for: the mesh cannot start them.
 */
export function whenReady(
  rooms: Rooms,
  only: ReadonlySet<string> | undefined,
  timeout: number | undefined,
): Promise<Readiness> {
  return new Promise((resolve) => {
    const finish = () => {
      for (const end of watches) end();
      const waiting = waitedFor(rooms, only);
      resolve({ ready: waiting.length === 0, waiting });
    };
    const look = () => {
      if (isReady(rooms, only) || rooms.supervisor.statuses().some(isHopeless)) finish();
    };
    const watches = [rooms.registry.on(look), rooms.supervisor.on('state', look)];
    if (timeout !== undefined) watches.push(rooms.clock.after(timeout, finish));
    look();
  });
}

export function isReady(rooms: Rooms, only: ReadonlySet<string> | undefined): boolean {
  return waitedFor(rooms, only).length === 0;
}

/** A worker is ready when each of its processes runs, or has done its work and ended well; a service, when it can be called. */
export function isServiceReady(
  service: Service,
  config: ServiceConfig | undefined,
  processes: readonly ProcessStatus[],
): boolean {
  if (config?.process === undefined) return service.routable.length > 0;
  return processes.length > 0 && processes.every(({ state }) => state.kind === 'ready' || isDone(state));
}

function waitedFor({ snapshot, registry, supervisor }: Rooms, only: ReadonlySet<string> | undefined): string[] {
  const waiting: string[] = [];
  for (const config of snapshot.services.values()) {
    const service = registry.service(config.name);
    if (config.process === undefined || service === undefined || only?.has(config.name) === false) continue;
    const processes = supervisor.statuses().filter((status) => status.service === config.name);
    if (!isServiceReady(service, config, processes)) waiting.push(config.name);
  }
  return waiting;
}

/** It will not become ready by waiting longer: somebody has to look at it. */
function isHopeless({ state, crashLooping }: ProcessStatus): boolean {
  return crashLooping || state.kind === 'failed' || (state.kind === 'exited' && !isDone(state));
}

function isDone(state: ProcessStatus['state']): boolean {
  return state.kind === 'exited' && state.exit.kind === 'code' && state.exit.code === 0;
}
