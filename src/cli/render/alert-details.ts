import { relative } from 'node:path';
import type { AlertDetailsView, EvidenceView } from '../../admin/alerts-wire.js';
import type { ExchangeView } from '../../admin/exchanges-wire.js';
import type { LogLineView } from '../../admin/logs-wire.js';
import type { InstanceView } from '../../admin/wire.js';
import { printable } from '../../foundation/text.js';
import { conditionText, stateCell, valueText } from './alerts.js';
import { childOutput } from './child-output.js';
import { counted, timeOf, toneOf } from './exchange.js';
import { latency, rate } from './numbers.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { Prefixes } from './prefix.js';
import { ago, wholeSeconds } from './shaping.js';
import { sparkline } from './sparkline.js';
import { instanceState } from './state.js';
import { drawTable } from './table.js';
import { circuitInWords } from './traffic.js';
import { shorten } from './width.js';

/** Of what was found; all of it is in the file. */
const shown = { failing: 10, slowest: 5, lines: 20 };

/** Characters of a sparkline. */
const sparkWidth = 30;

/** Characters of the labels. */
const labelWidth = 9;

/** What `mesh alerts show` shows. @param directory against which the file is named  @param width characters in a line */
export function renderAlertDetails(
  { alerts, evidence }: AlertDetailsView,
  now: number,
  directory: string,
  paint: Paint,
  width: number,
): string {
  const parts = [heading(alerts, now, paint)];
  if (evidence === null) parts.push(withoutEvidence(alerts));
  else parts.push(...renderEvidence(evidence, now, directory, paint, width));
  return parts.join('\n\n');
}

function heading(alerts: AlertDetailsView['alerts'], now: number, paint: Paint): string {
  const [first] = alerts;
  if (first === undefined) return '';
  const labels = Object.entries(first.labels).map(([name, value]) => `${name}=${value}`);
  const width = Math.max(...alerts.map(({ service }) => service.length));
  return [
    `${paint.bold(printable(first.name))}  ${conditionText(first)}`,
    ...(labels.length === 0 ? [] : [paint.dim(`  ${printable(labels.join(' '))}`)]),
    ...alerts.map((alert) => {
      const since = alert.since === null ? '' : `, ${ago(alert.since, now)}`;
      return `  ${printable(alert.service).padEnd(width)}  ${stateCell(alert, paint)}${since} · ${valueText(alert)} now`;
    }),
  ].join('\n');
}

function withoutEvidence(alerts: AlertDetailsView['alerts']): string {
  const hasFired = alerts.some(({ state }) => state === 'firing' || state === 'resolved');
  return hasFired
    ? 'What was found when it fired is not kept: there was too much of it. Some may be in .mesh/alerts.'
    : 'It has not fired since the mesh started. What was found in earlier runs is in .mesh/alerts.';
}

function renderEvidence(evidence: EvidenceView, now: number, directory: string, paint: Paint, width: number): string[] {
  const { failing, slowest, lines, file } = evidence;
  const parts = [facts(evidence, now, paint)];
  if (failing.length > 0) {
    const table = exchangeTable(failing.slice(0, shown.failing), paint, width);
    parts.push(`Failed of late, newest first: ${reasonsOf(failing)}\n${table}`);
  }
  if (slowest.length > 0)
    parts.push(`Slowest of late:\n${exchangeTable(slowest.slice(0, shown.slowest), paint, width)}`);
  if (failing.length + slowest.length > 0) parts.push(paint.dim('`mesh explain ID` tells the story of one.'));
  if (lines.length > 0) parts.push(output(lines, paint));
  if (file !== null) parts.push(paint.dim(`Saved in ${printable(relative(directory, file))}`));
  return parts;
}

/** What was in force when it fired, and the numbers up to then. */
function facts(evidence: EvidenceView, now: number, paint: Paint): string {
  const { alert, firedAt, revision, shapes, scenario, service, series } = evidence;
  const before = (since: number) => `${wholeSeconds(firedAt - since)} before`;
  const rows: [string, string][] = [
    ['mesh file', `revision ${revision.number}, taken up ${before(revision.since)}`],
    ...shapes.map((shape): [string, string] => {
      const words = [shape.service, ...shape.words].map(printable);
      return [
        'shaped',
        `${tint(paint, 'busy', words.join(' · '))} · by ${printable(shape.by)}, ${before(shape.since)}`,
      ];
    }),
    ...(scenario?.run ? [scenarioFact(scenario.name, scenario.run.done, scenario.steps.length)] : []),
    ...(service?.traffic.circuit ? [circuitFact(service.traffic.circuit, firedAt, paint)] : []),
    ...(service?.instances ?? []).map((instance) => instanceFact(instance, firedAt, paint)),
    ...numberFacts(series),
  ];
  const when = `${timeOf(firedAt)}, ${ago(firedAt, now)}`;
  const title = `Fired for ${printable(alert.service)} at ${when}: ${alert.metric} ${valueText(alert)}`;
  return [tint(paint, 'bad', title), ...rows.map((each) => row(each, paint))].join('\n');
}

