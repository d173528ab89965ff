/**
 * The units of the mesh file ↔ numbers. Durations are milliseconds, sizes are bytes, rates are per second and
 * shares are 0–1 everywhere inside. A parser answers undefined for what is not in its grammar; its caller names the place.
 */

const durationUnits = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const sizeUnits = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1e9,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
} as const;

/** The grammar of durations, for those who describe it: amounts with a unit, largest first by habit. */
export const durationPattern = /^(?:0|(?:\d+(?:\.\d+)?(?:ms|s|m|h))+)$/;

/** `250ms`, `5s`, `1m`, `1h30m` (GEP-2257, and decimals such as `1.5s`) → milliseconds, to the microsecond. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * durationUnits[unit as keyof typeof durationUnits];
  }
  return toMicroseconds(total);
}

/** Milliseconds → the shortest form of the grammar above, exact to the microsecond: 90000 → `1m30s`. */
export function formatDuration(milliseconds: number): string {
  let rest = toMicroseconds(milliseconds);
  if (rest < 1_000) return `${rest}ms`;
  let text = '';
  for (const unit of ['h', 'm'] as const) {
    const count = Math.floor(rest / durationUnits[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * durationUnits[unit];
  }
  const seconds = toMicroseconds(rest) / 1_000;
  return seconds > 0 ? `${text}${seconds}s` : text;
}

/** `64KiB`, `10MB`, `512` → bytes. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(B|KB|MB|GB|KiB|MiB|GiB)?$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * sizeUnits[(match[2] ?? 'B') as keyof typeof sizeUnits]);
}

/** Bytes → people's units, to two decimals: 65536 → `64KiB`. */
export function formatSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB'] as const) {
    if (bytes >= sizeUnits[unit]) return `${round(bytes / sizeUnits[unit])}${unit}`;
  }
  return `${bytes}B`;
}

/** `100/s`, `600/m`, `5/h` → per second. */
export function parseRate(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) / (durationUnits[match[2] as 's' | 'm' | 'h'] / 1_000);
}

/** `5%` or `5` → 0.05. Above 100 % is not a share. */
export function parseShare(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(text);
  const percent = match === null ? Number.NaN : Number(match[1]);
  return percent <= 100 ? percent / 100 : undefined;
}

/** 1.005 s are 1005 ms, not 1004.9999999999999. */
function toMicroseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
