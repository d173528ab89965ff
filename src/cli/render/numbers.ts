/** Numbers for people: few digits, with their unit; `–` where there was nothing to measure. */
const nothing = '–';

/** `0.42 ms`, `12.5 ms`, `1.25 s`. */
export function latency(milliseconds: number | null): string {
  if (milliseconds === null) return nothing;
  return milliseconds >= 1_000 ? `${digits(milliseconds / 1_000)} s` : `${digits(milliseconds)} ms`;
}

/** Per second: `0`, `0.4`, `123`. */
export function rate(perSecond: number): string {
  return digits(perSecond);
}

/** The share of requests that went well. Rounded down: 100% is said only where nothing failed. */
export function success(errorRate: number, requestsPerSecond: number): string {
  if (requestsPerSecond === 0) return nothing;
  return `${Math.floor((1 - errorRate) * 1_000 + 1e-6) / 10}%`;
}

/** What is left of an error budget: rounded down, for 100% is said only where nothing was spent. */
export function budget(remaining: number): string {
  return `${Math.floor(remaining * 1_000 + 1e-6) / 10}%`;
}

function digits(value: number): string {
  const scale = value >= 100 ? 1 : value >= 10 ? 10 : 100;
  return String(Math.round(value * scale) / scale);
}
