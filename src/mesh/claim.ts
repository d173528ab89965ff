import { randomUUID } from 'node:crypto';
import { link, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, MeshError, messageOf } from '../foundation/errors.js';
import { parseJson, writeWhole } from '../foundation/state-file.js';
import { identityOf, isRunning } from '../supervisor/identity.js';
import { readRunFile } from './run-file.js';
import { openStateFolder, stateFolder } from './state-folder.js';

/** Milliseconds between two tries while somebody else takes a folder over: that is a matter of two file operations. */
const takeoverPause = 10;

/**
 * Makes a mesh the only one of its state folder, in whichever process: two would end each other's programs and lose each
 * other's registrations. What a killed mesh has left is taken over. The answer gives the folder back.
 *
 * @throws already_running, file_inaccessible
 */
export async function claim(directory: string): Promise<() => Promise<void>> {
  await openStateFolder(directory);
  const lock = lockPath(directory);
  const own = `${lock}.${randomUUID()}`;
  const { pid } = process;
  try {
    await writeWhole(own, JSON.stringify({ pid, identity: await identityOf(pid) }));
    while (!(await linked(own, lock))) {
      await refuseSecondMesh(directory);
      await removeStale(own, lock);
    }
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(lock, { force: true });
}

/**
 * Takes away the lock of a mesh that is gone. Of several that have seen it be so, one at a time looks again and takes it
 * away: between look and removal, another would have put its own lock there. What is stale stays so until it is taken away;
 * what is not there may be there the next moment, and is left alone.
 */
async function removeStale(own: string, lock: string): Promise<void> {
  const takeover = `${lock}.takeover`;
  while (!(await linked(own, takeover))) {
    if ((await stateOf(takeover)).kind === 'stale') await rm(takeover, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, takeoverPause));
  }
  try {
    if ((await stateOf(lock)).kind === 'stale') await rm(lock, { force: true });
  } finally {
    await rm(takeover, { force: true });
  }
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
  const state = await stateOf(lockPath(directory));
  return state.kind === 'held' ? state.pid : undefined;
}

type LockState =
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly pid: number }
  /** Whoever has put it there is gone. */
  | { readonly kind: 'stale' };

async function stateOf(lock: string): Promise<LockState> {
  const text = await readFile(lock, 'utf8').catch(() => undefined);
  if (text === undefined) return { kind: 'none' };
  const found = parseJson(text);
  if (typeof found !== 'object' || found === null) return { kind: 'stale' };
  const { pid, identity }: { pid?: unknown; identity?: unknown } = found;
  if (typeof pid !== 'number' || !(await isRunning(pid))) return { kind: 'stale' };
  return (await identityOf(pid)) === identity ? { kind: 'held', pid } : { kind: 'stale' };
}

/** Puts the file in place, whole; false when there is one already. */
async function linked(own: string, path: string): Promise<boolean> {
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw new MeshError('file_inaccessible', `Cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function lockPath(directory: string): string {
  return join(stateFolder(directory), 'lock');
}
