import type { ServiceFile } from './schema/mesh-file.js';
import type { HostPattern, RouteConfig } from './snapshot.js';

type RouteFile = NonNullable<ServiceFile['routes']>[number];

/** A route in one form: hosts and header names in lower case, methods in upper case, no slash at the end of a path. */
export function resolveRoute(route: RouteFile): RouteConfig {
  const path = route.path ?? '/';
  return {
    host: hostPattern(route.host),
    path: path.replace(/\/+$/, '') || '/',
    method: route.method?.toUpperCase(),
    headers: Object.fromEntries(
      Object.entries(route.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    cookies: route.cookies ?? {},
    query: route.query ?? {},
    rewrite: route.rewrite,
    version: route.to?.version,
  };
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
