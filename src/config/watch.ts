import { basename, dirname, resolve } from 'node:path';
import { watch } from 'chokidar';
import type { Clock } from '../foundation/clock.js';
import { debounce } from '../foundation/debounce.js';

/**
 * Milliseconds of quiet until a change counts. An editor truncates, writes and renames within a few; chokidar keeps
 * quiet about changes within 50 of another, so it must be more than that; and a tenth of a second is "at once" to people.
 */
export const quietTime = 100;

export interface FileWatch {
  /** No `onChange` follows. */
  close(): Promise<void>;
}

/**
 * Calls `onChange` once after each burst of changes to the file: written in place, replaced by another file, gone, or back
 * again. Resolves when the watch is on.
 */
export async function watchFile(
  file: string,
  { onChange, clock }: { readonly onChange: () => void; readonly clock: Clock },
): Promise<FileWatch> {
  const path = resolve(file);
  const folder = dirname(path);
  // The folder, and of it only this name: a watch on the file itself follows the old file when an editor puts a new
  // one in its place, and is lost with it when it is deleted.
  const watcher = watch(folder, {
    depth: 0,
    ignoreInitial: true,
    ignored: (candidate) => resolve(candidate) !== folder && basename(candidate) !== basename(path),
  });
  const changed = debounce(clock, quietTime, onChange);
  watcher.on('add', changed).on('change', changed).on('unlink', changed);
  await new Promise<void>((ready, failed) => watcher.once('ready', ready).once('error', failed));
  // A folder that is removed later takes the file with it; there is nobody to tell, and the mesh runs on.
  watcher.on('error', () => {});
  return {
    async close() {
      changed.cancel();
      await watcher.close();
    },
  };
}
