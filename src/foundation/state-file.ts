import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { platform } from 'node:process';
import { MeshError, messageOf } from './errors.js';

/**
 * Puts a file in place that is always whole, and for its owner alone: written beside, synced, renamed over; and the folder
 * synced, so that the rename itself survives a power cut. What a kill leaves beside is overwritten by the next write; a disk that is full gets back what was begun.
 *
 * @throws file_inaccessible
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncing(temporary, 'w', (file) => file.writeFile(text));
    await rename(temporary, path);
    if (platform !== 'win32') await syncing(folder, 'r', async () => {}); // Windows opens no folder
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new MeshError('file_inaccessible', `Cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Undefined for what is no JSON: a file that outlives its writer may hold anything. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function syncing(
  path: string,
  flags: string,
  act: (file: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await act(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
