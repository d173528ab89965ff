import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AdminClient } from '../admin/client.js';
import { MeshError } from '../foundation/errors.js';
import type { RunFile } from '../mesh/run-file.js';
import { isAlive, readRunFile } from '../mesh/run-file.js';
import { meshFileIn, upward } from './mesh-file.js';
import type { Terminal } from './terminal.js';

/** A mesh that runs, and how to speak with it. */
export interface Connection {
  readonly client: AdminClient;
  readonly token: string | undefined;
  /** Undefined for a mesh that the environment names. */
  readonly run: RunFile | undefined;
}

export interface ConnectOptions {
  /** `-f FILE`: the mesh that runs from that file. */
  readonly file?: string | undefined;
}

/**
 * Finds the mesh: `-f FILE`, else MESH_ADMIN_URL and MESH_TOKEN, else the project here or above. A project is a folder
 * with a mesh file or a `.mesh/run.json`. The nearest one decides even if nothing runs there: `mesh down` must not end
 * the mesh of the project around this one.
 * @throws MeshError no_mesh
 */
export async function connect(terminal: Terminal, { file }: ConnectOptions = {}): Promise<Connection> {
  const { MESH_ADMIN_URL: url, MESH_TOKEN: token } = terminal.environment;
  if (file !== undefined) return connectToFile(resolve(terminal.directory, file));
  if (url !== undefined && url !== '') {
    const client = new AdminClient(url, token, environmentHints);
    return { client, token, run: undefined };
  }
  for (const folder of upward(terminal.directory)) {
    const run = await readRunFile(folder);
    if (run !== undefined) return connectTo(run);
    const meshFile = await meshFileIn(folder);
    if (meshFile !== undefined) throw new MeshError('no_mesh', `The mesh of ${meshFile} is not running`);
  }
  throw new MeshError('no_mesh', `No mesh is running in ${terminal.directory} or above it`);
}

const environmentHints = {
  no_mesh: 'The address is that of MESH_ADMIN_URL in your environment. Without it, the mesh here or above is found.',
  unauthorized: 'The token is that of MESH_TOKEN in your environment. `mesh token -f FILE` prints the right one.',
};

async function connectToFile(file: string): Promise<Connection> {
  const run = await readRunFile(dirname(file));
  if (run === undefined) {
    await access(file).catch(() => {
      throw new MeshError('config_not_found', `There is no ${file}`);
    });
    throw new MeshError('no_mesh', `The mesh of ${file} is not running`, {
      hint: `Start it with \`mesh up -f ${file}\`.`,
    });
  }
  if (run.file !== file)
    throw new MeshError('no_mesh', `The mesh that runs there is that of ${run.file}, not of ${file}`, {
      hint: `A folder has one mesh at a time: end that one with \`mesh down -f ${run.file}\`.`,
    });
  return connectTo(run);
}

async function connectTo(run: RunFile): Promise<Connection> {
  if (!(await isAlive(run))) {
    const { claimant } = await import('../mesh/claim.js'); // brings what it needs of processes, for this rare case alone
    if ((await claimant(dirname(run.file))) === run.pid) {
      throw new MeshError('no_mesh', `The mesh of ${run.file} (pid ${run.pid}) is there and does not answer`, {
        hint: `Was it stopped with Ctrl-Z? \`kill -CONT ${run.pid}\` lets it go on, \`kill -9 ${run.pid}\` ends it.`,
      });
    }
    throw new MeshError('no_mesh', `The mesh of ${run.file} (pid ${run.pid}) is gone: it was ended without a goodbye`, {
      hint: 'Start it again with `mesh up`; it cleans up what the old one left behind.',
    });
  }
  return { client: new AdminClient(run.adminUrl, run.token), token: run.token, run };
}
