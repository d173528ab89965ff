import { hostText } from '../config/route.js';
import type { RouteConfig } from '../config/snapshot.js';
import type { ExchangeRequest } from '../exchange/exchange.js';
import type { FoundBy } from '../exchange/found-by.js';
import { cookieOf } from '../http1/cookies.js';
import { queryOf } from '../http1/query.js';
import { isUnder } from '../http1/target.js';

/** A route of the mesh file, ready for requests to be held against it. */
export interface Route extends Omit<RouteConfig, 'headers' | 'cookies' | 'query'> {
  /** Names and values; a list, for it is gone through with each request. */
  readonly headers: Pairs;
  readonly cookies: Pairs;
  readonly query: Pairs;
  readonly service: string;
  readonly name: string;
  readonly by: FoundBy;
}

type Pairs = ReadonlyArray<readonly [string, string]>;

export function routeTo(service: string, route: RouteConfig): Route {
  return {
    ...route,
    headers: Object.entries(route.headers),
    cookies: Object.entries(route.cookies),
    query: Object.entries(route.query),
    service,
    name: nameOf(route),
    by: { kind: 'route', conditions: conditionsInWords(route) },
  };
}

/** All that it asks for; a route that takes everything asks for any path. */
function conditionsInWords({ host, path, method, headers, cookies, query }: RouteConfig): string[] {
  const pairs = (kind: string, wanted: Readonly<Record<string, string>>, sign: string) =>
    Object.entries(wanted).map(([name, value]) => `${kind} ${name}${sign}${value}`);
  const words = [
    ...(host.kind === 'any' ? [] : [`host ${hostText(host)}`]),
    ...(path === '/' ? [] : [`path ${path}`]),
    ...(method === undefined ? [] : [`method ${method}`]),
    ...pairs('header', headers, ': '),
    ...pairs('cookie', cookies, '='),
    ...pairs('query', query, '='),
  ];
  return words.length === 0 ? ['any path'] : words;
}

/** `shop.localhost/api`, `*.shop.localhost/`, `/api`: of few values, so that numbers can be kept for each. */
function nameOf({ host, path }: RouteConfig): string {
  switch (host.kind) {
    case 'any':
      return path;
    case 'wildcard':
      return `*${host.suffix}${path}`;
    case 'exact':
      return host.host + path;
  }
}

/** Negative when `left` is to be tried first; 0 keeps the order of the file. Both are of the same host. */
export function bySpecificity(left: Route, right: Route): number {
  return (
    right.path.length - left.path.length ||
    Number(right.method !== undefined) - Number(left.method !== undefined) ||
    conditionsOf(right) - conditionsOf(left)
  );
}

function conditionsOf({ headers, cookies, query }: Route): number {
  return headers.length + cookies.length + query.length;
}

export function matches(route: Route, path: string, { method, fields, target }: ExchangeRequest): boolean {
  return (
    (route.method === undefined || route.method === method) &&
    isUnder(path, route.path) &&
    route.headers.every(([name, value]) => fields.all(name).includes(value)) &&
    route.cookies.every(([name, value]) => cookieOf(fields, name) === value) &&
    route.query.every(([name, value]) => queryOf(target, name) === value)
  );
}

/** `/api` → `/v2`: `/api/x?y` becomes `/v2/x?y`. The query is not touched. */
export function rewritten(route: Route, target: string): string {
  if (route.rewrite === undefined || target === '*') return target;
  const base = route.rewrite.endsWith('/') ? route.rewrite.slice(0, -1) : route.rewrite;
  const rest = route.path === '/' ? target : target.slice(route.path.length);
  const joined = base + rest;
  return joined.startsWith('/') ? joined : `/${joined}`;
}
