import { stripVTControlCharacters } from 'node:util';
import type { LogEventView } from '../../admin/logs-wire.js';
import { MeshError, messageOf } from '../../foundation/errors.js';

/** Which lines are shown. */
export type Pattern = (text: string) => boolean;

/** @throws usage for what is no regular expression; undefined where every line is shown */
export function patternOf({ grep, invertMatch = false }: PatternOptions): Pattern | undefined {
  if (grep !== undefined) {
    const expression = expressionOf(grep);
    return (text) => expression.test(stripVTControlCharacters(text)) !== invertMatch;
  }
  if (!invertMatch) return undefined;
  throw new MeshError('usage', '`--invert-match` goes with `--grep`', {
    hint: 'Say what to leave out: --grep healthz --invert-match.',
  });
}

interface PatternOptions {
  readonly grep?: string | undefined;
  readonly invertMatch?: boolean | undefined;
}

function expressionOf(grep: string): RegExp {
  try {
    return new RegExp(grep);
  } catch (cause) {
    throw new MeshError('usage', messageOf(cause), {
      hint: 'Write a JavaScript regular expression, and a backslash before a character that is meant as it stands.',
      cause,
    });
  }
}

/** The lines that the pattern shows, and all that is no line. */
export async function* matching(
  events: AsyncIterable<LogEventView>,
  shows: Pattern,
): AsyncGenerator<LogEventView, void> {
  for await (const event of events) if (event.type !== 'line' || shows(event.text)) yield event;
}

/** Of what is kept, the newest `tail` lines of each service; then all that comes. */
export async function* newest(events: AsyncIterable<LogEventView>, tail: number): AsyncGenerator<LogEventView, void> {
  const kept: LogEventView[] = [];
  let isLive = false;
  for await (const event of events) {
    if (!isLive && event.type === 'live') {
      isLive = true;
      yield* newestOf(kept.splice(0), tail);
    }
    if (isLive) yield event;
    else kept.push(event);
  }
}

function newestOf(events: readonly LogEventView[], tail: number): LogEventView[] {
  const counts = new Map<string, number>();
  const chosen = events.toReversed().filter((event) => {
    if (event.type !== 'line') return true;
    const count = (counts.get(event.service) ?? 0) + 1;
    counts.set(event.service, count);
    return count <= tail;
  });
  return chosen.reverse();
}