function numberFacts({ rows }: EvidenceView['series']): [string, string][] {
  const spark = (values: readonly (number | null)[], inWords: (most: number) => string) => {
    const shown = thinned(values);
    return `${sparkline(shown)} ${inWords(Math.max(0, ...shown.map((value) => value ?? 0)))} at most`;
  };
  const requests = rows.map(({ requestsPerSecond }) => requestsPerSecond);
  const failed = rows.map(({ requestsPerSecond, errorRate }) => (requestsPerSecond === 0 ? null : errorRate));
  const slow = rows.map(({ p99 }) => p99);
  return [
    ['requests', spark(requests, (most) => `${rate(most)}/s`)],
    ['failed', spark(failed, (most) => `${Math.round(most * 1_000) / 10}%`)],
    ['p99', spark(slow, latency)],
  ];
}

function row([label, text]: [string, string], paint: Paint): string {
  return `  ${paint.dim(label.padEnd(labelWidth))}  ${text}`;
}

function scenarioFact(name: string, done: number, steps: number): [string, string] {
  return ['scenario', `${printable(name)}, ${done} of ${steps} steps taken`];
}

function circuitFact(...[circuit, at, paint]: Parameters<typeof circuitInWords>): [string, string] {
  return ['circuit', circuitInWords(circuit, at, paint)];
}

function instanceFact(instance: InstanceView, at: number, paint: Paint): [string, string] {
  const { id, healthReason, ejection, circuit } = instance;
  const { words, tone } = instanceState(instance);
  const reason = ejection?.reason ?? healthReason;
  const facts = [
    `${printable(id)} ${tint(paint, tone, words)}${reason === null || reason === '' ? '' : ` (${printable(reason)})`}`,
    ...(circuit === null ? [] : [`circuit ${circuitInWords(circuit, at, paint)}`]),
  ];
  return ['instance', facts.join(' · ')];
}

/** As many as there is room for: each the largest of its neighbours, so that no peak is lost. */
function thinned(values: readonly (number | null)[]): (number | null)[] {
  const each = Math.ceil(values.length / sparkWidth);
  return Array.from({ length: Math.ceil(values.length / each) }, (_, index) => {
    const known = values.slice(index * each, (index + 1) * each).filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}

/** `503 circuit_open ×18, cut ×2` */
function reasonsOf(exchanges: readonly ExchangeView[]): string {
  return counted(exchanges.map(resultOf)).map(printable).join(', ');
}

function resultOf({ status, outcome, code, faults }: ExchangeView): string {
  const word = outcome === 'cut' || status === null ? outcome : String(status);
  return [word, ...(code === null ? [] : [code]), ...(faults.length === 0 ? [] : ['(fault)'])].join(' ');
}

/** Characters: what is left of a path must still say something. */
const shortestRequest = 12;

function exchangeTable(exchanges: readonly ExchangeView[], paint: Paint, width: number): string {
  const cells = exchanges.map((exchange) => {
    const { at, duration, caller, method, target, id, status, outcome } = exchange;
    const request = printable(`${caller === null ? '' : `${caller} → `}${method} ${target}`);
    const result = outcome === 'cut' || status === null ? outcome : String(status);
    return {
      rest: [timeOf(at).slice(0, 8), tint(paint, toneOf(exchange), result), latency(duration)],
      request,
      id: printable(id),
    };
  });
  const taken = 2 + 8 + 2 + 'STATUS'.length + 2 + 7 + 2 + 2 + Math.max(...cells.map(({ id }) => id.length));
  const room = Math.max(shortestRequest, width - taken);
  const rows = cells.map(({ rest, request, id }) => [...rest, shorten(request, room), id]);
  const columns = [
    { head: '  TIME' },
    { head: 'STATUS' },
    { head: 'TOOK', align: 'right' },
    { head: 'REQUEST' },
    { head: 'ID' },
  ] as const;
  return drawTable(
    columns,
    rows.map(([time = '', ...others]) => [`  ${time}`, ...others]),
    paint,
  );
}

function output(lines: readonly LogLineView[], paint: Paint): string {
  const last = lines.slice(-shown.lines);
  const replicas = last.map(({ replica }) => replica);
  const prefixes = new Prefixes(paint, [...new Set(last.map(({ service }) => service))], replicas);
  const hidden = lines.length - last.length;
  return [
    'Printed in the minute before:',
    ...(hidden === 0 ? [] : [paint.dim(`… ${hidden} earlier ones: see --json`)]),
    ...last.map(({ service, replica, text }) => prefixes.of(service, replica) + childOutput(text, paint.level > 0)),
  ].join('\n');
}
