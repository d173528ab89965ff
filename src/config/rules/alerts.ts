import { wordsOf } from '../alert-condition.js';
import type { AlertCondition } from '../alert-configs.js';
import { isOfBudget } from '../alert-configs.js';
import { rangeOf } from '../alert-units.js';
import type { Finding, Path } from '../finding.js';
import type { AlertFile } from '../schema/alerts.js';
import type { MeshFile } from '../schema/mesh-file.js';
import { underDefaults } from '../under-defaults.js';
import { unknownService } from './service-names.js';

/** Alerts are told apart by their names, and watch services of the file that can be called, for what can be. */
export function checkAlerts(file: MeshFile, names: ReadonlySet<string>, isBroken: (path: Path) => boolean): Finding[] {
  const first = new Map<string, number>();
  return (file.alerts ?? []).flatMap((alert, index) => {
    const path = ['alerts', index];
    const before = first.get(alert.name);
    if (before === undefined) first.set(alert.name, index);
    return [
      ...(before === undefined ? [] : [sameName(alert.name, before, path)]),
      ...checkTarget(alert, names, file, path),
      ...checkObjective(alert, file, path, isBroken),
      ...checkRange(alert.when, [...path, 'when']),
      ...checkLabels(alert, path),
    ];
  });
}

function sameName(name: string, before: number, path: Path): Finding {
  return {
    code: 'contradiction',
    message: `an alert is called \`${name}\` already`,
    hint: `it is number ${before + 1} of the list`,
    path: [...path, 'name'],
  };
}

function checkTarget({ service }: AlertFile, names: ReadonlySet<string>, file: MeshFile, at: Path): Finding[] {
  if (service === undefined) return [];
  const path = [...at, 'service'];
  if (!names.has(service)) return [unknownService(service, names, path)];
  if (file.services?.[service]?.expose !== false) return [];
  return [{ code: 'contradiction', message: `\`${service}\` is a worker: it cannot be called`, path }];
}

/** Without an objective there is no budget. */
function checkObjective(
  { service, when: { metric, text } }: AlertFile,
  file: MeshFile,
  at: Path,
  isBroken: (path: Path) => boolean,
): Finding[] {
  if (!isOfBudget(metric)) return [];
  if (isBroken(['services']) || isBroken(['defaults', 'slo'])) return [];
  const watched = Object.entries(file.services ?? {}).filter(([name]) => service === undefined || name === service);
  const objectives = watched.map(([, each]) => underDefaults(each, file.defaults).slo);
  // Of those that are registered later, `defaults` alone decide.
  if (service === undefined) objectives.push(underDefaults({}, file.defaults).slo);
  if (objectives.some((objective) => objective !== undefined)) return [];
  const whose = service === undefined ? 'no service has one' : `\`${service}\` has none`;
  return [
    {
      code: 'contradiction',
      message: `\`${metric}\` is that of an \`slo\`, and ${whose}`,
      hint: 'give the service one: `slo: 99.9%`',
      path: [...at, 'when'],
      part: { ...wordsOf(text).metric, text },
    },
  ];
}

/** A condition that can never hold, or always does, was meant otherwise. */
function checkRange({ text, metric, operator, threshold }: AlertCondition, path: Path): Finding[] {
  const { least, most } = rangeOf(metric);
  const isNever = (operator === '>' && threshold >= most) || (operator === '<' && threshold <= least);
  const isAlways = (operator === '<=' && threshold >= most) || (operator === '>=' && threshold <= least);
  if (!isNever && !isAlways) return [];
  const { value } = wordsOf(text);
  const message = `\`${metric}\` is ${isNever ? 'never' : 'always'} ${operator} ${value.text}`;
  return [{ code: 'contradiction', message, path, part: { ...value, text } }];
}

/** Receivers tell alerts apart by these, as Alertmanager does. */
const ownLabels = ['alertname', 'service'];

function checkLabels({ labels = {} }: AlertFile, path: Path): Finding[] {
  return ownLabels
    .filter((label) => Object.hasOwn(labels, label))
    .map((label) => ({
      code: 'contradiction',
      message: `\`${label}\` is a label that the mesh itself gives`,
      path: [...path, 'labels', label],
      at: 'key',
    }));
}
