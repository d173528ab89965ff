const bars = '▁▂▃▄▅▆▇█';

/** A row of bars, one for each value: the largest is as high as a line. What was not measured is a blank. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  return values.map((value) => barOf(value, most)).join('');
}

function barOf(value: number | null, most: number): string {
  if (value === null) return ' ';
  const height = most === 0 ? 0 : Math.ceil((value / most) * (bars.length - 1));
  return bars[height] ?? ' ';
}
