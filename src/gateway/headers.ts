import type { Exchange, TraceOfExchange } from '../exchange/exchange.js';
import { MeshError } from '../foundation/errors.js';
import { fieldName } from '../http1/field-name.js';
import type { Fields } from '../http1/fields.js';
import { connectionOptions } from '../http1/persistence.js';
import type { HttpVersion } from '../http1/request-head.js';
import { formatTraceParent } from '../telemetry/traces/trace-context.js';

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
  refuseLoop(request.fields, pseudonym);
  const fields = request.fields.copy(); // another attempt begins with the same
  keepEndToEnd(fields);
  fields.delete('x-mesh-service');
  if (request.version === '1.0') fields.delete('expect'); // RFC 9110 §10.1.1: that client does not wait
  const host = fields.get('host') || undefined;
  const peer = client.host.includes(':') ? `"[${client.host}]"` : client.host; // RFC 7239 §6
  extend(fields, 'X-Forwarded-For', client.host);
  // A proxy in front of the mesh (TLS, a public tunnel) knows better than we do what the client asked for.
  if (!fields.has('x-forwarded-proto')) fields.append('X-Forwarded-Proto', 'http');
  if (host !== undefined && !fields.has('x-forwarded-host')) fields.append('X-Forwarded-Host', host);
  extend(fields, 'Forwarded', `for=${peer}${host === undefined ? '' : `;host="${host}"`};proto=http`);
  extend(fields, 'Via', `${request.version} ${pseudonym}`);
  if (exchange.trace !== undefined) identifyAttempt(fields, exchange, exchange.trace);
  return fields;
}

/** By what the service, its logs and its own spans know the attempt. */
function identifyAttempt(fields: Fields, exchange: Exchange, trace: TraceOfExchange): void {
  const { traceId, flags } = trace;
  const spanId = trace.nextSpanId();
  exchange.attemptSpanId = spanId;
  fields.set('X-Request-Id', exchange.id);
  fields.set('traceparent', formatTraceParent({ traceId, spanId, flags }));
}

/** Makes a response's fields what the client gets. */
export function passResponseFields(fields: Fields, version: HttpVersion, pseudonym: string): void {
  keepEndToEnd(fields);
  extend(fields, 'Via', `${version} ${pseudonym}`);
}

/** What may follow a chunked body. Fields on which framing, routing or access rest are never taken from there (RFC 9110 §6.5.1). */
export function trailerFields(received: Fields): Fields {
  if (received.size === 0) return received;
  const fields = received.copy();
  keepEndToEnd(fields);
  fields.retain(({ key }) => !isProtected(key) && !neverTrailer.has(key));
  return fields;
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
 * Takes out what RFC 9110 §7.6.1 keeps to one connection, and what `Connection` nominates, on any of its lines.
 * Nominating what others rely on has no effect: a client could make the gateway drop the fields by which a service knows
 * where a request came from (CVE-2024-45410).
 */
export function keepEndToEnd(fields: Fields): void {
  const nominated = connectionOptions(fields);
  fields.retain(({ key, isHopByHop }) => !isHopByHop && (!nominated.has(key) || isProtected(key)));
}

function isProtected(key: string): boolean {
  return (
    key === 'host' || key === 'content-length' || key === 'via' || key === 'forwarded' || key.startsWith('x-forwarded-')
  );
}

/** Adds a member to a list field, on one line: many programs read only the first. */
function extend(fields: Fields, name: string, member: string): void {
  const { key } = fieldName(name);
  if (!fields.has(key)) return void fields.append(name, member);
  const before = fields.all(key).filter((value) => value !== '');
  fields.set(name, [...before, member].join(', '));
}

function refuseLoop(fields: Fields, pseudonym: string): void {
  const via = fields.list('via');
  const ours = via.filter((member) => member.split(/\s+/)[1]?.toLowerCase() === pseudonym.toLowerCase());
  if (ours.length < loopAfter) return;
  throw new MeshError('loop_detected', `The request came through \`${pseudonym}\` ${ours.length} times`);
}
