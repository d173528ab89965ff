import type { Exchange, TraceOfExchange } from '../exchange/exchange.js';
import { MeshError } from '../foundation/errors.js';
import { remembering } from '../foundation/remembering.js';
import type { Field } from '../http1/field.js';
import { field } from '../http1/field.js';
import type { FieldName } from '../http1/field-name.js';
import type { Fields } from '../http1/fields.js';
import { connectionOptions } from '../http1/persistence.js';
import type { HttpVersion } from '../http1/request-head.js';
import { formatTraceParent } from '../telemetry/traces/trace-context.js';

/**
 * What the gateway does to the fields of every message, whoever carries it. Order, case and duplicates of all others stay.
 * The carrier adds the fields that speak about its own connection (Connection, Transfer-Encoding, Upgrade).
 */

/** How this mesh names itself in `Via` (RFC 9110 §7.6.3). */
export interface Pseudonym {
  /** A token, whatever the mesh is called. */
  readonly text: string;
  /** The field, for messages that came in either version. */
  readonly via: Readonly<Record<HttpVersion, Field>>;
}

export function pseudonymOf(meshName: string): Pseudonym {
  const text = `mesh-${meshName.replace(/[^A-Za-z0-9!#$%&'*+.^_`|~-]/g, '-')}`;
  return { text, via: { '1.0': field('Via', `1.0 ${text}`), '1.1': field('Via', `1.1 ${text}`) } };
}

/** A service that copies the fields of its request onto its own calls is no loop; so many times through here is one. */
const loopAfter = 10;

/** The request's fields as the service gets them. @throws loop_detected */
export function requestFields(exchange: Exchange, pseudonym: Pseudonym): Fields {
  const { request, client } = exchange;
  refuseLoop(request.fields, pseudonym);
  const fields = endToEnd(request.fields); // a list of its own: another attempt begins with the same
  fields.delete('x-mesh-service');
  if (request.version === '1.0') fields.delete('expect'); // RFC 9110 §10.1.1: that client does not wait
  const host = fields.get('host') || undefined;
  const forwarded = forwardedFor(client.host)(host ?? '');
  extend(fields, forwarded.client);
  // A proxy in front of the mesh (TLS, a public tunnel) knows better than we do what the client asked for.
  if (!fields.has('x-forwarded-proto')) fields.add(forwardedProto);
  if (host !== undefined && !fields.has('x-forwarded-host')) fields.add(forwarded.host);
  extend(fields, forwarded.all);
  extend(fields, pseudonym.via[request.version]);
  if (exchange.trace !== undefined) identifyAttempt(fields, exchange, exchange.trace);
  return fields;
}

const forwardedProto = field('X-Forwarded-Proto', 'http');

/** What is said of a client that asks for a host, which may be empty. */
const forwardedFor = remembering(32, (client) => {
  const peer = client.includes(':') ? `"[${client}]"` : client; // RFC 7239 §6
  return remembering(32, (host) => ({
    client: field('X-Forwarded-For', client),
    host: field('X-Forwarded-Host', host),
    all: field('Forwarded', `for=${peer}${host === '' ? '' : `;host="${host}"`};proto=http`),
  }));
});

/** By what the service, its logs and its own spans know the attempt. */
function identifyAttempt(fields: Fields, exchange: Exchange, trace: TraceOfExchange): void {
  const { traceId, flags } = trace;
  const spanId = trace.nextSpanId();
  exchange.attemptSpanId = spanId;
  fields.set('X-Request-Id', exchange.id);
  fields.set('traceparent', formatTraceParent({ traceId, spanId, flags }));
}

/** Makes a response's fields what the client gets. */
export function passResponseFields(fields: Fields, version: HttpVersion, pseudonym: Pseudonym): void {
  keepEndToEnd(fields);
  extend(fields, pseudonym.via[version]);
}

/** What may follow a chunked body. Fields on which framing, routing or access rest are never taken from there (RFC 9110 §6.5.1). */
export function trailerFields(received: Fields): Fields {
  if (received.size === 0) return received;
  return endToEnd(received).only(({ key }) => !isProtected(key) && !neverTrailer.has(key));
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
  fields.retain(isEndToEnd(fields));
}

/** The same as a list of its own. */
function endToEnd(fields: Fields): Fields {
  return fields.only(isEndToEnd(fields));
}

function isEndToEnd(fields: Fields): (name: FieldName) => boolean {
  const nominated = connectionOptions(fields);
  if (nominated.size === 0 || (nominated.size === 1 && nominated.has('keep-alive'))) return isOfTheMessage;
  return ({ key, isHopByHop }) => !isHopByHop && (!nominated.has(key) || isProtected(key));
}

function isOfTheMessage({ isHopByHop }: FieldName): boolean {
  return !isHopByHop;
}

function isProtected(key: string): boolean {
  return (
    key === 'host' || key === 'content-length' || key === 'via' || key === 'forwarded' || key.startsWith('x-forwarded-')
  );
}

/** Adds a field that is a member of a list, on one line with the others: many programs read only the first. */
function extend(fields: Fields, member: Field): void {
  const { key, text } = member.name;
  if (!fields.has(key)) return void fields.add(member);
  const before = fields.all(key).filter((value) => value !== '');
  fields.set(text, [...before, member.value].join(', '));
}

function refuseLoop(fields: Fields, pseudonym: Pseudonym): void {
  if (!fields.has('via')) return;
  const via = fields.list('via');
  const ours = via.filter((member) => member.split(/\s+/)[1]?.toLowerCase() === pseudonym.text.toLowerCase());
  if (ours.length < loopAfter) return;
  throw new MeshError('loop_detected', `The request came through \`${pseudonym.text}\` ${ours.length} times`);
}
