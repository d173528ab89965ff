import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, stat } from 'node:fs/promises';
import { turnOver } from '../../foundation/numbered-files.js';
import type { Context } from '../context.js';
import { logLimits } from '../output-file.js';
import type { StopRequests } from '../stop-requests.js';

/** Starts `mesh up` with these words in a session of its own, which outlives this terminal; both outputs go to the log, and that of the run before is `<log>.1`. */
export async function startApart({ terminal }: Context, words: readonly string[], log: string): Promise<ChildProcess> {
  const { node, script } = terminal.self;
  const before = await stat(log).catch(() => undefined);
  if (before !== undefined && before.size > 0) await turnOver(log, logLimits.maxFiles);
  const output = await open(log, 'a', 0o600); // to append: it is emptied when it is full
  try {
    const child = spawn(node, [script, 'up', '--no-color', '--log-file', log, ...words], {
      cwd: terminal.directory,
      env: { ...terminal.environment },
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      windowsHide: true,
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await output.close();
  }
}

/** Ends it in good order, or, when somebody asks again, at once; resolves when it is gone. */
export async function end(child: ChildProcess, stops: StopRequests): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const again: Promise<unknown> = stops.requested ? stops.second : stops.first;
  void again.then(() => child.kill('SIGTERM')); // its own second
  await exited;
}
