import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { MeshError } from '../foundation/errors.js';
import type { Terminal } from './terminal.js';

/** What a mesh file is called where none is named; the first that is there counts. */
const meshFileNames = ['mesh.yaml', 'mesh.yml'] as const;

/** The mesh file that a command means: the one it names, else the nearest, here or in a folder above. @throws config_not_found */
export async function chooseMeshFile(
  { directory }: Pick<Terminal, 'directory'>,
  named: string | undefined,
): Promise<string> {
  if (named !== undefined) return resolve(directory, named);
  for (const folder of upward(directory)) {
    const file = await meshFileIn(folder);
    if (file !== undefined) return file;
  }
  throw new MeshError('config_not_found', `There is no ${meshFileNames.join(' or ')} in ${directory} or above it`);
}

export async function meshFileIn(folder: string): Promise<string | undefined> {
  for (const name of meshFileNames) {
    const file = join(folder, name);
    if (await exists(file)) return file;
  }
  return undefined;
}

/** The folder, the one above it, and so on to the root. */
export function* upward(directory: string): Generator<string> {
  yield directory;
  const parent = dirname(directory);
  if (parent !== directory) yield* upward(parent);
}

/** A file as one would type it in that folder; what is not below it keeps its whole name. */
export function nameFrom(directory: string, file: string): string {
  const near = relative(directory, file);
  return near.startsWith('..') ? file : near;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
