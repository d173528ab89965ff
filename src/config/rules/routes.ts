import type { Finding, Path } from '../finding.js';
import { formatPath } from '../finding.js';
import { resolveRoute } from '../route.js';
import { gatewayDefaults } from '../schema/gateway.js';
import type { MeshFile } from '../schema/mesh-file.js';
import type { RouteConfig } from '../snapshot.js';

/** Two routes that match the same requests: which one wins would be chance. */
export function checkRoutes(file: MeshFile, isBroken: (path: Path) => boolean): Finding[] {
  const findings: Finding[] = [];
  const domain = (file.gateway?.domain ?? gatewayDefaults.domain).toLowerCase();
  const hosts = new Map(
    Object.keys(file.services ?? {}).flatMap((name) =>
      [name, `${name}.localhost`, `${name}.${domain}`].map((host) => [host, name] as const),
    ),
  );
  const known = new Map<string, Path>();
  for (const [name, service] of Object.entries(file.services ?? {})) {
    for (const [index, written] of (service.routes ?? []).entries()) {
      const path = ['services', name, 'routes', index];
      if (isBroken(path)) continue;
      if (Object.keys(written).length === 0 || (Object.keys(written).length === 1 && written.rewrite !== undefined)) {
        findings.push({
          code: 'contradiction',
          message: 'a route needs a `host`, a `path`, a `method` or `headers`',
          hint: 'to match every request write `path: /`',
          path,
        });
        continue;
      }
      const route = resolveRoute(written);
      const first = known.get(matchKey(route));
      if (first !== undefined) {
        findings.push(duplicate(`this route matches the same as \`${formatPath(first)}\``, path));
        continue;
      }
      known.set(matchKey(route), path);
      const owner = ownerOfHost(route, hosts);
      if (owner !== undefined && owner !== name && file.services?.[owner]?.expose !== false) {
        findings.push(duplicate(`this route matches the same as the name of the service \`${owner}\``, path));
      }
      findings.push(...repeatedHeaders(Object.keys(written.headers ?? {}), path));
    }
  }
  return findings;
}

/** What a route matches, in one form: the order of its headers does not matter. */
function matchKey({ host, path, method, headers }: RouteConfig): string {
  const sorted = Object.entries(headers).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([host, path, method ?? null, sorted]);
}

/** The service whose own name on the front door is all that the route matches. */
function ownerOfHost(route: RouteConfig, hosts: ReadonlyMap<string, string>): string | undefined {
  const wholeHost = route.path === '/' && route.method === undefined && Object.keys(route.headers).length === 0;
  return wholeHost && route.host.kind === 'exact' ? hosts.get(route.host.host) : undefined;
}

function repeatedHeaders(names: readonly string[], path: Path): Finding[] {
  const seen = new Set<string>();
  return names.flatMap((name): Finding[] => {
    const lower = name.toLowerCase();
    if (!seen.has(lower)) {
      seen.add(lower);
      return [];
    }
    const message = `duplicate header \`${name}\`: upper and lower case are the same`;
    return [{ code: 'duplicate_key', message, path: [...path, 'headers', name], at: 'key' }];
  });
}

function duplicate(message: string, path: Path): Finding {
  return { code: 'duplicate_route', message, hint: 'remove one, or let them differ', path };
}
