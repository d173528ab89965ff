import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadFile } from '../../config/load.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import { isAlive, readRunFile } from '../../mesh/run-file.js';
import { openStateFolder, stateFolder } from '../../mesh/state-folder.js';
import { version } from '../../mesh/version.js';
import type { Context } from '../context.js';
import { renderBanner } from '../render/banner.js';
import { renderOutput } from '../render/inspect.js';
import { StopRequests } from '../stop-requests.js';
import { signalExitCodes } from '../terminal.js';
import type { StartOutcome } from './up-watch-start.js';
import { isHopeless, watchStart } from './up-watch-start.js';

/** Lines of `.mesh/mesh.log` that are shown when the mesh ended before it was up. */
const logTail = 40;

/**
 * Starts `mesh up` once more, apart from this terminal and with its output in `.mesh/mesh.log`, and returns when every
 * service is ready. When one is not, the mesh is stopped again: a script that sees exit code 4 has nothing to clean up.
 */
export async function upDetached(
  context: Context,
  file: string,
  services: readonly string[],
  waitTimeout: number,
): Promise<number> {
  const { terminal } = context;
  const begun = terminal.now();
  const { directory } = await loadFile(file, terminal.environment); // mistakes are told here, not in the log
  await refuseSecondMesh(directory); // before the log of the first is overwritten
  await openStateFolder(directory);
  const log = join(stateFolder(directory), 'mesh.log');
  const child = await startApart(
    context,
    ['-f', file, '--wait-timeout', formatDuration(waitTimeout), '--', ...services],
    log,
  );
  const stops = new StopRequests(terminal);
  try {
    const outcome = await watchStart({ terminal, directory, child, stops, deadline: begun + waitTimeout });
    if (outcome.kind === 'ready') {
      context.print(bannerOf(context, outcome, terminal.now() - begun, log));
      return 0;
    }
    await end(child);
    if (outcome.kind === 'interrupted') return signalExitCodes.SIGINT;
    if (outcome.kind === 'ended') return await tellFailedStart(context, outcome.exitCode, log);
    for (const one of notReady(outcome).flatMap(({ processes }) => processes)) {
      if (one.lastOutput.length > 0) context.note(`${renderOutput(one, context.paintNote)}\n`);
    }
    throw new MeshError('not_ready', reasonOf(outcome, waitTimeout), {
      hint: `The mesh was stopped again; all that it said is in ${log}. \`--wait-timeout\` gives it longer.`,
    });
  } finally {
    stops.close();
    child.unref();
  }
}

async function refuseSecondMesh(directory: string): Promise<void> {
  const run = await readRunFile(directory);
  if (run === undefined || !(await isAlive(run))) return;
  throw new MeshError(
    'already_running',
    `\`${run.name}\` runs from ${run.file} already (pid ${run.pid}, ${run.gatewayUrl})`,
  );
}

async function startApart({ terminal }: Context, words: readonly string[], log: string): Promise<ChildProcess> {
  const { node, script } = terminal.self;
  const output = await open(log, 'w', 0o600);
  try {
    const child = spawn(node, [script, 'up', '--no-color', ...words], {
      cwd: terminal.directory,
      env: { ...terminal.environment },
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      windowsHide: true,
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await output.close();
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** The log ends with the error of the mesh itself, told as it would have been here. */
async function tellFailedStart(context: Context, exitCode: number, log: string): Promise<number> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  context.note(lines.slice(-logTail).join('\n'));
  return exitCode;
}

function notReady({ services }: Extract<StartOutcome, { kind: 'not-ready' }>) {
  return services.filter(({ ready, processes }) => !ready && processes.length > 0);
}

function reasonOf(outcome: Extract<StartOutcome, { kind: 'not-ready' }>, waitTimeout: number): string {
  const late = notReady(outcome);
  const causes = (late.some(isHopeless) ? late.filter(isHopeless) : late).flatMap(({ processes }) =>
    processes.filter(({ state }) => state !== 'ready').map(({ replica, detail }) => `${replica} ${detail}`),
  );
  const names = late.map(({ name }) => name).join(', ') || 'The mesh';
  const when = late.some(isHopeless) ? '' : ` within ${formatDuration(waitTimeout)}`;
  return `${names} did not become ready${when}${causes.length === 0 ? '' : `: ${causes.join('; ')}`}`;
}

function bannerOf(
  { paint }: Context,
  outcome: Extract<StartOutcome, { kind: 'ready' }>,
  took: number,
  log: string,
): string {
  const { status, services } = outcome;
  const closing = `runs in the background (pid ${status.pid}), output in ${log}; \`mesh down\` ends it`;
  const { mesh, gateway, admin } = status;
  return renderBanner({ version, mesh, took, waiting: [], gateway, admin, services, notices: [], closing }, paint);
}
