import type { ServiceFile } from './schema/mesh-file.js';
import type { HostPattern, RouteConfig } from './snapshot.js';

type RouteFile = NonNullable<ServiceFile['routes']>[number];

/** A route in one form: hosts and header names in lower case, methods in upper case, no slash at the end of a path. */
export function resolveRoute(route: RouteFile): RouteConfig {
  const path = route.path ?? '/';
  return {
    host: hostPattern(route.host),
    path: resolvePrefix(path),
    method: route.method?.toUpperCase(),
    headers: resolveHeaders(route.headers),
    cookies: route.cookies ?? {},
    query: route.query ?? {},
    rewrite: route.rewrite,
    version: route.to?.version,
    priority: route.priority,
  };
}

/** Without a slash at its end, but for `/` itself. */
export function resolvePrefix(path: string): string {
  return path.replace(/\/+$/, '') || '/';
}

/** Fields that a request must have: names in lower case. */
export function resolveHeaders(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function hostPattern(host: string | undefined): HostPattern {
  if (host === undefined || host === '*') return { kind: 'any' };
  const lower = host.toLowerCase();
  return lower.startsWith('*.') ? { kind: 'wildcard', suffix: lower.slice(1) } : { kind: 'exact', host: lower };
}

/** As the mesh file writes it: `shop.localhost`, `*.shop.localhost`, `*`. */
export function hostText(host: HostPattern): string {
  if (host.kind === 'any') return '*';
  return host.kind === 'exact' ? host.host : `*${host.suffix}`;
}
