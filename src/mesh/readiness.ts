import type { UnlistedConfig } from '../config/snapshot.js';
import type { Service } from '../registry/service.js';
import type { ProcessStatus } from '../supervisor/supervisor.js';
import { isUp } from '../supervisor/supervisor.js';
import type { Rooms } from './assemble.js';

/** How far the services that the mesh runs are. Those whose instances run elsewhere are not waited for: it cannot start them. */
export interface Readiness {
  /** Every one of them is ready. */
  readonly ready: boolean;
  /** Those that are not. */
  readonly waiting: readonly string[];
  /** Of these, the ones that will not become ready by waiting longer: somebody has to look at them. */
  readonly stuck: readonly string[];
}

/** Resolves when all are ready, or there is something to look at (one is stuck, or crashes again and again), or after `timeout` milliseconds. */
export function whenReady(
  rooms: Rooms,
  only: () => ReadonlySet<string> | undefined,
  timeout: number | undefined,
): Promise<Readiness> {
  return new Promise((resolve) => {
    const finish = () => {
      for (const end of watches) end();
      resolve(readinessOf(rooms, only()));
    };
    const look = () => {
      const { ready, stuck } = readinessOf(rooms, only());
      const isLooping = rooms.supervisor.statuses().some(({ crashLooping }) => crashLooping);
      if (ready || stuck.length > 0 || isLooping) finish();
    };
    const watches = [rooms.registry.on(look), rooms.supervisor.on('state', look)];
    if (timeout !== undefined) watches.push(rooms.clock.after(timeout, finish));
    look();
  });
}

/** @param only the services that were asked for; undefined: all */
export function readinessOf(
  { snapshot, registry, supervisor }: Rooms,
  only: ReadonlySet<string> | undefined,
): Readiness {
  const waiting: string[] = [];
  const stuck: string[] = [];
  for (const config of snapshot.services.values()) {
    const service = registry.service(config.name);
    if (config.process === undefined || service === undefined || only?.has(config.name) === false) continue;
    const processes = supervisor.statuses(config.name);
    if (isServiceReady(service, config, processes)) continue;
    waiting.push(config.name);
    if (processes.some(isStuck)) stuck.push(config.name);
  }
  return { ready: waiting.length === 0, waiting, stuck };
}

/** It can be called; a worker runs. A program that has done its work and ended well is ready, too (compose: service_completed_successfully). */
export function isServiceReady(service: Service, config: UnlistedConfig, processes: readonly ProcessStatus[]): boolean {
  const canBeCalled = service.routable.length > 0;
  if (config.process === undefined) return canBeCalled;
  const areUp = processes.length > 0 && processes.every(({ state }) => isUp(state));
  const someRun = processes.some(({ state }) => state.kind === 'ready');
  return areUp && (canBeCalled || !config.expose || !someRun);
}

/** Not one that crashes again and again: what it waits for, such as a database, may be there the next time. */
function isStuck({ state }: ProcessStatus): boolean {
  return state.kind === 'failed' || (state.kind === 'exited' && !isUp(state));
}
