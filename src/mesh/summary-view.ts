import type { MetricsView } from '../admin/wire.js';
import type { Summary } from '../telemetry/measure.js';

/** How requests fared, as the admin API says it. */
export function viewSummary(summary: Summary): Omit<MetricsView, 'inFlight'> {
  const { requestsPerSecond, errorRate, p50, p95, p99 } = summary;
  return {
    requestsPerSecond: round(requestsPerSecond),
    errorRate: Math.round(errorRate * 1e6) / 1e6,
    p50: p50 === undefined ? null : round(p50),
    p95: p95 === undefined ? null : round(p95),
    p99: p99 === undefined ? null : round(p99),
  };
}

/** Two decimals: the histogram knows no more. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
