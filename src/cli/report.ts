import { toMeshError } from '../foundation/errors.js';
import { levelFor } from './context.js';
import type { SpeechFlags } from './flags.js';
import { errorToJson, renderError } from './render/error.js';
import { createPaint } from './render/paint.js';
import type { Terminal } from './terminal.js';

/**
 * Tells what went wrong, on stderr, and answers the exit code. With `--json` it is one JSON document,
 * `{error: {code, message, hint, …}}`, and still on stderr: stdout is for the data that was asked for.
 */
export function report(thrown: unknown, terminal: Terminal, flags: SpeechFlags): number {
  const error = toMeshError(thrown);
  const paint = createPaint(levelFor(terminal.stderr, terminal, flags));
  const text = flags.json ? JSON.stringify(errorToJson(error), null, 2) : renderError(error, terminal.directory, paint);
  terminal.stderr.write(`${text}\n`);
  return error.exitCode;
}
