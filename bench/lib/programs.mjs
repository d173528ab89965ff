import { accessSync, constants } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Where an installed program is; undefined when it is not. Debian keeps servers where an ordinary user's PATH does not look. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Ends with a word of what is missing. */
export function requireMachine(...programs) {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  if (process.platform !== 'linux') throw new Error('needs Linux: processor time is read from /proc');
  if (cpus().length < 2) throw new Error('needs two processor cores: one for the gateway, one for its load');
  if (missing.length > 0) throw new Error(`not installed: ${missing.join(', ')} (Debian: apt install wrk nginx)`);
  if (!isReadable(new URL('../../dist/index.js', import.meta.url))) throw new Error('run `npm run build` first');
  if (!isReadable(new URL('../node_modules/ws', import.meta.url))) throw new Error('run `npm --prefix bench ci` first');
}

function isExecutable(path) {
  return isAccessible(path, constants.X_OK);
}

function isReadable(path) {
  return isAccessible(path, constants.R_OK);
}

function isAccessible(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
