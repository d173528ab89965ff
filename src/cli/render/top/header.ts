import { printable } from '../../../foundation/text.js';
import { formatDuration } from '../../../foundation/units.js';
import type { TopState } from '../../top/state.js';
import { rate } from '../numbers.js';
import type { Paint } from '../paint.js';
import { tint } from '../paint.js';
import { successCell } from '../services.js';
import { shorten, textWidth } from '../width.js';

/** The mesh, and all its services in one line. */
export function renderSummary({ view, isPaused, size }: TopState, paint: Paint): string {
  const { mesh, at, startedAt, services } = view;
  const sum = (of: (service: (typeof services)[number]) => number) =>
    services.reduce((total, service) => total + of(service), 0);
  const perSecond = sum(({ metrics }) => metrics.requestsPerSecond);
  const failing = sum(({ metrics }) => metrics.requestsPerSecond * metrics.errorRate);
  const parts = [
    ...(isPaused ? [paint.inverse(' PAUSED ')] : []),
    paint.bold(printable(mesh)),
    paint.dim(timeOfDay(at)),
    `up ${uptime(at - startedAt)}`,
    `${rate(perSecond)} requests/s`,
    `success ${successCell({ requestsPerSecond: perSecond, errorRate: perSecond === 0 ? 0 : failing / perSecond }, paint)}`,
    `${sum(({ metrics }) => metrics.inFlight)} in flight`,
    services.length === 1 ? '1 service' : `${services.length} services`,
  ];
  while (textWidth(joined(parts)) > size.columns && parts.length > 1) parts.pop();
  return joined(parts);
}

function joined(parts: readonly string[]): string {
  return parts.join(' · ');
}

/** What has to be known of the picture: what is wrong, what came of the last key, and why not all is shown. */
export function renderNews(state: TopState, shown: { rows: number; from: number; to: number }, paint: Paint): string {
  const { view, filter, errorsOnly, mode, size } = state;
  const { scenario, rejected } = view;
  const isCut = shown.to > shown.from && shown.to - shown.from < shown.rows;
  const parts = [
    ...urgentNews(state, paint),
    ...(rejected ? [tint(paint, 'busy', 'the mesh file has mistakes: see mesh check')] : []),
    ...(scenario === null ? [] : [tint(paint, 'busy', scenarioInWords(scenario))]),
    ...(filter === '' || mode.kind === 'filtering' ? [] : [`filter ${printable(filter)}`]),
    ...(errorsOnly ? ['errors only'] : []),
    ...(isCut ? [paint.dim(`${shown.from + 1}–${shown.to} of ${shown.rows}`)] : []),
  ];
  return shorten(joined(parts), size.columns);
}

/** Of a low screen, which has one line for all: what is wrong or has just been done, else the mesh. */
export function renderLowHead(state: TopState, paint: Paint): string {
  const urgent = urgentNews(state, paint);
  return urgent.length === 0 ? renderSummary(state, paint) : shorten(joined(urgent), state.size.columns);
}

function urgentNews({ connection, notice }: TopState, paint: Paint): string[] {
  return [
    ...(connection.kind === 'lost' ? [tint(paint, 'bad', `reconnecting… ${printable(connection.why)}`)] : []),
    ...(notice === undefined ? [] : [tint(paint, notice.tone, printable(notice.words))]),
  ];
}

function scenarioInWords({ name, done, steps }: NonNullable<TopState['view']['scenario']>): string {
  return `scenario ${printable(name)}, ${done} of ${steps} steps`;
}

const minute = 60_000;

/** To the second, and from an hour on to the minute. */
function uptime(milliseconds: number): string {
  const step = milliseconds < 60 * minute ? 1_000 : minute;
  const whole = Math.max(0, Math.floor(milliseconds / step) * step);
  return whole === 0 ? '0s' : formatDuration(whole);
}

/** `14:03:09`, by the reader's clock. */
export function timeOfDay(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
