// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of mesh files.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conditionPattern, holds, readCondition } from '../../src/config/alert-condition.js';
import type { AlertCondition, AlertMetric } from '../../src/config/alert-configs.js';
import { alertMetrics, alertOperators } from '../../src/config/alert-configs.js';
import { metricInWords, unitOf } from '../../src/config/alert-units.js';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { printSnapshot } from '../../src/config/print.js';
import { formatDuration, formatPercentage, formatRate } from '../../src/foundation/units.js';
import { mistakes, read } from './read.js';

/** A file whose one alert has that condition, as it is written there. */
const file = (written: string) => `services: { a: { slo: 99% } }\nalerts:\n  - name: n\n    when: ${written}\n`;
const before = '    when: '.length;

function conditionOf(text: string): AlertCondition {
  const reading = readCondition(text);
  if (reading.kind === 'mistake') expect.fail(reading.message);
  return reading.condition;
}

test.each<[string, Omit<AlertCondition, 'text'>]>([
  ['error_rate > 5%', { metric: 'error_rate', operator: '>', threshold: 0.05 }],
  ['error_rate > 0.05', { metric: 'error_rate', operator: '>', threshold: 0.05 }],
  ['error_rate > 0', { metric: 'error_rate', operator: '>', threshold: 0 }],
  ['success_rate<99.9%', { metric: 'success_rate', operator: '<', threshold: 0.999 }],
  ['requests < 1/s', { metric: 'requests', operator: '<', threshold: 1 }],
  ['errors >= 60/m', { metric: 'errors', operator: '>=', threshold: 1 }],
  ['retries > 0.5/s', { metric: 'retries', operator: '>', threshold: 0.5 }],
  ['requests == 0', { metric: 'requests', operator: '==', threshold: 0 }],
  ['p50 > 1m5s', { metric: 'p50', operator: '>', threshold: 65_000 }],
  ['p95 <= 0.5ms', { metric: 'p95', operator: '<=', threshold: 0.5 }],
  [' p99  >  500ms ', { metric: 'p99', operator: '>', threshold: 500 }],
  ['in_flight != 0', { metric: 'in_flight', operator: '!=', threshold: 0 }],
  ['queue > 50', { metric: 'queue', operator: '>', threshold: 50 }],
  ['healthy_instances < 2', { metric: 'healthy_instances', operator: '<', threshold: 2 }],
  ['instances < 3', { metric: 'instances', operator: '<', threshold: 3 }],
  ['burn_rate > 14.4', { metric: 'burn_rate', operator: '>', threshold: 14.4 }],
  ['budget < 10%', { metric: 'budget', operator: '<', threshold: 0.1 }],
])('%j is a condition', (text, condition) => {
  expect(conditionOf(text)).toEqual({ text, ...condition });
  expect(read(file(JSON.stringify(text))).alerts[0]?.when).toEqual({ text, ...condition });
});

