import type { Priority } from '../config/shaping-configs.js';
import type { Snapshot } from '../config/snapshot.js';
import type { Exchange, ExchangeRequest } from '../exchange/exchange.js';
import type { FoundBy } from '../exchange/found-by.js';
import type { Layer } from '../exchange/layer.js';
import { MeshError } from '../foundation/errors.js';
import { remembering } from '../foundation/remembering.js';
import { pathOf } from '../http1/target.js';
import type { Registry } from '../registry/registry.js';
import type { Route } from './route.js';
import { bySpecificity, matches, rewritten, routeTo } from './route.js';

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

/** Of an authority, as far as it does not depend on what else is asked. */
interface Meaning {
  readonly host: string;
  /** Of the service, where the host names one: the host without the domain. */
  readonly name: string;
  /** The routes of just that host, the most specific first. */
  readonly exact: readonly Route[];
}

/** The routes of one snapshot, and the services that are registered beside it. */
export class Routes {
  readonly #snapshot: Snapshot;
  readonly #registry: Registry;
  readonly #urlOf: (service: string) => string | undefined;
  /** What an authority means here. */
  readonly #meaningOf: (authority: string) => Meaning;
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
    this.#meaningOf = remembering(256, (authority) => {
      const host = hostOf(authority);
      const domain = domains.find((suffix) => host.endsWith(suffix)) ?? '';
      return { host, name: host.slice(0, host.length - domain.length), exact: this.#exact.get(host) ?? [] };
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
    const { host, name, exact } = this.#meaningOf(request.authority);
    const path = pathOf(request.target);
    const ofHost = exact.find((route) => matches(route, path, request));
    if (ofHost !== undefined) return this.#found(ofHost, request);
    if (this.isCallable(name)) return this.#named(name, request, byName);
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

/** Lower case, without port and without the dot at the end of a fully qualified name. */
function hostOf(authority: string): string {
  return authority.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
}
