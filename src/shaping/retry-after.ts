import type { ExchangeResponse } from '../exchange/exchange.js';

/**
 * Milliseconds for which an answer asks to be left alone (RFC 9110 §10.2.3: seconds, or a date); 0 where it says nothing, or
 * nothing that can be read.
 *
 * @param now wall time in milliseconds
 */
export function retryAfterOf(response: ExchangeResponse | undefined, now: number): number {
  const value = response?.fields.get('retry-after');
  if (value === undefined) return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
