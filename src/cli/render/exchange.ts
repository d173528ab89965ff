import type { ExchangeView } from '../../admin/exchanges-wire.js';
import { printable } from '../../foundation/text.js';
import { latency } from './numbers.js';
import type { Paint, Tone } from './paint.js';
import { tint } from './paint.js';

/** An exchange in a line: when, what came of it, for whom, how long it took, and what was special. */
export function renderExchange(exchange: ExchangeView, paint: Paint): string {
  const { at, service, caller, method, target, duration, id } = exchange;
  const edge = `${caller === null ? '' : `${printable(caller)} → `}${printable(service ?? '(no service)')}`;
  const parts = [
    paint.dim(timeOf(at)),
    tint(
      paint,
      toneOf(exchange),
      (exchange.status === null ? outcomeWords[exchange.outcome] : String(exchange.status)).padEnd(3),
    ),
    latency(duration).padStart(8),
    edge,
    `${printable(method)} ${printable(target)}`,
    ...remarks(exchange).map((remark) => tint(paint, 'busy', remark)),
    paint.dim(printable(id)),
  ];
  return parts.join('  ');
}

/** What was not as usual, in a few words each. */
function remarks({ outcome, code, attempts, waits, faults, tunnel }: ExchangeView): string[] {
  const waited = waits.reduce((sum, { duration }) => sum + duration, 0);
  return [
    ...(code === null ? [] : [printable(code)]),
    ...(outcome === 'cut' ? ['cut'] : []),
    ...(attempts.length > 1 ? [`${attempts.length} attempts`] : []),
    ...(waited >= 1 ? [`waited ${latency(waited)}`] : []),
    ...counted(faults).map((fault) => `fault: ${printable(fault)}`),
    ...(tunnel ? ['tunnel'] : []),
  ];
}

/** `abort 503 ×3`: attempts of one request often meet the same. */
export function counted(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${text} ×${count}`));
}

const outcomeWords = { answered: '–', refused: '–', cut: 'cut', abandoned: 'left' } as const;

export function toneOf({ outcome, status }: ExchangeView): Tone {
  if (outcome === 'cut' || (status ?? 0) >= 500) return 'bad';
  if (outcome === 'abandoned' || (status ?? 0) >= 400) return 'busy';
  return 'good';
}

/** `12:03:04.567`, as the clock on the wall shows it. */
export function timeOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
