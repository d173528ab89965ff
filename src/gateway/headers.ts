import { isIPv6 } from 'node:net';
import type { Exchange } from '../exchange/exchange.js';
import { MeshError } from '../foundation/errors.js';
import { Fields } from '../http1/fields.js';

/**
 * What the gateway does to the fields of every message, whoever carries it. Order, case and duplicates of all others stay.
 * The carrier adds the fields that speak about its own connection (Connection, Transfer-Encoding, Upgrade).
 */

/** How this mesh names itself in `Via`: a token (RFC 9110 §7.6.3), whatever the mesh is called. */
export function pseudonymOf(meshName: string): string {
  return `mesh-${meshName.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, '-')}`;
}

/** A service that copies the fields of its request onto its own calls is no loop; so many times through here is one. */
const loopAfter = 10;

/** The request's fields as the service gets them. @throws loop_detected */
export function requestFields(exchange: Exchange, pseudonym: string): Fields {
  const { request, client } = exchange;
  const via = request.fields.list('via');
  refuseLoop(via, pseudonym);
  const fields = endToEnd(request.fields);
  fields.delete('x-mesh-service');
  const host = fields.get('host') || undefined;
  const peer = isIPv6(client.host) ? `"[${client.host}]"` : client.host;
  extend(fields, 'X-Forwarded-For', client.host);
  // A proxy in front of the mesh (TLS, a public tunnel) knows better than we do what the client asked for.
  if (!fields.has('x-forwarded-proto')) fields.append('X-Forwarded-Proto', 'http');
  if (host !== undefined && !fields.has('x-forwarded-host')) fields.append('X-Forwarded-Host', host);
  extend(fields, 'Forwarded', `for=${peer}${host === undefined ? '' : `;host="${host}"`};proto=http`);
  extend(fields, 'Via', `${request.httpVersion} ${pseudonym}`);
  return fields;
}

/** The response's fields as the client gets them. */
export function responseFields(received: Fields, httpVersion: string, pseudonym: string): Fields {
  const fields = endToEnd(received);
  extend(fields, 'Via', `${httpVersion} ${pseudonym}`);
  return fields;
}

/** What may follow a chunked body. Fields on which framing, routing or access rest are never taken from there (RFC 9110 §6.5.1). */
export function trailerFields(received: readonly string[]): Array<[name: string, value: string]> {
  const fields = endToEnd(new Fields(received));
  fields.retain((name) => !isProtected(name) && !neverTrailer.has(name));
  return [...fields].map(([name, value]) => [name, value]);
}

const neverTrailer = new Set([
  'authorization',
  'cookie',
  'set-cookie',
  'trailer',
  'content-type',
  'content-encoding',
  'content-range',
]);

/**
 * RFC 9110 §7.6.1, and what `Connection` nominates, on any of its lines. Nominating what others rely on has no effect:
 * a client could make the gateway drop the fields by which a service knows where a request came from (CVE-2024-45410).
 */
export function endToEnd(received: Fields): Fields {
  const nominated = new Set(received.list('connection').map((name) => name.toLowerCase()));
  const fields = new Fields(received.toFlat());
  fields.retain(
    (name) => !hopByHop.has(name) && !name.startsWith('proxy-') && (!nominated.has(name) || isProtected(name)),
  );
  return fields;
}

const hopByHop = new Set(['connection', 'keep-alive', 'te', 'transfer-encoding', 'upgrade', 'http2-settings']);

function isProtected(name: string): boolean {
  return (
    name === 'host' ||
    name === 'content-length' ||
    name === 'via' ||
    name === 'forwarded' ||
    name.startsWith('x-forwarded-')
  );
}

/** Adds a member to a list field, on one line: many programs read only the first. */
function extend(fields: Fields, name: string, member: string): void {
  fields.set(name, [...fields.list(name), member].join(', '));
}

function refuseLoop(via: readonly string[], pseudonym: string): void {
  const ours = via.filter((member) => member.split(/\s+/)[1]?.toLowerCase() === pseudonym.toLowerCase());
  if (ours.length < loopAfter) return;
  throw new MeshError('loop_detected', `The request came through \`${pseudonym}\` ${ours.length} times`);
}
