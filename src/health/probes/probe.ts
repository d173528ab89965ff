import type { Address } from '../../foundation/address.js';
import type { ProbeResult } from '../verdict.js';

/** Asks an instance once. Never rejects; when the signal aborts, it lets go of its socket and answers whatever it knows. */
export type Probe = (address: Address, signal: AbortSignal) => Promise<ProbeResult>;

/** What went wrong with a connection, in the words of `mesh ls`. */
export function failureInWords(error: Error & { readonly code?: string }): string {
  const { code = '' } = error;
  if (code.startsWith('HPE_')) return 'answered with something other than HTTP';
  return words[code] ?? (error.message || code);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'closed the connection before it answered',
  EPIPE: 'closed the connection before it answered',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name not found',
};
