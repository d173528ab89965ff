import { describeFault } from '../../config/describe-shape.js';
import type { Attempt } from '../../exchange/exchange.js';
import { printable } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import type { AccessEntry } from './entry.js';
import { timeText } from './time-text.js';

/** How a request fared, as a colour shows it. */
export type Tint = (tone: 'good' | 'busy' | 'bad' | 'quiet', text: string) => string;

/**
 * An entry as one line for people:
 * `2026-01-01T00:00:00.000Z 200 GET orders.localhost/cart?id=1 web → orders-1 of orders 12.3ms 512B`, and what was unusual.
 */
export function textLine(entry: AccessEntry, tint: Tint): string {
  const { at, status, request } = entry;
  const what = request === undefined ? '-' : `${request.method} ${request.authority}${request.target}`;
  const details = printable([what, whoOf(entry), ...amountsOf(entry), ...unusual(entry)].join(' '));
  return `${timeText(at)} ${tint(toneOf(entry), String(status ?? '-'))} ${details}`;
}

/** So many lines are missing here. */
export function textGap(at: number, count: number, reason: string): string {
  return `${timeText(at)} - ${count} ${count === 1 ? 'line is' : 'lines are'} missing here: ${reason}`;
}

function whoOf({ client, caller, service = '-', attempts }: AccessEntry): string {
  const instance = attempts.at(-1)?.instance.id;
  return `${caller ?? client.host} → ${instance === undefined ? service : `${instance} of ${service}`}`;
}

function amountsOf({ request }: AccessEntry): string[] {
  if (request === undefined) return [];
  const duration = inWords(request.duration);
  return request.bytesSent === undefined ? [duration] : [duration, `${request.bytesSent}B`];
}

function unusual({ outcome, errorType, attempts, waits = [], faults = [] }: AccessEntry): string[] {
  return [
    ...(outcome.kind === 'answered' ? [] : [`${outcome.kind}: ${errorType}`]),
    ...(attempts.length < 2 ? [] : [`attempts: ${attempts.map(attemptInWords).join(', ')}`]),
    ...(waits.length === 0
      ? []
      : [`waited: ${waits.map((wait) => `${wait.kind} ${inWords(wait.milliseconds)}`).join(', ')}`]),
    ...(faults.length === 0 ? [] : [`faults: ${faults.map(describeFault).join(', ')}`]),
  ].map((part) => `· ${part}`);
}

/** To a hundredth of a millisecond: more digits say nothing to people. */
function inWords(milliseconds: number): string {
  return formatDuration(Math.round(milliseconds * 100) / 100);
}

function attemptInWords({ instance, result }: Attempt): string {
  switch (result.kind) {
    case 'answered':
      return `${instance.id} ${result.status}`;
    case 'failed':
      return `${instance.id} ${result.error.code}`;
    case 'pending':
      return `${instance.id} unanswered`;
  }
}

function toneOf({ outcome, status = 0 }: AccessEntry): Parameters<Tint>[0] {
  if (outcome.kind === 'abandoned') return 'busy';
  if (outcome.kind === 'cut' || status >= 500) return 'bad';
  if (status >= 400) return 'busy';
  return status >= 300 ? 'quiet' : 'good';
}
