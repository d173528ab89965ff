import { createHash } from 'node:crypto';
import type { RateLimitKey } from '../../config/shaping-configs.js';
import type { Exchange } from '../../exchange/exchange.js';
import { cookieOf } from '../../http1/cookies.js';

/** Characters: a value that is longer (a token, as a rule) is counted by its digest, for what a client sends must not fill the memory. */
const longestValue = 64;

/**
 * Whose request it is, among those that share a limit. A request without the field or the cookie is counted with all the
 * others without it: to leave it out would be to be without limit. One in which it is empty says no more.
 */
export function keyOf(by: RateLimitKey): (exchange: Exchange) => string {
  switch (by.kind) {
    case 'service':
      return () => '';
    case 'client':
      return ({ client }) => client.host;
    case 'caller':
      return ({ caller }) => caller ?? 'anonymous';
    case 'header':
      return ({ request }) => bounded(request.fields.get(by.name) ?? '');
    case 'cookie':
      return ({ request }) => bounded(cookieOf(request.fields, by.name) ?? '');
  }
}

function bounded(value: string): string {
  return value.length <= longestValue ? value : createHash('sha256').update(value).digest('base64');
}
