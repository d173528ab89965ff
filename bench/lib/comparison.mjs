import { median } from './statistics.mjs';
import { number, table } from './table.mjs';

/** Beside whom the others are put: the ratio is taken within a round, and then its median over the rounds. */
const baselines = ['http-proxy', 'nginx'];

/** What the rounds of a scenario come to, as a table: the median of each figure. */
export function comparison({ unit, showsThroughput }, runners) {
  const heads = [
    'gateway',
    `CPU µs/${unit}`,
    ...baselines.map((name) => `× ${name}`),
    `${unit}s/s`,
    ...(showsThroughput ? ['MB/s'] : []),
    'p50 ms',
    'p99 ms',
    'RSS MB',
    'trouble',
  ];
  const rows = runners.map((runner) => {
    const figure = (name, scale = 1) => median(measured(runner).map((round) => round[name] * scale));
    return [
      runner.name,
      number(figure('cpu'), 1),
      ...baselines.map((name) =>
        number(
          ratio(
            runner,
            runners.find((other) => other.name === name),
          ),
          2,
        ),
      ),
      number(figure('rate')),
      ...(showsThroughput ? [number(figure('throughput', 1e-6))] : []),
      number(figure('p50'), 2),
      number(figure('p99'), 2),
      number(figure('rss', 1e-6)),
      summary(runner.trouble),
    ];
  });
  return table(heads, rows, ['trouble']);
}

function measured(runner) {
  return runner.rounds.filter((round) => round !== undefined);
}

function ratio(runner, baseline) {
  const ratios = runner.rounds.map((round, index) => {
    const beside = baseline?.rounds[index];
    return round === undefined || beside === undefined ? Number.NaN : round.cpu / beside.cpu;
  });
  return median(ratios);
}

/** The same trouble of several rounds is told once, with its sum. */
function summary(trouble) {
  const sums = new Map();
  for (const text of trouble) {
    const [, count, what] = /^(\d+) (.*)$/.exec(text) ?? [undefined, undefined, text];
    sums.set(what, count === undefined ? undefined : (sums.get(what) ?? 0) + Number(count));
  }
  return [...sums].map(([what, count]) => (count === undefined ? what : `${count} ${what}`)).join(', ');
}
