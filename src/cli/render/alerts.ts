import type { AlertsView, AlertView, ReceiverView } from '../../admin/alerts-wire.js';
import { metricInWords } from '../../config/alert-units.js';
import { printable } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import { timeOf } from './exchange.js';
import type { Paint, Tone } from './paint.js';
import { tint } from './paint.js';
import { ago } from './shaping.js';
import { fitTable } from './table.js';
import { shorten } from './width.js';

/** What `mesh alerts` shows: those that fire first, in so many characters where that is possible; a name takes half of them at the most. */
export function renderAlerts({ alerts, receivers }: AlertsView, now: number, paint: Paint, width: number): string {
  if (alerts.length === 0) return nothing;
  const rows = [...alerts]
    .sort((left, right) => states.indexOf(left.state) - states.indexOf(right.state))
    .map((alert) => [
      paint.bold(shorten(printable(alert.name), Math.floor(width / 2))),
      printable(alert.service),
      stateCell(alert, paint),
      alert.since === null ? '–' : ago(alert.since, now),
      valueText(alert),
      conditionText(alert),
    ]);
  const columns = [
    { head: 'ALERT' },
    { head: 'SERVICE' },
    { head: 'STATE' },
    { head: 'SINCE', spare: 1 },
    { head: 'VALUE', align: 'right' },
    { head: 'CONDITION', spare: 2 },
  ] as const;
  const troubles = receivers.filter(({ lost, failure }) => lost > 0 || failure !== null);
  return [fitTable(columns, rows, paint, width), ...troubles.map((one) => trouble(one, paint))].join('\n');
}

/** One of them in a line, for `--watch` off a terminal. */
export function alertLine(alert: AlertView, at: number, paint: Paint): string {
  const parts = [
    paint.dim(timeOf(at)),
    stateCell(alert, paint),
    printable(alert.name),
    printable(alert.service),
    `${valueText(alert)} (${conditionText(alert)})`,
  ];
  return parts.join('  ');
}

export function stateCell({ state }: AlertView, paint: Paint): string {
  return tint(paint, tones[state], state);
}

export function valueText({ metric, value }: AlertView): string {
  return value === null ? '–' : metricInWords(metric, value);
}

/** `error_rate > 5% for 30s` */
export function conditionText({ condition, for: duration }: AlertView): string {
  return printable(condition) + (duration === 0 ? '' : ` for ${formatDuration(duration)}`);
}

/** The most urgent first. */
const states = ['firing', 'pending', 'resolved', 'inactive'] as const;

const tones: Readonly<Record<AlertView['state'], Tone>> = {
  firing: 'bad',
  pending: 'busy',
  resolved: 'good',
  inactive: 'quiet',
};

function trouble({ name, lost, waiting, failure }: ReceiverView, paint: Paint): string {
  const counts = [`${lost} lost`, `${waiting} to be sent`].join(', ');
  const reason = failure === null ? '' : `: ${printable(failure)}`;
  return `${paint.yellow('!')} ${printable(name)}: ${counts}${reason}`;
}

const nothing = [
  'Nothing is watched. Write alerts under `alerts` in the mesh file:',
  '  alerts:',
  '    - { name: orders are failing, service: orders, when: error_rate > 5%, for: 30s }',
].join('\n');
