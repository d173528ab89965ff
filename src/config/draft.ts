import { mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MeshError, messageOf } from '../foundation/errors.js';

/** A mesh file as it is and as it shall be; nothing is written yet. */
export interface Draft {
  /** Absolute, and no link. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** @throws file_inaccessible, also when the file is another one by now */
export async function saveDraft({ file, before, after }: Draft): Promise<void> {
  let folder: string | undefined;
  try {
    folder = await mkdtemp(join(dirname(file), '.mesh-save-')); // renamed over within one file system
    const whole = join(folder, basename(file));
    await writeSynced(whole, after, (await stat(file)).mode);
    if ((await readFile(file, 'utf8')) !== before) throw new Error('it was changed in the meantime');
    await rename(whole, file);
  } catch (cause) {
    throw new MeshError('file_inaccessible', `Cannot save ${file}: ${messageOf(cause)}`, { cause });
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.chmod(mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
