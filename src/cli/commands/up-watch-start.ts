import type { ChildProcess } from 'node:child_process';
import { AdminClient } from '../../admin/client.js';
import type { ServiceView, StatusView } from '../../admin/wire.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import { readRunFile } from '../../mesh/run-file.js';
import type { StopRequests } from '../stop-requests.js';
import type { Terminal } from '../terminal.js';

/** How often the mesh that starts is looked at, in milliseconds. */
const lookEvery = 100;

/** Out of time, or it is clear that waiting does not help. */
export interface NotReady {
  readonly kind: 'not-ready';
  /** Whom it was waited for, and is to blame: those that will not come, where there are such. */
  readonly late: readonly ServiceView[];
  readonly isStuck: boolean;
}

/** How the start of a mesh in another process came out. */
export type StartOutcome =
  | { readonly kind: 'ready'; readonly status: StatusView; readonly services: readonly ServiceView[] }
  | NotReady
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'interrupted' };

export interface StartWatch {
  readonly terminal: Terminal;
  /** Where its `.mesh/run.json` will be. */
  readonly directory: string;
  readonly child: ChildProcess;
  readonly stops: StopRequests;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export async function watchStart(watch: StartWatch): Promise<StartOutcome> {
  for (;;) {
    const outcome = await look(watch);
    if (outcome !== undefined) return outcome;
    await watch.terminal.pause(lookEvery);
  }
}

/** Who did not become ready, and what is said of their processes. */
export function reasonOf({ late, isStuck }: NotReady, waitTimeout: number): string {
  const names = late.map(({ name }) => name).join(', ') || 'The mesh';
  const time = isStuck ? '' : ` within ${formatDuration(waitTimeout)}`;
  const causes = late
    .flatMap(({ processes }) => processes)
    .filter(({ state }) => state !== 'ready')
    .map(({ replica, detail }) => `${replica} ${detail}`);
  return `${names} did not become ready${time}${causes.length === 0 ? '' : `: ${causes.join('; ')}`}`;
}

async function look({ terminal, directory, child, stops, deadline }: StartWatch): Promise<StartOutcome | undefined> {
  if (stops.requested) return { kind: 'interrupted' };
  if (child.exitCode !== null || child.signalCode !== null) return { kind: 'ended', exitCode: child.exitCode ?? 1 };
  const isLate = terminal.now() > deadline;
  const run = await readRunFile(directory);
  if (run === undefined || run.pid !== child.pid)
    return isLate ? { kind: 'not-ready', late: [], isStuck: false } : undefined;
  try {
    const client = new AdminClient(run.adminUrl, run.token);
    const status = await client.status();
    if (!status.ready && !isLate && status.stuck.length === 0) return undefined;
    const { services } = await client.services();
    if (status.ready) return { kind: 'ready', status, services };
    const isStuck = status.stuck.length > 0;
    const names = new Set(isStuck ? status.stuck : status.waiting);
    return { kind: 'not-ready', late: services.filter(({ name }) => names.has(name)), isStuck };
  } catch (error) {
    if (error instanceof MeshError && error.code === 'no_mesh') return undefined; // ending just now: the next look tells
    throw error;
  }
}
