import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../foundation/clock.js';
import { parseJson } from '../foundation/state-file.js';
import { identityOf } from './identity.js';
import { stopTree } from './stop-tree.js';

/** Of the file's format. A file of another version is none of ours to act upon. */
const formatVersion = 1;
/** Milliseconds that an orphan gets between SIGTERM and SIGKILL: somebody waits for the mesh to start. */
const orphanPatience = 2_000;

const recordFile = z.object({
  version: z.literal(formatVersion),
  processes: z.array(
    z.object({
      pid: z.number().int().min(2),
      replica: z.string(),
      identity: z.string().min(1),
    }),
  ),
});

export interface Orphan {
  readonly pid: number;
  readonly replica: string;
}

/**
 * Which processes are the mesh's own, in a file that outlives it. A pid alone is not enough, for it may be given to a
 * stranger later; with the moment of its start it is that one process and no other.
 */
export class ProcessRecord {
  readonly #path: string | undefined;
  readonly #known = new Map<number, { replica: string; identity?: string }>();

  /** @param path undefined keeps no record, for a mesh without a folder */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  async add(pid: number, replica: string): Promise<void> {
    if (this.#path === undefined) return;
    const entry = { replica };
    this.#known.set(pid, entry);
    const identity = await identityOf(pid);
    if (identity === undefined || this.#known.get(pid) !== entry) return;
    this.#known.set(pid, { replica, identity });
    this.#write();
  }

  remove(pid: number): void {
    if (this.#known.delete(pid)) this.#write();
  }

  /** At once and synchronously, for a record that comes after its process's orphaning is none; it is small, and seldom. */
  #write(): void {
    if (this.#path === undefined) return;
    const processes = [...this.#known].flatMap(([pid, { replica, identity }]) =>
      identity === undefined ? [] : [{ pid, replica, identity }],
    );
    try {
      writeWhole(this.#path, processes);
    } catch {
      // A folder that cannot be written is told by whoever keeps more than a precaution there; the guard still stands.
    }
  }
}

/**
 * Ends what an earlier mesh left running when it was killed, and answers what that was. Only a process that is certainly
 * the one recorded is touched. Not to be called while a mesh with that file runs.
 */
export async function reapOrphans(stateFile: string, clock: Clock): Promise<readonly Orphan[]> {
  const text = await readFile(stateFile, 'utf8').catch(() => undefined);
  if (text === undefined) return [];
  const recorded = recordFile.safeParse(parseJson(text));
  const orphans: Orphan[] = [];
  for (const { pid, replica, identity } of recorded.data?.processes ?? [])
    if ((await identityOf(pid)) === identity) orphans.push({ pid, replica });
  await Promise.all(orphans.map(({ pid }) => stopTree(pid, orphanPatience, clock)));
  await rm(stateFile, { force: true });
  return orphans;
}

function writeWhole(path: string, processes: readonly (Orphan & { readonly identity: string })[]): void {
  if (processes.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ version: formatVersion, processes }, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
}
