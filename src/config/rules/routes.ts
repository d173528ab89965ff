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
      if (matchers.every((key) => written[key] === undefined)) {
        findings.push({
          code: 'contradiction',
          message: 'a route needs a `host`, a `path`, a `method`, `headers`, `cookies` or a `query`',
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

const matchers = ['host', 'path', 'method', 'headers', 'cookies', 'query'] as const;

/** What a route matches, in one form: the order of its headers, cookies and parameters does not matter. */
function matchKey({ host, path, method, headers, cookies, query }: RouteConfig): string {
  return JSON.stringify([host, path, method ?? null, ...[headers, cookies, query].map(sorted)]);
}

function sorted(values: Readonly<Record<string, string>>): Array<[string, string]> {
  return Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1));
}

/** The service whose own name on the front door is all that the route matches. */
function ownerOfHost(route: RouteConfig, hosts: ReadonlyMap<string, string>): string | undefined {
  const { host } = route;
  if (host.kind !== 'exact') return undefined;
  const wholeHost = resolveRoute({ host: host.host });
  return matchKey(route) === matchKey(wholeHost) ? hosts.get(host.host) : undefined;
}

/**
 * Names of header fields that are the same but for upper and lower case.
 * @param path of what has the `headers`.
 */
export function repeatedHeaders(names: readonly string[], path: Path): Finding[] {
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
