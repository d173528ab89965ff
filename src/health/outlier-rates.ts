/** How often one instance succeeded. */
export interface SuccessRate<T> {
  readonly of: T;
  /** 0–1. */
  readonly rate: number;
}

export interface Laggard<T> extends SuccessRate<T> {
  /** 0–1: the mean of the others. */
  readonly siblings: number;
}

/** Rates that are the same differ from their own mean by the rounding of its sum, and nobody shall be ejected for that. */
const rounding = 1e-9;

/**
 * Who lags behind the others, the worst first: whose rate is below mean − factor × standard deviation, that of the
 * population, with everybody counted, as Envoy computes it.
 */
export function laggardsAmong<T>(rates: ReadonlyArray<SuccessRate<T>>, factor: number): Array<Laggard<T>> {
  const sum = sumOf(rates.map(({ rate }) => rate));
  const mean = sum / rates.length;
  const deviation = Math.sqrt(sumOf(rates.map(({ rate }) => (rate - mean) ** 2)) / rates.length);
  return rates
    .filter(({ rate }) => rate < mean - factor * deviation - rounding)
    .sort((left, right) => left.rate - right.rate)
    .map(({ of, rate }) => ({ of, rate, siblings: (sum - rate) / (rates.length - 1) }));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
