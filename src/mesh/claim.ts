import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, MeshError } from '../foundation/errors.js';
import { parseJson } from '../foundation/state-file.js';
import { identityOf, isRunning } from '../supervisor/identity.js';
import { readRunFile } from './run-file.js';
import { openStateFolder, stateFolder } from './state-folder.js';

/**
 * Makes a mesh the only one of its state folder, in whichever process: two would end each other's programs and lose each
 * other's registrations. What a killed mesh has left is taken over. The answer gives the folder back.
 *
 * @throws already_running, file_inaccessible
 */
export async function claim(directory: string): Promise<() => Promise<void>> {
  await openStateFolder(directory);
  const own = join(stateFolder(directory), `lock.${randomUUID()}`);
  const { pid } = process;
  await writeFile(own, JSON.stringify({ pid, identity: await identityOf(pid) }), { mode: 0o600 });
  try {
    while (!(await linked(own, lockPath(directory)))) {
      await refuseSecondMesh(directory);
      await rm(lockPath(directory), { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(lockPath(directory), { force: true });
}

/** @throws already_running when a mesh has claimed the folder and runs */
export async function refuseSecondMesh(directory: string): Promise<void> {
  const pid = await claimant(directory);
  if (pid === undefined) return;
  const run = await readRunFile(directory);
  const what =
    run?.pid === pid
      ? `\`${run.name}\` runs from ${run.file} already (pid ${pid}, ${run.gatewayUrl})`
      : `A mesh is being started or stopped in ${directory} (pid ${pid})`;
  throw new MeshError('already_running', what);
}

/** The pid of the mesh that has claimed the folder, if that very process still runs. */
export async function claimant(directory: string): Promise<number | undefined> {
  const found = parseJson(await readFile(lockPath(directory), 'utf8').catch(() => ''));
  if (typeof found !== 'object' || found === null) return undefined;
  const { pid, identity }: { pid?: unknown; identity?: unknown } = found;
  if (typeof pid !== 'number' || !(await isRunning(pid))) return undefined;
  return (await identityOf(pid)) === identity ? pid : undefined;
}

/** Puts the file in place, whole; false when there is one already. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MeshError('file_inaccessible', `Cannot write ${path}: ${reason}`, { cause: error });
  }
}

function lockPath(directory: string): string {
  return join(stateFolder(directory), 'lock');
}
