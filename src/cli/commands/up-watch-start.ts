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
  readonly services: readonly ServiceView[];
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

/** One that is started again and again, or not at all, will not become ready by waiting longer. */
function isHopeless({ ready, processes }: ServiceView): boolean {
  return (
    !ready && processes.some(({ state, crashLooping }) => crashLooping || state === 'failed' || state === 'exited')
  );
}

/** The services that keep the mesh from being ready. */
export function notReady({ services }: NotReady) {
  return services.filter(({ ready, processes }) => !ready && processes.length > 0);
}

/** Whom it waited for, and what is said of them; of those that will not come, where there are such. */
export function reasonOf(outcome: NotReady, waitTimeout: number): string {
  const late = notReady(outcome);
  const hopeless = late.filter(isHopeless);
  const blamed = hopeless.length > 0 ? hopeless : late;
  const names = blamed.map(({ name }) => name).join(', ') || 'The mesh';
  const time = hopeless.length > 0 ? '' : ` within ${formatDuration(waitTimeout)}`;
  const causes = blamed
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
  if (run === undefined || run.pid !== child.pid) return isLate ? { kind: 'not-ready', services: [] } : undefined;
  try {
    const client = new AdminClient(run.adminUrl, run.token);
    const status = await client.status();
    const { services } = await client.services();
    if (status.ready) return { kind: 'ready', status, services };
    return isLate || services.some(isHopeless) ? { kind: 'not-ready', services } : undefined;
  } catch (error) {
    if (error instanceof MeshError && error.code === 'no_mesh') return undefined; // ending just now: the next look tells
    throw error;
  }
}
