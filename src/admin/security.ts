import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { MiddlewareHandler } from 'hono';
import { MeshError } from '../foundation/errors.js';

export interface Guards {
  readonly token: string | undefined;
  readonly host: string;
  port(): number;
}

/** What needs no token: that somebody is there, and what Prometheus asks for, which has no way to come by one. */
const open = new Set(['/healthz', '/metrics', '/sd']);

/** What services send of their own, by SDKs that know no token. It can only be written there. */
const openForPost = new Set(['/v1/traces', '/v1/logs', '/v1/metrics']);

/**
 * Localhost is no border: every page that a browser shows can send requests there, and a name can be made to point there
 * (DNS rebinding, CVE-2025-24010, CVE-2025-66414). So, before anything is read: Host must be an address or a name of this
 * machine, Origin must be our own, and the token must be shown.
 */
export function secure(guards: Guards): MiddlewareHandler {
  const expected = guards.token === undefined ? undefined : digest(guards.token);
  return async (context, next) => {
    const { req, res } = context;
    res.headers.set('cache-control', 'no-store');
    res.headers.set('x-content-type-options', 'nosniff');
    res.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    const host = req.header('host') ?? '';
    if (!isOwnHost(host, guards)) throw new MeshError('forbidden_host', `\`${host}\` is not a name of the admin API`);
    refuseOtherSites(host, req.header('origin'), req.header('sec-fetch-site'));
    const isOpen = open.has(req.path) || (req.method === 'POST' && openForPost.has(req.path));
    if (expected !== undefined && !isOpen && !shows(expected, req.header('authorization'))) {
      throw new MeshError('unauthorized');
    }
    await next();
  };
}

/** A name can be rebound by whoever owns it, an address cannot: any address is believed, of names only ours. */
function isOwnHost(value: string, { host, port }: Guards): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(value);
  if (match === null || Number(match[2] ?? 80) !== port()) return false;
  const name = (match[1] ?? '').toLowerCase().replace(/^\[|\]$/g, '');
  return ['localhost', host.toLowerCase(), hostname().toLowerCase()].includes(name) || isIP(name) !== 0;
}

function refuseOtherSites(host: string, origin: string | undefined, site: string | undefined): void {
  const isOurs = origin === undefined || origin.toLowerCase() === `http://${host.toLowerCase()}`;
  const isDirect = site === undefined || site === 'same-origin' || site === 'none';
  if (!isOurs || !isDirect)
    throw new MeshError('forbidden_origin', `A page of ${origin ?? 'another site'} may not call`);
}

/** Digests have one length, so the comparison tells nothing of where they differ. */
function shows(expected: Buffer, authorization: string | undefined): boolean {
  const [, shown] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  return shown !== undefined && timingSafeEqual(digest(shown), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
