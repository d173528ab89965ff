import { nearest, shorten } from '../foundation/text.js';
import type { AlertCondition, AlertMetric, AlertOperator } from './alert-configs.js';
import { alertMetrics, alertOperators } from './alert-configs.js';
import type { AlertUnit } from './alert-units.js';
import { expectedOf, unitOf, unitWrittenIn } from './alert-units.js';

export type ConditionReading =
  | { readonly kind: 'condition'; readonly condition: AlertCondition }
  | ({ readonly kind: 'mistake' } & ConditionMistake);

/** What is wrong with a condition, and which part of its text, in UTF-16 units. */
export interface ConditionMistake {
  /** A value of another unit than the metric's is well written and yet makes no sense. */
  readonly code: 'invalid_value' | 'contradiction';
  readonly message: string;
  readonly hint: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** `error_rate > 5%` → what is compared with what. */
export function readCondition(text: string): ConditionReading {
  const { metric, operator, value, rest } = wordsOf(text);
  const known = alertMetrics.find((name) => name === metric.text);
  if (known === undefined) return badMetric(metric, operator);
  const compared = alertOperators.find((sign) => sign === operator.text);
  if (compared === undefined) return badOperator(known, operator.text === '' ? value : operator);
  const unit = unitOf(known);
  if (!grammarOf(unit).test(value.text)) return badValue(known, compared, unit, value, rest);
  if (rest.text !== '') return surplus(value, rest);
  const threshold = unit.read(value.text);
  return { kind: 'condition', condition: { text, metric: known, operator: compared, threshold } };
}

/** Every text that is a condition, and no other: for editors, which cannot ask `readCondition`. */
export function conditionPattern(): RegExp {
  const units = [...new Set(alertMetrics.map(unitOf))];
  const forms = units.map((unit) => {
    const metrics = alertMetrics.filter((metric) => unitOf(metric) === unit);
    return String.raw`(?:${metrics.join('|')})\s*(?:${alertOperators.join('|')})\s*(?:${unit.pattern})`;
  });
  return new RegExp(String.raw`^\s*(?:${forms.join('|')})\s*$`);
}

/** Does the value lie on the bad side? */
export function holds({ operator, threshold }: AlertCondition, value: number): boolean {
  switch (operator) {
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}

export interface Word {
  readonly text: string;
  /** From and to where it stands in the condition, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A metric, signs, a value, and what should not be there; each may be empty. */
export function wordsOf(text: string): Record<'metric' | 'operator' | 'value' | 'rest', Word> {
  const [, ...parts] = /^(\s*)([^\s<>=!~]*)(\s*)([<>=!~]*)(\s*)(\S*)(\s*)(.*)$/s.exec(text.trimEnd()) ?? [];
  let at = 0;
  const [, metric, , operator, , value, , rest] = parts.map((part) => {
    const start = at;
    at += part.length;
    return { text: part, start, end: at };
  });
  const none = { text: '', start: 0, end: 0 };
  return { metric: metric ?? none, operator: operator ?? none, value: value ?? none, rest: rest ?? none };
}

function grammarOf({ pattern }: AlertUnit): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function badMetric(metric: Word, operator: Word): ConditionReading {
  const list = `the metrics are ${alertMetrics.join(', ')}`;
  if (metric.text === '')
    return mistake(operator, `expected a metric such as \`error_rate\`${foundIn(operator)}`, list);
  const near = nearest(metric.text, alertMetrics);
  const hint = near === undefined ? list : `did you mean \`${near}\`?`;
  return mistake(metric, `there is no metric \`${shorten(metric.text)}\``, hint);
}

function badOperator(metric: AlertMetric, found: Word): ConditionReading {
  const signs = alertOperators
    .toSorted()
    .map((sign) => `\`${sign}\``)
    .join(', ');
  const meant = meantBy.get(found.text);
  const hint = meant === undefined ? undefined : `did you mean \`${meant}\`?`;
  return mistake(found, `expected one of ${signs} behind \`${metric}\`${foundIn(found)}`, hint);
}

const meantBy: ReadonlyMap<string, AlertOperator> = new Map([
  ['=', '=='],
  ['===', '=='],
  ['=>', '>='],
  ['=<', '<='],
  ['<>', '!='],
  ['!==', '!='],
  ['above', '>'],
  ['over', '>'],
  ['below', '<'],
  ['under', '<'],
]);

function badValue(
  metric: AlertMetric,
  operator: AlertOperator,
  unit: AlertUnit,
  value: Word,
  rest: Word,
): ConditionReading {
  const written = unitWrittenIn(value.text);
  if (written !== undefined && written !== unit) {
    const message = `\`${metric}\` is ${unit.name}, and \`${shorten(value.text)}\` is ${written.name}`;
    return mistake(value, message, `write one such as \`${metric} ${operator} ${unit.example}\``, 'contradiction');
  }
  const together = value.text + rest.text.replace(/\s/g, '');
  if (rest.text !== '' && grammarOf(unit).test(together)) {
    const whole = { text: `${value.text} ${rest.text}`, start: value.start, end: rest.end };
    return mistake(whole, `expected ${expectedOf(unit)}${foundIn(whole)}`, `did you mean \`${together}\`?`);
  }
  const guess = unit.guess(value.text);
  const hint = guess === undefined ? undefined : `did you mean ${guess}?`;
  return mistake(value, `expected ${expectedOf(unit)}${foundIn(value)}`, hint);
}

function surplus(value: Word, rest: Word): ConditionReading {
  const hint = /^(?:and|or|&|\|)/i.test(rest.text) ? 'an alert has one condition: write another alert' : undefined;
  return mistake(rest, `expected nothing behind \`${shorten(value.text)}\`${foundIn(rest)}`, hint);
}

function mistake(
  { start, end }: Word,
  message: string,
  hint: string | undefined,
  code: ConditionMistake['code'] = 'invalid_value',
): ConditionReading {
  return { kind: 'mistake', code, message, hint, start, end };
}

function foundIn({ text }: Word): string {
  return text === '' ? '' : `, found \`${shorten(text)}\``;
}
