import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadFile } from '../../config/load.js';
import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import { refuseSecondMesh } from '../../mesh/claim.js';
import { openStateFolder, stateFolder } from '../../mesh/state-folder.js';
import { version } from '../../mesh/version.js';
import type { Context } from '../context.js';
import { renderBanner } from '../render/banner.js';
import { renderOutput } from '../render/inspect.js';
import { StopRequests } from '../stop-requests.js';
import { signalExitCodes } from '../terminal.js';
import { end, startApart } from './up-process.js';
import { reasonOf, watchStart } from './up-watch-start.js';

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
  await refuseSecondMesh(directory); // before the log of the first is turned over
  await openStateFolder(directory);
  const log = join(stateFolder(directory), 'mesh.log');
  const child = await startApart(
    context,
    ['-f', file, '--wait-timeout', formatDuration(waitTimeout), '--', ...services],
    log,
  );
  const stops = new StopRequests(terminal);
  try {
    const outcome = await watchStart({
      terminal,
      directory,
      child,
      stops,
      deadline: begun + waitTimeout,
      onWaiting: (services) => context.note(context.paintNote.dim(`waiting for ${services}`)),
    });
    if (outcome.kind === 'ready') {
      const { mesh, gateway, admin, pid } = outcome.status;
      context.print(
        renderBanner(
          {
            version,
            mesh,
            took: terminal.now() - begun,
            waiting: [],
            gateway,
            admin,
            services: outcome.services,
            notices: outcome.status.notices,
            closing: `runs in the background (pid ${pid}), output in ${log}; \`mesh down\` ends it`,
          },
          context.paint,
        ),
      );
      return 0;
    }
    if (outcome.kind !== 'ended') context.note('stopping what was started');
    await end(child, stops);
    if (outcome.kind === 'interrupted') return signalExitCodes[stops.signal ?? 'SIGINT'];
    if (outcome.kind === 'ended') return await tellFailedStart(context, outcome.exitCode, log);
    for (const one of outcome.late.flatMap(({ processes }) => processes)) {
      if (one.lastOutput.length > 0) context.note(`${renderOutput(one, context.paintNote)}\n`);
    }
    throw new MeshError('not_ready', reasonOf(outcome, waitTimeout), {
      hint: `The mesh was stopped again; all that it said is in ${log}.${outcome.isStuck ? '' : ' `--wait-timeout` gives it longer.'}`,
    });
  } catch (error) {
    await end(child, stops);
    throw error;
  } finally {
    stops.close();
    child.unref();
  }
}

/** The log ends with the error of the mesh itself, told as it would have been here. */
async function tellFailedStart(context: Context, exitCode: number, log: string): Promise<number> {
  const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
  context.note(lines.slice(-logTail).join('\n'));
  return exitCode;
}
