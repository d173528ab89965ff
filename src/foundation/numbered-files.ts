import { realpath, rename, rm } from 'node:fs/promises';
import { errnoOf } from './errors.js';

/** Moves a file that is full away: to `<path>.1`, what was there to `<path>.2`, and so on; the oldest goes. @param maxFiles how many there may be, the new one among them */
export async function turnOver(path: string, maxFiles: number): Promise<void> {
  const file = await realpath(path); // a link stays where it is
  if (maxFiles === 1) return rm(file);
  await makeRoom(file, maxFiles);
  await rename(file, firstOf(file));
}

/** Nothing is `<path>.1` any more. */
export async function makeRoom(path: string, maxFiles: number): Promise<void> {
  for (let number = maxFiles - 1; number > 1; number--) await moveIfThere(`${path}.${number - 1}`, `${path}.${number}`);
}

export function firstOf(path: string): string {
  return `${path}.1`;
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
