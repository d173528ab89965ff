#!/usr/bin/env node
// The edge: the only file that knows the process, and it must parse on a Node that is too old for the rest.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const built = new URL('../dist/command/run.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: mesh needs Node 20.19 or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else if (!existsSync(built)) {
  process.stderr.write('error: mesh has not been built\n  hint: Run `npm run build` in its folder.\n');
  process.exitCode = 1;
} else {
  const { processTerminal } = await import('../dist/command/terminal.js');
  const { run } = await import(built.href);
  const terminal = processTerminal();
  const exitCode = await run(process.argv.slice(2), terminal);
  const wasEnded = exitCode > 128; // by a signal
  if (wasEnded) terminal.leaveUnread();
  const { isDone, failure } = await terminal.flush();
  if (failure !== undefined) process.stderr.write(`error: the output is not whole: ${failure.message}\n`);
  process.exitCode = failure !== undefined && exitCode === 0 ? 1 : exitCode;
  // Node's own way out waits for a reader that does not read; and when the terminal is gone, it would reset it and abort on
  // EIO, with a core dump. The signal's way out is quiet.
  if (exitCode === 129 || !isDone) process.kill(process.pid, wasEnded ? exitCode - 128 : 'SIGKILL');
  // What is still open, such as a connection that drains or a collector of spans that never answers, is not waited for.
  process.exit();
}
