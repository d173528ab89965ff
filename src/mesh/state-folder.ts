import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError, messageOf } from '../foundation/errors.js';

/** Where a mesh keeps what outlives it: `.mesh` beside the mesh file. */
export function stateFolder(directory: string): string {
  return join(directory, '.mesh');
}

/** Makes the folder, for its owner alone, and keeps it out of version control by itself. */
export async function openStateFolder(directory: string): Promise<void> {
  const folder = stateFolder(directory);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700); // one that was there already
    await writeFile(join(folder, '.gitignore'), '*\n', { mode: 0o600 });
  } catch (error) {
    throw new MeshError('file_inaccessible', `Cannot write ${folder}: ${messageOf(error)}`, { cause: error });
  }
}
