/**
 * The units of the mesh file ↔ numbers. Durations are milliseconds everywhere inside. A parser answers undefined for what
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

/** 1.005 s are 1005 ms, not 1004.9999999999999. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}
