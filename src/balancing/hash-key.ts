import type { HashKeyConfig } from '../config/policy-configs.js';
import type { Exchange } from '../exchange/exchange.js';
import { cookieOf } from '../http1/cookies.js';
import { queryOf } from '../http1/query.js';
import { pathOf } from '../http1/target.js';

/**
 * What of a request decides where it goes, as the client sent it: a route's rewrite changes nothing. Of a field, cookie or
 * parameter that stands there more than once, the first counts; an empty one is a key like any other.
 *
 * @returns undefined when the request does not have it
 */
export function hashKeyOf(config: HashKeyConfig, { request, client }: Exchange): string | undefined {
  switch (config.kind) {
    case 'header':
      return request.fields.get(config.name);
    case 'cookie':
      return cookieOf(request.fields, config.name);
    case 'query':
      return queryOf(request.target, config.name);
    case 'source-address':
      return client.host;
    case 'path':
      return pathOf(request.target);
  }
}
