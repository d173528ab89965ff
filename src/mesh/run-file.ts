import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson, writeWhole } from '../foundation/state-file.js';
import { stateFolder } from './state-folder.js';

/** How a command finds the mesh that runs here: `.mesh/run.json`, readable by its owner alone, for it holds the token. */
export interface RunFile {
  readonly pid: number;
  readonly name: string;
  /** Absolute path of the mesh file. */
  readonly file: string;
  readonly adminUrl: string;
  readonly gatewayUrl: string;
  readonly token: string | undefined;
}

/** Undefined when there is none, or one that no mesh has written. */
export async function readRunFile(directory: string): Promise<RunFile | undefined> {
  const text = await readFile(runFilePath(directory), 'utf8').catch(() => '');
  const found = parseJson(text);
  return isRunFile(found) ? found : undefined;
}

export async function writeRunFile(directory: string, run: RunFile): Promise<void> {
  await writeWhole(runFilePath(directory), `${JSON.stringify(run, null, 2)}\n`);
}

/** Takes back what this process wrote; another mesh may have started here since. */
export async function removeRunFile(directory: string, pid: number): Promise<void> {
  if ((await readRunFile(directory))?.pid === pid) await rm(runFilePath(directory), { force: true });
}

/** How long a live mesh may take to say so, in milliseconds. */
const livenessTimeout = 2_000;

/** The process is there, and it is a mesh: a pid alone may have been given to a stranger since. */
export async function isAlive(run: RunFile): Promise<boolean> {
  try {
    process.kill(run.pid, 0);
    const response = await fetch(`${run.adminUrl}/healthz`, {
      signal: AbortSignal.timeout(livenessTimeout),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function runFilePath(directory: string): string {
  return join(stateFolder(directory), 'run.json');
}

/** By hand: this is on the way of every command, and zod costs more than all the rest of it. */
function isRunFile(found: unknown): found is RunFile {
  if (typeof found !== 'object' || found === null) return false;
  const { pid, name, file, adminUrl, gatewayUrl, token }: Partial<Record<keyof RunFile, unknown>> = found;
  const texts = [name, file, adminUrl, gatewayUrl, token ?? ''];
  return Number.isSafeInteger(pid) && texts.every((text) => typeof text === 'string');
}
