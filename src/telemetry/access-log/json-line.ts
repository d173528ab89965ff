import { describeFault } from '../../config/describe-shape.js';
import type { FaultConfig } from '../../config/shaping-configs.js';
import type { Attempt, Wait } from '../../exchange/exchange.js';
import { pathOf } from '../../http1/target.js';
import type { AccessEntry, RequestEntry } from './entry.js';
import { timeText } from './time-text.js';

/**
 * An entry as one line of JSON: the attribute names of OpenTelemetry, and beside them the mesh's own. Put together by hand:
 * `JSON.stringify` of the whole would take three times as long, and lets through what a terminal obeys. In few templates
 * with many holes: a list of parts that is joined takes twice as long.
 */
export function jsonLine(entry: AccessEntry): string {
  const { at, id, traceId, spanId, client, caller, service, route, outcome, status, errorType } = entry;
  const asked = entry.request === undefined ? '' : requestMembers(entry.request);
  const tried = attemptMembers(entry.attempts);
  const waited = entry.waits === undefined ? '' : list('mesh.waits', entry.waits.map(waitText));
  const met = entry.faults === undefined ? '' : list('mesh.faults', entry.faults.map(faultText));
  const took = entry.request === undefined ? '' : ownMembers(entry.request);
  return (
    `{"timestamp":"${timeText(at)}"` +
    // So spelled in logs (OpenTelemetry, trace context in non-OTLP formats).
    `${word('trace_id', traceId)}${word('span_id', spanId)}${asked}${text('http.route', route)}` +
    `${number('http.response.status_code', status)}${text('error.type', errorType)},"client.address":"${client.host}"` +
    `${text('mesh.id', id)}${text('mesh.service', service)}${text('mesh.caller', caller)}${tried}${waited}${met}` +
    `,"mesh.outcome":"${outcome.kind}"${took}}`
  );
}

/** So many lines are missing here. */
export function jsonGap(at: number, count: number, reason: string): string {
  return `{"timestamp":"${timeText(at)}"${text('error.type', reason)}${number('mesh.droppedLines', count)}}`;
}

function requestMembers({ method, target, authority, version, userAgent }: RequestEntry): string {
  const path = pathOf(target);
  const isKnown = knownMethods.has(method);
  const original = isKnown ? '' : text('http.request.method_original', method);
  const query = path.length < target.length ? text('url.query', target.slice(path.length + 1)) : '';
  return (
    `,"http.request.method":"${isKnown ? method : '_OTHER'}"${original},"url.path":"${escaped(path)}"${query}` +
    `${serverMembers(authority)},"network.protocol.version":"${version}"${text('user_agent.original', userAgent)}`
  );
}

function ownMembers({ duration, bytesReceived, bytesSent }: RequestEntry): string {
  return `,"mesh.duration":${rounded(duration)},"mesh.bytesReceived":${bytesReceived}${number('mesh.bytesSent', bytesSent)}`;
}

/** Those that the conventions know (RFC 9110 §9.3, RFC 5789); a client could make up a new one each time. */
export const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]);

let lastAuthority = '';
let lastServer = '';

/** Made once for all requests of one authority that follow each other. */
function serverMembers(authority: string): string {
  if (authority === '') return '';
  if (authority !== lastAuthority) {
    const { host, port } = serverOf(authority);
    lastAuthority = authority;
    lastServer = text('server.address', host) + number('server.port', port);
  }
  return lastServer;
}

/** `[::1]:8080` → `::1` and 8080 */
export function serverOf(authority: string): { readonly host: string; readonly port: number | undefined } {
  const { host = authority, port } = /^\[?(?<host>.*?)\]?(?::(?<port>\d+))?$/s.exec(authority)?.groups ?? {};
  return { host, port: port === undefined ? undefined : Number(port) };
}

/** The instance is the one that was asked last. */
function attemptMembers(attempts: readonly Attempt[]): string {
  const last = attempts.at(-1);
  if (last === undefined) return '';
  const texts = attempts.length === 1 ? attemptText(last) : attempts.map(attemptText).join(',');
  return `,"mesh.instance":"${escaped(last.instance.id)}","mesh.attempts":[${texts}]`;
}

function attemptText({ instance, startedAt, endedAt, result }: Attempt): string {
  const what =
    result.kind === 'answered'
      ? number('status', result.status)
      : text('error', result.kind === 'failed' ? result.error.code : undefined);
  const duration = number('duration', endedAt === undefined ? undefined : rounded(endedAt - startedAt));
  return `{"instance":"${escaped(instance.id)}"${what}${duration}}`;
}

function waitText({ kind, milliseconds }: Wait): string {
  return `{"kind":"${kind}"${number('duration', rounded(milliseconds))}}`;
}

function faultText(fault: FaultConfig): string {
  return `"${escaped(describeFault(fault))}"`;
}

/** To the microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":"${escaped(value)}"`;
}

/** A text of ours that has nothing to escape. */
function word(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":"${value}"`;
}

function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}

function list(name: string, items: readonly string[]): string {
  return `,"${name}":[${items.join(',')}]`;
}

/** What stands between the quotes. Plain ASCII, which nearly all of it is, stands as it is. */
function escaped(value: string): string {
  if (!special.test(value)) return value;
  return JSON.stringify(value)
    .slice(1, -1)
    .replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const special = /[^ !#-[\]-~]/;

/** What JSON leaves as it is, and a terminal or an editor obeys: C1 controls, separators of lines, marks of direction. */
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
