import type { OutputLine } from './output.js';
import type { Exit } from './restart.js';
import { isSuccess } from './restart.js';

/** Where a process is in its life. */
export type ProcessState =
  /** For services that are not ready; for none, for the moment that it takes to find a port and spawn. */
  | { readonly kind: 'waiting'; readonly for: readonly string[] }
  | {
      readonly kind: 'starting';
      readonly pid: number;
      readonly port: number | undefined;
    }
  /** It has passed its health check since it was started; a worker runs. */
  | {
      readonly kind: 'ready';
      readonly pid: number;
      readonly port: number | undefined;
    }
  /** It ended and is started again after `delay` milliseconds. */
  | {
      readonly kind: 'backing-off';
      readonly exit: Exit;
      readonly delay: number;
    }
  | { readonly kind: 'stopping'; readonly pid: number }
  /** It ended, and its restart policy leaves it so. */
  | { readonly kind: 'exited'; readonly exit: Exit }
  /** It could not be started at all; a restart or a change of the mesh file tries again. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped' };

/** One process of a service, as it was when it was asked for. */
export interface ProcessStatus {
  readonly service: string;
  /** `web-1` */
  readonly replica: string;
  readonly state: ProcessState;
  /** How often it was started again, whoever asked for it. */
  readonly restarts: number;
  /** It has ended three times in a row without having been ready for ten seconds. */
  readonly crashLooping: boolean;
  /** What it printed last, oldest first; what it printed before a restart included. */
  lastLines(count: number): readonly OutputLine[];
}

/**
 * Those that depend on it may start: it is ready (a worker, as soon as it runs), or it was a job that has ended well, as
 * compose's `service_completed_successfully`.
 */
export function isUp(state: ProcessState): boolean {
  return state.kind === 'ready' || (state.kind === 'exited' && isSuccess(state.exit));
}

/** It may serve by and by without anybody's help. */
export function isComing({ kind }: ProcessState): boolean {
  return kind === 'waiting' || kind === 'starting' || kind === 'backing-off' || kind === 'stopping';
}

/** How its start went is known. */
export function isSettled({ kind }: ProcessState): boolean {
  return kind !== 'waiting' && kind !== 'starting' && kind !== 'stopping';
}