/** The condition, the word that is wrong and where it begins in it, what is said, what is hinted at, and its code. */
const bad: ReadonlyArray<[string, string, number, string, string?, string?]> = [
  ['eror_rate > 5%', 'eror_rate', 0, 'there is no metric `eror_rate`', 'did you mean `error_rate`?'],
  ['errorRate > 5%', 'errorRate', 0, 'there is no metric `errorRate`', 'did you mean `error_rate`?'],
  ['P99 > 500ms', 'P99', 0, 'there is no metric `P99`', 'did you mean `p99`?'],
  ['latency > 500ms', 'latency', 0, 'there is no metric `latency`', `the metrics are ${alertMetrics.join(', ')}`],
  ['5% < error_rate', '5%', 0, 'there is no metric `5%`', `the metrics are ${alertMetrics.join(', ')}`],
  ['error_rate = 5%', '=', 11, 'behind `error_rate`, found `=`', 'did you mean `==`?'],
  ['error_rate => 5%', '=>', 11, 'found `=>`', 'did you mean `>=`?'],
  ['error_rate above 5%', 'above', 11, 'found `above`', 'did you mean `>`?'],
  ['error_rate 5%', '5%', 11, 'expected one of `!=`, `<`, `<=`, `==`, `>`, `>=` behind `error_rate`, found `5%`'],
  ['error_rate >> 5%', '>>', 11, 'found `>>`'],
  ['error_rate > 5', '5', 13, 'expected a percentage such as `5%`, found `5`', 'did you mean `5%`?'],
  ['error_rate > 1', '1', 13, 'expected a percentage such as `5%`, found `1`', 'did you mean `1%` or `100%`?'],
  ['error_rate > 101%', '101%', 13, 'expected a percentage such as `5%`, found `101%`'],
  ['error_rate > many', 'many', 13, 'found `many`'],
  ['error_rate > 5 %', '5 %', 13, 'found `5 %`', 'did you mean `5%`?'],
  ['p99 > 500', '500', 6, 'expected a duration such as `500ms`, found `500`', 'did you mean `500ms`?'],
  ['p99 > 2', '2', 6, 'found `2`', 'did you mean `2s`?'],
  ['p99 > 500 ms', '500 ms', 6, 'found `500 ms`', 'did you mean `500ms`?'],
  ['requests < 10', '10', 11, 'expected a rate such as `10/s`, found `10`', 'did you mean `10/s`?'],
  ['requests < 10/d', '10/d', 11, 'expected a rate such as `10/s`, found `10/d`'],
  ['queue > 1.5', '1.5', 8, 'expected a whole number such as `50`, found `1.5`'],
  ['burn_rate > fast', 'fast', 12, 'expected a number such as `14.4`, found `fast`'],
  [
    'p99 > 5%',
    '5%',
    6,
    '`p99` is a duration, and `5%` is a percentage',
    'write one such as `p99 > 500ms`',
    'contradiction',
  ],
  [
    'error_rate > 5ms',
    '5ms',
    13,
    'is a percentage, and `5ms` is a duration',
    'such as `error_rate > 5%`',
    'contradiction',
  ],
  ['queue > 5/s', '5/s', 8, '`queue` is a whole number, and `5/s` is a rate', 'such as `queue > 50`', 'contradiction'],
  ['p99 > 1s and requests > 1/s', 'and requests > 1/s', 9, 'expected nothing behind `1s`', 'write another alert'],
  ['p99 > p99', 'p99', 6, 'expected a duration such as `500ms`, found `p99`'],
  ['p99 > 1s 2', '2', 9, 'expected nothing behind `1s`, found `2`'],
];

describe.each([
  ['plain', (text: string) => text, 0],
  ['in double quotes', (text: string) => JSON.stringify(text), 1],
  ['in single quotes', (text: string) => `'${text}'`, 1],
])('%s', (_, write, quote) => {
  test.each(bad)('%j is shown with a caret below %j', (text, word, at, message, hint, code = 'invalid_value') => {
    const found = mistakes(file(write(text)));

    expect(found).toEqual([
      expect.objectContaining({ code, message: expect.stringContaining(message), path: 'alerts[0].when', line: 4 }),
    ]);
    const [mistake = expect.fail('no mistake')] = found;
    if (hint === undefined) expect(mistake.hint).toBeUndefined();
    else expect(mistake.hint).toContain(hint);
    expect(mistake.column).toBe(before + quote + at + 1);
    expect(mistake.endColumn).toBe(before + quote + at + word.length + 1);
    const [, source = '', caret = ''] = formatDiagnostic(mistake).split('\n');
    expect(source.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe(word);
  });
});

test.each([
  ['where something is missing at the end', 'error_rate', before + 11, 'behind `error_rate`'],
  ['where the value is missing', 'p99 >', before + 6, 'expected a duration such as `500ms`'],
  ['where the metric is missing', '"> 5%"', before + 2, 'expected a metric such as `error_rate`, found `>`'],
  ['behind an escape', '"que\\x75e >  many"', before + 14, 'found `many`'],
  ['behind a variable', '"${METRIC} > manyfold"', before + 14, 'found `manyfold`'],
  ['in what a variable holds', '"queue > ${VALUE}"', before + 1, 'found `much`'],
  ['of a text over two lines', 'queue\n      > many', 9, 'found `many`'],
  ['of a folded text', '>-\n      queue >\n      many', 7, 'found `many`'],
  ['of a literal text', '|\n      queue > many', 15, 'found `many`'],
  ['of a number', '5', before + 1, 'expected a condition such as `error_rate > 5%`, found `5`'],
  ['of a list', '[a]', 5, 'expected a condition such as `error_rate > 5%`, found a list'],
])('the caret stands %s', (_, written, column, message) => {
  const found = mistakes(file(written), { METRIC: 'queue', VALUE: 'much' });

  expect(found).toEqual([expect.objectContaining({ message: expect.stringContaining(message), column })]);
});

test('a condition that an alias repeats is shown where it is written, and once', () => {
  const text = 'x-when: &when p99 > fast\nalerts: [{ name: a, when: *when }, { name: b, when: *when }]';

  expect(mistakes(text)).toEqual([expect.objectContaining({ line: 1, column: 21, endColumn: 25 })]);
});

const amounts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'a percentage': fc.oneof(
    fc.integer({ min: 0, max: 100_000_000 }).map((parts) => formatPercentage(parts / 100_000_000)),
    fc.integer({ min: 0, max: 99 }).map((hundredths) => `0.${hundredths}`),
  ),
  'a duration': fc.integer({ min: 0, max: 100_000_000 }).map((micros) => formatDuration(micros / 1_000)),
  'a rate': fc.integer({ min: 0, max: 1_000_000 }).map((thousandths) => formatRate(thousandths / 1_000)),
  'a whole number': fc.nat({ max: 999_999_999 }).map(String),
  'a number': fc.nat({ max: 1_000_000 }).map((thousandths) => String(thousandths / 1_000)),
};

