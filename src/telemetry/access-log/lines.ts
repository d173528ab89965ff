import type { AccessBatch } from './access-log.js';
import { jsonLine } from './json-line.js';
import type { Tint } from './text-line.js';
import { textLine } from './text-line.js';

/** A batch as whoever prints it shows it; of text, the status has the colour of how it went. */
export function accessLines({ format, entries }: AccessBatch, tint: Tint): string[] {
  return format === 'json' ? entries.map(jsonLine) : entries.map((entry) => textLine(entry, tint));
}
