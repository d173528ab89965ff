import type { ExchangeStory } from '../../admin/exchanges-wire.js';
import type { LogLineView } from '../../admin/logs-wire.js';
import { printable } from '../../foundation/text.js';
import type { LogLines } from './logs.js';
import type { Paint } from './paint.js';

/** What services have printed of an exchange. */
export interface StoryLines {
  readonly lines: readonly LogLineView[];
  /** There are so many beyond these. */
  readonly more: number;
}

/** The lines that name an exchange or its trace, each with when it was printed, behind the beginning of the exchange. */
export function renderStoryLines(
  story: ExchangeStory,
  { lines, more }: StoryLines,
  log: LogLines,
  paint: Paint,
): string {
  const times = lines.map(({ at }) => `${at < story.at ? '-' : '+'}${Math.abs(at - story.at)} ms`);
  const width = Math.max(0, ...times.map((time) => time.length));
  const rows = lines.map((line, at) => {
    return `  ${paint.dim((times[at] ?? '').padStart(width))}  ${log.of({ type: 'line', ...line })}`;
  });
  const rest = more === 0 ? [] : [`  ${paint.dim(`… and ${more} more: mesh logs --trace ${printable(story.id)}`)}`];
  return [...rows, ...rest].join('\n');
}
