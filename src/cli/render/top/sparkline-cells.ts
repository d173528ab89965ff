import type { Row } from '../../top/rows.js';
import type { Paint } from '../paint.js';
import { secondsEach, sparkline } from './sparkline.js';

/** Seconds that a sparkline goes back at least, however short it is. */
const span = 60;

/** What it shows, and how far back, such as `RPS 64s`. */
export function sparklineHead(what: string, width: number): string {
  return `${what} ${width * secondsEach({ width, span })}s`;
}

/** Something that can be called has one. */
export function hasTrend(row: Row): row is Extract<Row, { kind: 'service' }> {
  return row.kind === 'service' && row.service.expose;
}

/** Requests a second of a service; where some of them failed, in the colour of that. */
export function requestsSparkline(row: Row, width: number, paint: Paint): string {
  if (!hasTrend(row)) return '';
  const { requests, errors, until } = row.service.trend;
  const plan = { width, span, join: 'mean' } as const;
  const failed = sparkline(errors, secondsOf(until), plan);
  return inRuns(sparkline(requests, secondsOf(until), plan), (at) => (failed[at] === ' ' ? paint.cyan : paint.red));
}

/** The slowest hundredth; a gap where nothing was asked. */
export function durationSparkline(row: Row, width: number, paint: Paint): string {
  if (!hasTrend(row)) return '';
  const { p99, until } = row.service.trend;
  return paint.magenta(sparkline(p99, secondsOf(until), { width, span, join: 'longest' }));
}

/** Neighbours of one colour share its sequences: a wide screen has thousands of them. */
function inRuns(signs: string, colorOf: (at: number) => Paint): string {
  let colored = '';
  let begun = 0;
  for (let at = 1; at <= signs.length; at++) {
    if (at < signs.length && colorOf(at) === colorOf(begun)) continue;
    colored += colorOf(begun)(signs.slice(begun, at));
    begun = at;
  }
  return colored;
}

function secondsOf(milliseconds: number): number {
  return Math.round(milliseconds / 1_000);
}
