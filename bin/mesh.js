#!/usr/bin/env node
// The edge: the only file that knows the process, and it must parse on a Node that is too old for the rest.
import { existsSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const built = new URL('../dist/cli/run.js', import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: mesh needs Node 20.19 or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 1;
} else if (!existsSync(built)) {
  process.stderr.write('error: mesh has not been built\n  hint: Run `npm run build` in its folder.\n');
  process.exitCode = 1;
} else {
  const { processTerminal } = await import('../dist/cli/terminal.js');
  const { run } = await import(built.href);
  process.exitCode = await run(process.argv.slice(2), processTerminal());
  // The terminal is gone. Node's own way out would reset it and abort on EIO, with a core dump; SIGHUP's is quiet.
  if (process.exitCode === 129) process.kill(process.pid, 'SIGHUP');
  // Ended by a signal: what is still open, such as a connection that drains, is not waited for.
  if (process.exitCode > 128) process.exit();
}
