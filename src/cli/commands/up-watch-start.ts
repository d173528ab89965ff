import type { ChildProcess } from 'node:child_process';
import { AdminClient } from '../../admin/client.js';
import type { ProcessView, ServiceView, StatusView } from '../../admin/wire.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import { readRunFile } from '../../mesh/run-file.js';
import type { StopRequests } from '../stop-requests.js';
import type { Terminal } from '../terminal.js';

/** How often the mesh that starts is looked at, in milliseconds. */
const lookEvery = 100;

/** Milliseconds of a start that needs no words. */
const shortStart = 1_000;

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
  /** Called with the services that are not ready when the start takes long, and whenever they have become others. */
  onWaiting(services: string): void;
}

export async function watchStart(watch: StartWatch): Promise<StartOutcome> {
  const quietUntil = watch.terminal.now() + shortStart;
  let told = '';
  for (;;) {
    const outcome = await look(watch);
    if (outcome.kind !== 'waiting') return outcome;
    const names = outcome.for.join(', ');
    if (names !== '' && names !== told && watch.terminal.now() > quietUntil) {
      watch.onWaiting(names);
      told = names;
    }
    await watch.terminal.pause(lookEvery);
  }
}

/** Who did not become ready, and what is said of their processes. */
export function reasonOf({ late, isStuck }: NotReady, waitTimeout: number): string {
  const names = late.map(({ name }) => name).join(', ') || 'The mesh';
  const time = isStuck ? '' : ` within ${formatDuration(waitTimeout)}`;
  const notReady = late.flatMap(({ processes }) => processes).filter(({ state }) => state !== 'ready');
  const roots = notReady.filter(({ state }) => state !== 'waiting'); // the others wait for these
  const causes = (roots.length > 0 ? roots : notReady).map((one) => causeOf(one, late));
  return `${names} did not become ready${time}${causes.length === 0 ? '' : `: ${causes.join('; ')}`}`;
}

/** `orders-1 is starting on port 20123 (GET /healthz: 503)` */
function causeOf({ replica, detail }: ProcessView, services: readonly ServiceView[]): string {
  const instance = services.flatMap(({ instances }) => instances).find(({ id }) => id === replica);
  return instance?.healthReason ? `${replica} ${detail} (${instance.healthReason})` : `${replica} ${detail}`;
}

interface Waiting {
  readonly kind: 'waiting';
  readonly for: readonly string[];
}

async function look({ terminal, directory, child, stops, deadline }: StartWatch): Promise<StartOutcome | Waiting> {
  if (stops.requested) return { kind: 'interrupted' };
  if (child.exitCode !== null || child.signalCode !== null) return { kind: 'ended', exitCode: child.exitCode ?? 1 };
  const isLate = terminal.now() > deadline;
  const run = await readRunFile(directory);
  if (run === undefined || run.pid !== child.pid)
    return isLate ? { kind: 'not-ready', late: [], isStuck: false } : { kind: 'waiting', for: [] };
  try {
    const client = new AdminClient(run.adminUrl, run.token);
    const status = await client.status();
    if (!status.ready && !isLate && status.stuck.length === 0) return { kind: 'waiting', for: status.waiting };
    const { services } = await client.services();
    if (status.ready) return { kind: 'ready', status, services };
    const isStuck = status.stuck.length > 0;
    const names = new Set(isStuck ? status.stuck : status.waiting);
    return { kind: 'not-ready', late: services.filter(({ name }) => names.has(name)), isStuck };
  } catch (error) {
    if (error instanceof MeshError && error.code === 'no_mesh') return { kind: 'waiting', for: [] }; // ending just now: the next look tells
    throw error;
  }
}
