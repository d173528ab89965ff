import { MeshError } from '../../foundation/errors.js';
import { formatDuration } from '../../foundation/units.js';
import type { Connection, ConnectOptions } from '../connect.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';

/** How often it is looked whether the mesh is gone, in milliseconds. */
const lookEvery = 50;

export interface DownOptions extends ConnectOptions {
  /** Milliseconds. */
  readonly waitTimeout: number;
}

export async function down(context: Context, options: DownOptions): Promise<number> {
  const { terminal } = context;
  const connection = await connect(terminal, options);
  const { mesh, pid } = await connection.client.status();
  await connection.client.shutdown();
  const deadline = terminal.now() + options.waitTimeout;
  while (await isThere(context, connection)) {
    if (terminal.now() > deadline) throw stillThere(mesh, pid, options.waitTimeout);
    await terminal.pause(lookEvery);
  }
  context.print(`${mesh} has stopped`);
  return 0;
}

/** Its process where it is known, for that outlives the admin API; else whether the admin API answers. */
async function isThere({ terminal }: Context, { run, client }: Connection): Promise<boolean> {
  if (run !== undefined) return terminal.isRunning(run.pid);
  return client.status().then(
    () => true,
    () => false,
  );
}

function stillThere(mesh: string, pid: number, waited: number): MeshError {
  return new MeshError('not_stopped', `${mesh} (pid ${pid}) is still stopping after ${formatDuration(waited)}`, {
    hint: `End it with \`kill -9 ${pid}\`; the next \`mesh up\` cleans up what it leaves behind.`,
  });
}
