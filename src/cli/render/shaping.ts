import type { ActiveShapeView, ScenarioView, ShapingView } from '../../admin/shaping-wire.js';
import { printable } from '../../foundation/text.js';
import { formatDuration } from '../../foundation/units.js';
import type { Paint } from './paint.js';
import { tint } from './paint.js';
import { drawTable } from './table.js';

/** A service for which something was said at run time. */
export type ActiveService = ActiveShapeView & { readonly service: string };

/** What `mesh shape` shows: all that was said at run time. */
export function renderShapes(shapes: readonly ActiveService[], now: number, paint: Paint): string {
  if (shapes.length === 0) return 'Nothing is shaped at run time: the mesh file alone holds.';
  return drawTable(
    ['SERVICE', 'SHAPE', 'BY', 'SINCE', 'ENDS'].map((head) => ({ head })),
    shapes.map(({ service, words, by, since, until }) => [
      paint.bold(printable(service)),
      tint(paint, 'busy', joined(words)),
      printable(by),
      ago(since, now),
      until === null ? '–' : inSeconds(until, now),
    ]),
    paint,
  );
}

/** What `mesh shape SERVICE` shows: what was said of it at run time, and all that shapes it. */
export function renderShape(service: string, shaping: ShapingView, now: number, paint: Paint): string {
  const title = paint.bold(printable(service));
  const rows = shapingRows(shaping, now, paint).filter(([label]) => label !== 'shaped');
  const lines = rows.map(([label, text]) => `  ${paint.dim(label.padEnd(labelWidth))}  ${text}`);
  if (shaping.active !== null) return [`${title}  ${activeInWords(shaping.active, now, paint)}`, ...lines].join('\n');
  const state = rows.length === 0 ? 'is not shaped' : 'is shaped as the mesh file says';
  return [`${title} ${state}`, ...lines].join('\n');
}

/** Characters. */
const labelWidth = 6;

/** Lines of a label and a text. What there is nothing of is not mentioned. */
export function shapingRows(shaping: ShapingView, now: number, paint: Paint): [string, string][] {
  const { rateLimit, concurrency, bandwidth, faults, seed, active } = shaping;
  const rows: [string, string][] = [];
  if (rateLimit !== null) {
    const { words, waiting, passed, delayed, refused } = rateLimit;
    const counts = `${passed} passed at once, ${delayed} delayed, ${refused} refused in the last 10s`;
    rows.push(['rate', `${printable(words)} · ${waiting} waiting · ${counts}`]);
  }
  if (concurrency !== null) {
    const { words, limit, underWay, waiting, refused } = concurrency;
    const counts = `${underWay} of ${limit} under way, ${waiting} waiting, ${refused} refused in the last 10s`;
    rows.push(['limit', `${printable(words)} · ${counts}`]);
  }
  if (bandwidth !== null) rows.push(['bytes', printable(bandwidth)]);
  for (const [index, { words, met }] of faults.entries()) {
    rows.push([index === 0 ? 'faults' : '', `${printable(words)} · ${timesMet(met)}`]);
  }
  if (faults.length > 0) rows.push(['seed', String(seed)]); // what one has to say to see the same again
  if (active !== null) rows.push(['shaped', activeInWords(active, now, paint)]);
  return rows;
}

function timesMet(met: number): string {
  if (met === 0) return 'not met yet';
  return met === 1 ? 'met once' : `met ${met} times`;
}

/** `delay 200ms for 10% · by ann (mesh shape), 6s ago; ends in 24s` */
function activeInWords({ words, by, since, until }: ActiveShapeView, now: number, paint: Paint): string {
  const end = until === null ? 'until it is cleared' : `ends ${inSeconds(until, now)}`;
  return `${tint(paint, 'busy', joined(words))} · by ${printable(by)}, ${ago(since, now)}; ${end}`;
}

/** What `mesh shape --scenario` shows. */
export function renderScenarios(scenarios: readonly ScenarioView[], paint: Paint): string {
  if (scenarios.length === 0) return 'The mesh file has no scenarios.';
  return drawTable(
    ['SCENARIO', 'STEPS', 'TAKES', 'STATE'].map((head) => ({ head, align: head === 'STEPS' ? 'right' : 'left' })),
    scenarios.map((scenario) => [
      paint.bold(printable(scenario.name)),
      String(scenario.steps.length),
      timeOf(lengthOf(scenario)),
      stateOf(scenario, paint),
    ]),
    paint,
  );
}

function stateOf({ steps, run }: ScenarioView, paint: Paint): string {
  if (run === null) return '–';
  if (run.state !== 'running') return run.state;
  return tint(paint, 'busy', `running, ${run.done} of ${steps.length} steps`);
}

/** The plan of a scenario: when what happens. */
export function renderScenario(scenario: ScenarioView, paint: Paint): string {
  const times = scenario.steps.map(({ at }) => timeOf(at));
  const width = Math.max(0, ...times.map((time) => time.length));
  const steps = scenario.steps.map(
    ({ words }, index) => `  ${paint.dim((times[index] ?? '').padStart(width))}  ${joined(words)}`,
  );
  const count = steps.length === 1 ? '1 step' : `${steps.length} steps`;
  return [`${paint.bold(printable(scenario.name))}  ${count} in ${timeOf(lengthOf(scenario))}`, ...steps].join('\n');
}

/** A step that has been taken. */
export function renderStep({ steps }: ScenarioView, index: number, paint: Paint): string {
  const { at = 0, words = [] } = steps[index] ?? {};
  return `${tint(paint, 'good', '✓')} ${timeOf(at)}  ${joined(words)}`;
}

/** `12s of 40s · 2 of 5 steps · the next in 8s` */
export function renderProgress(
  scenario: ScenarioView,
  { since, done }: NonNullable<ScenarioView['run']>,
  now: number,
  paint: Paint,
): string {
  const { steps } = scenario;
  const next = steps[done];
  return [
    tint(paint, 'busy', `${wholeSeconds(now - since)} of ${timeOf(lengthOf(scenario))}`),
    `${done} of ${steps.length} steps`,
    ...(next === undefined ? [] : [`the next ${inSeconds(since + next.at, now)}: ${joined(next.words)}`]),
  ].join(' · ');
}

function lengthOf({ steps }: ScenarioView): number {
  return Math.max(0, ...steps.map(({ at }) => at));
}

function joined(words: readonly string[]): string {
  return words.map(printable).join(' · ');
}

export function ago(since: number, now: number): string {
  return `${wholeSeconds(now - since)} ago`;
}

/** `in 24s`; what is as good as there is `now`. */
function inSeconds(until: number, now: number): string {
  const left = until - now;
  return left <= 0 ? 'now' : `in ${wholeSeconds(Math.max(1_000, left))}`;
}

export function wholeSeconds(milliseconds: number): string {
  return timeOf(Math.max(0, Math.round(milliseconds / 1_000)) * 1_000);
}

/** People count from 0 seconds. */
function timeOf(milliseconds: number): string {
  return milliseconds === 0 ? '0s' : formatDuration(milliseconds);
}
