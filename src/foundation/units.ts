/**
 * The units of the mesh file ↔ numbers. Durations are milliseconds, sizes bytes everywhere inside. A parser answers undefined for what
 * is not in its grammar; its caller names the place.
 */

const lengths = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const lengthOf: ReadonlyMap<string, number> = new Map(Object.entries(lengths));
/** The grammar of durations, for those who describe it: amounts with a unit, largest first by habit. */
export const durationPattern = /^(?:0|(?:\d+(?:\.\d+)?(?:ms|s|m|h))+)$/;

/** `250ms`, `5s`, `1m`, `1h30m` (GEP-2257, and decimals such as `1.5s`) → milliseconds, to the microsecond. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (lengthOf.get(unit) ?? 0);
  }
  return toMicroseconds(total);
}

/** Milliseconds → the shortest form of the grammar above, exact to the microsecond: 90000 → `1m30s`. */
export function formatDuration(milliseconds: number): string {
  let rest = toMicroseconds(milliseconds);
  if (rest < 1_000) return `${rest}ms`;
  let text = '';
  for (const unit of ['h', 'm'] as const) {
    const count = Math.floor(rest / lengths[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * lengths[unit];
  }
  const seconds = toMicroseconds(rest) / 1_000;
  return seconds > 0 ? `${text}${seconds}s` : text;
}

const sizes = { B: 1, KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const;
const sizeOf: ReadonlyMap<string, number> = new Map(Object.entries(sizes));
/** The grammar of sizes: binary units, as nobody measures a body in thousands of bytes and means it. */
export const sizePattern = /^(?:0|\d{1,9}(?:B|KiB|MiB|GiB))$/;

/** `64KiB`, `10MiB` → bytes. `0` needs no unit. */
export function parseSize(text: string): number | undefined {
  if (!sizePattern.test(text)) return undefined;
  const [, amount, unit = 'B'] = /^(\d+)(\D*)$/.exec(text) ?? [];
  return Number(amount) * (sizeOf.get(unit) ?? 1);
}

/** Bytes → the grammar above, in the largest unit that keeps them whole: 65536 → `64KiB`. */
export function formatSize(bytes: number): string {
  const units = ['GiB', 'MiB', 'KiB'] as const;
  const unit = units.find((each) => bytes > 0 && bytes % sizes[each] === 0) ?? 'B';
  return `${bytes / sizes[unit]}${unit}`;
}

/** Seconds. */
const periods = { s: 1, m: 60, h: 3_600 } as const;
const periodOf: ReadonlyMap<string, number> = new Map(Object.entries(periods));
/** The grammar of rates. Three decimals, so that a rate is written as it was read. */
export const ratePattern = /^\d{1,9}(?:\.\d{1,3})?\/[smh]$/;

/** `100/s`, `30/m`, `0.5/h` → so many per second. */
export function parseRate(text: string): number | undefined {
  if (!ratePattern.test(text)) return undefined;
  const [amount, period = ''] = text.split('/');
  return Number(amount) / (periodOf.get(period) ?? 1);
}

/** So many per second → the grammar above, of the shortest period that keeps it as it is: 1.25 → `1.25/s`, 1 / 60 → `1/m`. */
export function formatRate(perSecond: number): string {
  const texts = Object.entries(periods).map(([period, seconds]) => `${toThousandths(perSecond * seconds)}/${period}`);
  return texts.find((text) => parseRate(text) === perSecond) ?? `${toThousandths(perSecond)}/s`;
}

/** The grammar of bytes per second: a size for each second. */
export const byteRatePattern = /^\d{1,9}(?:B|KiB|MiB|GiB)\/s$/;

/** `64KiB/s` → bytes per second. */
export function parseByteRate(text: string): number | undefined {
  return byteRatePattern.test(text) ? parseSize(text.slice(0, -'/s'.length)) : undefined;
}

/** Bytes per second → the grammar above: 65536 → `64KiB/s`. */
export function formatByteRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** The grammar of percentages, from 0 to 100. The sign may be left out. */
export const percentagePattern = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%?$/;

/** A share is a whole number of so many parts, which are millionths of a percent: so it is written as it was read. */
export const partsOfWhole = 100_000_000;

/** `5%`, `12.5%`, `5` → a share of the whole, 0.05. */
export function parsePercentage(text: string): number | undefined {
  if (!percentagePattern.test(text)) return undefined;
  return Math.round((Number.parseFloat(text) / 100) * partsOfWhole) / partsOfWhole;
}

/** A share of the whole → the grammar above: 0.125 → `12.5%`. */
export function formatPercentage(share: number): string {
  return `${Math.round(share * partsOfWhole) / (partsOfWhole / 100)}%`;
}

/** 1.005 s are 1005 ms, not 1004.9999999999999. */
function toMicroseconds(milliseconds: number): number {
  return toThousandths(milliseconds);
}

function toThousandths(amount: number): number {
  return Math.round(amount * 1_000) / 1_000;
}
