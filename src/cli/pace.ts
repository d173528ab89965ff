import { unlessAborted } from '../foundation/unless-aborted.js';
import type { Terminal } from './terminal.js';

/** Characters that wait for a slow reader: then no more is taken from the mesh, which counts what the reader misses. */
const longestBacklog = 256_000;

/** Waits until whoever reads the output has taken it, where too much of it waits; or until the signal aborts. */
export async function keepPace({ stdout }: Terminal, signal: AbortSignal): Promise<void> {
  if (stdout.backlog() > longestBacklog) await unlessAborted(stdout.flushed(), signal);
}
