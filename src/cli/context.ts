import { schemaVersion } from '../admin/schema-version.js';
import { colorLevel } from './color.js';
import type { SpeechFlags } from './flags.js';
import type { Paint } from './render/paint.js';
import { createPaint } from './render/paint.js';
import type { Output, Terminal } from './terminal.js';

/** What an action is given beside its arguments. */
export interface Context {
  readonly terminal: Terminal;
  /** For stdout. */
  readonly paint: Paint;
  /** For stderr: one may be a terminal while the other is a file. */
  readonly paintNote: Paint;
  /** Data: a text and a line break on stdout. */
  print(text: string): void;
  /** Data as one JSON document on stdout, with the `schemaVersion` that all of them have. */
  printDocument(fields: object): void;
  /** A message: a text and a line break on stderr. */
  note(text: string): void;
}

export function createContext(terminal: Terminal, flags: SpeechFlags): Context {
  return {
    terminal,
    paint: createPaint(levelFor(terminal.stdout, terminal, flags)),
    paintNote: createPaint(levelFor(terminal.stderr, terminal, flags)),
    print: (text) => terminal.stdout.write(`${text}\n`),
    printDocument: (fields) => terminal.stdout.write(`${JSON.stringify({ schemaVersion, ...fields }, null, 2)}\n`),
    note: (text) => terminal.stderr.write(`${text}\n`),
  };
}

/** Characters in a line: into a file or a pipe, as many as there are. */
export function widthOf(output: Output): number {
  return output.isTerminal ? output.columns() : Number.POSITIVE_INFINITY;
}

export function levelFor(output: Output, { environment }: Terminal, { color }: SpeechFlags) {
  return colorLevel({
    flag: color,
    environment,
    isTerminal: output.isTerminal,
    colorDepth: output.colorDepth,
  });
}
