import { hostText } from '../config/route.js';
import type { Priority } from '../config/shaping-configs.js';
import type { RouteConfig, Snapshot } from '../config/snapshot.js';
import type { Exchange, ExchangeRequest } from '../exchange/exchange.js';
import type { FoundBy } from '../exchange/found-by.js';
import type { Layer } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';
import { remembering } from '../foundation/remembering.js';
import { cookieOf } from '../http1/cookies.js';
import { queryOf } from '../http1/query.js';
import { isUnder, pathOf } from '../http1/target.js';
import type { Registry } from '../registry/registry.js';

/**
 * Decides which service a request is for, by one rule:
 *
 * 1. A service's own port and a caller's door belong to their service; nothing in the request changes that.
 * 2. On the front door, the header `x-mesh-service` names the service. It is not passed on. An unknown name is a 404.
 * 3. Else the most specific route wins: an exact host before a wildcard (the longer suffix first) before any host; then the
 *    longer path; then the one that asks for a method; then the one that asks for more headers, cookies and parameters; then
 *    the order of the file.
 * 4. Each service has, behind all that the file says of that host, the route `<service>.<domain>` with path `/`. The hosts
 *    `<service>.localhost` and `<service>` alone (`http://orders/` through HTTP_PROXY) mean the same.
 * 5. Where nothing of this names a version or a priority, the service's routes for any host that do name it: a canary is one
 *    whichever way its request came.
 *
 * Hosts are compared without port, case and a dot at their end. Paths match whole segments: `/api` matches `/api` and
 * `/api/x`, not `/apix`. Services that are registered at run time are found by name as those of the file are; a worker
 * (`expose: false`) is not. What nothing matches is a 404, never a request to the outside.
 */
export function match(routes: Routes): Layer {
  return (exchange, next) => {
    const found = routes.find(exchange);
    exchange.service = found.service;
    exchange.upstreamTarget = found.target;
    exchange.version = found.version;
    exchange.priority = found.priority;
    exchange.route = found.route;
    exchange.foundBy = found.by;
    if (found.version !== undefined) exchange.versionBy = 'route';
    return next(exchange);
  };
}

export interface Found {
  readonly service: string;
  /** Path and query as the service gets to see them. */
  readonly target: string;
  /** Where the route names one. */
  readonly version: string | undefined;
  readonly priority: Priority | undefined;
  /** As the mesh file has it; undefined where the service was found by its name. */
  readonly route: string | undefined;
  readonly by: FoundBy;
}

interface Route extends Omit<RouteConfig, 'headers' | 'cookies' | 'query'> {
  /** Names and values; a list, for it is gone through with each request. */
  readonly headers: Pairs;
  readonly cookies: Pairs;
  readonly query: Pairs;
  readonly service: string;
  readonly name: string;
  readonly by: FoundBy;
}

type Pairs = ReadonlyArray<readonly [string, string]>;

/** The routes of one snapshot, and the services that are registered beside it. */
export class Routes {
  readonly #snapshot: Snapshot;
  readonly #registry: Registry;
  readonly #urlOf: (service: string) => string | undefined;
  /** The name of a service, where a host is one: without the domain. */
  readonly #nameIn: (host: string) => string;
  readonly #exact = new Map<string, Route[]>();
  readonly #wildcard: Array<{ suffix: string; route: Route }> = [];
  readonly #any: Route[] = [];
  /** Of each service, the routes for any host that name a version or a priority. */
  readonly #naming = new Map<string, Route[]>();