const anyCondition = fc
  .tuple(fc.constantFrom(...alertMetrics), fc.constantFrom(...alertOperators), fc.constantFrom('', ' ', '\t', '  '))
  .chain(([metric, operator, space]) =>
    (amounts[unitOf(metric).name] ?? fc.constant('')).map((amount) => [metric, operator, amount].join(space)),
  );

test('every condition, printed and loaded again, is the same', () => {
  fc.assert(
    fc.property(anyCondition, (text) => {
      const condition = conditionOf(text);
      const snapshot = read('alerts: []\nservices: { a: { slo: 99% } }');
      const alert = { name: 'n', service: undefined, for: 0, keepFiringFor: 0, labels: {}, notify: [] };
      const with1 = { ...snapshot, alerts: [{ ...alert, when: condition }] };
      fc.pre(mistakes(file(JSON.stringify(text))).length === 0); // such as never hold are refused

      expect(read(printSnapshot(with1)).alerts[0]?.when).toEqual(condition);
    }),
  );
});

test('what an editor is told is a condition is one, and nothing else', () => {
  const pattern = conditionPattern();
  const word = fc.constantFrom(...alertMetrics, ...alertOperators, '5%', '0.05', '5', '5ms', '5/s', ' ', '=', 'x', '%');
  fc.assert(
    fc.property(
      fc.oneof(
        anyCondition,
        fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
      ),
      (text) => {
        expect(pattern.test(text)).toBe(readCondition(text).kind === 'condition');
      },
    ),
    { numRuns: 2_000 },
  );
});

test.each<[string, readonly number[], readonly number[]]>([
  ['queue > 5', [6], [5, 4]],
  ['queue >= 5', [6, 5], [4]],
  ['queue < 5', [4], [5, 6]],
  ['queue <= 5', [4, 5], [6]],
  ['queue == 5', [5], [4, 6]],
  ['queue != 5', [4, 6], [5]],
])('%s', (text, bad, good) => {
  for (const value of bad) expect(holds(conditionOf(text), value)).toBe(true);
  for (const value of good) expect(holds(conditionOf(text), value)).toBe(false);
});

test.each<[AlertMetric, number, string]>([
  ['error_rate', 0.123456, '12.3%'],
  ['error_rate', 0.0004, '0.04%'],
  ['budget', -48.99, '-4899%'],
  ['p99', 512.34, '512ms'],
  ['p99', 1_234.5, '1.235s'],
  ['p50', 0.4567, '0.46ms'],
  ['requests', 0.333, '0.33/s'],
  ['requests', 1234.5, '1235/s'],
  ['queue', 51, '51'],
  ['burn_rate', 14.44, '14.4'],
])('%s of %d is %s for people', (metric, value, words) => {
  expect(metricInWords(metric, value)).toBe(words);
});
