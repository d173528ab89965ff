import { dirname, relative, resolve, sep } from 'node:path';
import { watch } from 'chokidar';
import picomatch from 'picomatch';
import type { Clock } from '../foundation/clock.js';
import { debounce } from '../foundation/debounce.js';

export interface Watch {
  /** Resolves when changes from now on are seen. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds of silence after a change: an editor writes, renames and touches, a `git switch` changes hundreds of files. */
const settleTime = 100;

/** Folders that hold other people's code and too many files to watch. */
const ignoredFolders = new Set(['node_modules', '.git']);

/**
 * Calls `onChange` with the files that were added, changed or removed and that match one of the globs (and none that
 * starts with `!`); with their paths as the globs see them, relative to the folder.
 */
export function watchFiles(options: {
  readonly directory: string;
  readonly globs: readonly string[];
  readonly clock: Clock;
  onChange(paths: readonly string[]): void;
  onError(error: unknown): void;
}): Watch {
  const { directory, clock } = options;
  const globs = options.globs.filter((glob) => !glob.startsWith('!'));
  const matches = picomatch(globs, {
    ignore: options.globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1)),
  });
  const asGlobsSeeIt = (path: string) => relative(directory, path).split(sep).join('/');
  const scopes = globs.map(scopeOf);
  const depth = Math.max(...scopes.map((scope) => scope.depth));
  const watcher = watch(
    scopes.map(({ folder }) => resolve(directory, folder)),
    {
      ignoreInitial: true,
      ...(depth === Infinity ? {} : { depth }),
      ignored: (path, stats) => {
        const seen = asGlobsSeeIt(path);
        return seen.split('/').some((part) => ignoredFolders.has(part)) || (stats?.isFile() === true && !matches(seen));
      },
    },
  );

  const changed = new Set<string>();
  const tell = debounce(clock, settleTime, () => {
    const paths = [...changed];
    changed.clear();
    options.onChange(paths);
  });
  watcher.on('all', (event, path) => {
    const seen = asGlobsSeeIt(path);
    if (event === 'addDir' || event === 'unlinkDir' || !matches(seen)) return;
    changed.add(seen);
    tell();
  });
  watcher.on('error', options.onError);
  return {
    ready: new Promise((done) => watcher.once('ready', () => done())),
    close: () => {
      tell.cancel();
      return watcher.close();
    },
  };
}

/** The folder below which a glob's files lie, and how deep: `server.mjs` beside the mesh file shall not watch all of the project. */
function scopeOf(glob: string): { readonly folder: string; readonly depth: number } {
  const { base, glob: rest, isGlob } = picomatch.scan(glob);
  if (!isGlob) return { folder: dirname(base), depth: 0 }; // the file may be yet to come, or be replaced
  return { folder: base, depth: rest.includes('**') ? Infinity : rest.split('/').length - 1 };
}