  /** @param urlOf where people reach a service; for the answer to those who missed it */
  constructor(snapshot: Snapshot, registry: Registry, urlOf: (service: string) => string | undefined) {
    this.#snapshot = snapshot;
    this.#registry = registry;
    this.#urlOf = urlOf;
    const domains = [`.${snapshot.gateway.domain}`, '.localhost'];
    this.#nameIn = remembering(256, (host) => {
      const domain = domains.find((suffix) => host.endsWith(suffix)) ?? '';
      return host.slice(0, host.length - domain.length);
    });
    for (const service of snapshot.services.values()) {
      if (!service.expose) continue;
      for (const route of service.routes) this.#add(routeTo(service.name, route));
    }
    for (const routes of this.#exact.values()) routes.sort(bySpecificity);
    this.#wildcard.sort(
      (left, right) => right.suffix.length - left.suffix.length || bySpecificity(left.route, right.route),
    );
    this.#any.sort(bySpecificity);
    for (const route of this.#any) {
      if (route.version !== undefined || route.priority !== undefined)
        this.#naming.set(route.service, [...(this.#naming.get(route.service) ?? []), route]);
    }
  }

  /** @throws no_route */
  find({ arrival, request }: Exchange): Found {
    if (arrival.kind !== 'front') {
      if (this.isCallable(arrival.service)) return this.#named(arrival.service, request, doors[arrival.kind]);
      throw this.#unknown(arrival.service);
    }
    const asked = request.fields.get('x-mesh-service');
    if (asked !== undefined) {
      if (this.isCallable(asked)) return this.#named(asked, request, byHeader);
      throw this.#unknown(asked);
    }
    return this.#byHost(request);
  }

  /** Is there a service of that name, in the file or registered, that is no worker? */
  isCallable(service: string): boolean {
    const { services } = this.#snapshot;
    return services.get(service)?.expose ?? this.#registry.service(service) !== undefined;
  }

  #add(route: Route): void {
    switch (route.host.kind) {
      case 'any':
        this.#any.push(route);
        break;
      case 'wildcard':
        this.#wildcard.push({ suffix: route.host.suffix, route });
        break;
      case 'exact': {
        const routes = this.#exact.get(route.host.host) ?? [];
        this.#exact.set(route.host.host, [...routes, route]);
      }
    }
  }

  #byHost(request: ExchangeRequest): Found {
    const host = hostOf(request.authority);
    const path = pathOf(request.target);
    const exact = this.#exact.get(host)?.find((route) => matches(route, path, request));
    if (exact !== undefined) return this.#found(exact, request);
    const service = this.#serviceNamedBy(host);
    if (service !== undefined) return this.#named(service, request, byName);
    const route =
      this.#wildcard.find(
        ({ suffix, route }) => host.endsWith(suffix) && host.length > suffix.length && matches(route, path, request),
      )?.route ?? this.#any.find((route) => matches(route, path, request));
    if (route !== undefined) return this.#found(route, request);
    throw this.#noRoute(request);
  }

  /** Found by its name: of its routes, only what they name counts. */
  #named(service: string, request: ExchangeRequest, by: FoundBy): Found {
    return {
      service,
      target: request.target,
      version: this.#nameOf('version', service, request),
      priority: this.#nameOf('priority', service, request),
      route: undefined,
      by,
    };
  }

  #found(route: Route, request: ExchangeRequest): Found {
    const { service, version, priority } = route;
    return {
      service,
      target: rewritten(route, request.target),
      version: version ?? this.#nameOf('version', service, request),
      priority: priority ?? this.#nameOf('priority', service, request),
      route: route.name,
      by: route.by,
    };
  }

  /** By the first of the service's routes for any host that matches and names one. */
  #nameOf<Key extends 'version' | 'priority'>(
    key: Key,
    service: string,
    request: ExchangeRequest,
  ): Route[Key] | undefined {
    const path = pathOf(request.target);
    return this.#naming.get(service)?.find((each) => each[key] !== undefined && matches(each, path, request))?.[key];
  }

  #serviceNamedBy(host: string): string | undefined {
    const name = this.#nameIn(host);
    return this.isCallable(name) ? name : undefined;
  }

  #noRoute(request: ExchangeRequest): MeshError {
    const where = `http://${request.authority}${request.target === '*' ? '' : request.target}`;
    return new MeshError('no_route', `No route matches ${request.method} ${where}`, { hint: this.#services() });
  }

  #unknown(service: string): MeshError {
    return new MeshError('no_route', `There is no service \`${service}\``, {
      hint: this.#services(),
    });
  }

  #services(): string {
    const names = new Set([...this.#snapshot.services.keys(), ...this.#registry.services.map(({ name }) => name)]);
    const callable = [...names].filter((name) => this.isCallable(name));
    if (callable.length === 0)
      return 'There is no service yet: name one in the mesh file, or `mesh register NAME HOST:PORT`.';
    const listed = callable.map((name) => `${name} ${this.#urlOf(name) ?? ''}`);
    return `Services: ${listed.join(', ')}`;
  }
}

const doors: Readonly<Record<'service' | 'caller', FoundBy>> = { service: { kind: 'port' }, caller: { kind: 'door' } };
const byHeader: FoundBy = { kind: 'header' };
const byName: FoundBy = { kind: 'name' };

function routeTo(service: string, route: RouteConfig): Route {
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
function bySpecificity(left: Route, right: Route): number {
  return (
    right.path.length - left.path.length ||
    Number(right.method !== undefined) - Number(left.method !== undefined) ||
    conditionsOf(right) - conditionsOf(left)
  );
}

function conditionsOf({ headers, cookies, query }: Route): number {
  return headers.length + cookies.length + query.length;
}

function matches(route: Route, path: string, { method, fields, target }: ExchangeRequest): boolean {
  return (
    (route.method === undefined || route.method === method) &&
    isUnder(path, route.path) &&
    route.headers.every(([name, value]) => fields.all(name).includes(value)) &&
    route.cookies.every(([name, value]) => cookieOf(fields, name) === value) &&
    route.query.every(([name, value]) => queryOf(target, name) === value)
  );
}

/** `/api` → `/v2`: `/api/x?y` becomes `/v2/x?y`. The query is not touched. */
function rewritten(route: Route, target: string): string {
  if (route.rewrite === undefined || target === '*') return target;
  const base = route.rewrite.endsWith('/') ? route.rewrite.slice(0, -1) : route.rewrite;
  const rest = route.path === '/' ? target : target.slice(route.path.length);
  const joined = base + rest;
  return joined.startsWith('/') ? joined : `/${joined}`;
}

/** Lower case, without port and without the dot at the end of a fully qualified name. */
const hostOf = remembering(256, (authority) => authority.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase());
