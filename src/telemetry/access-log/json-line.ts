import { describeFault } from '../../config/describe-shape.js';
import type { Attempt, Wait } from '../../exchange/exchange.js';
import { pathOf } from '../../http1/target.js';
import type { AccessEntry, RequestEntry } from './entry.js';
import { timeText } from './time-text.js';

/**
 * An entry as one line of JSON: the attribute names of OpenTelemetry, and beside them the mesh's own. Put together by hand:
 * `JSON.stringify` of the whole would take three times as long, and lets through what a terminal obeys.
 */
export function jsonLine(entry: AccessEntry): string {
  const { at, client, caller, service, route, request, attempts, waits, faults, outcome, status, errorType } = entry;
  return [
    `{"timestamp":"${timeText(at)}"`,
    text('trace_id', entry.traceId), // so spelled in logs (OpenTelemetry, trace context in non-OTLP formats)
    text('span_id', entry.spanId),
    request && requestMembers(request),
    text('http.route', route),
    number('http.response.status_code', status),
    text('error.type', errorType),
    text('client.address', client.host),
    text('mesh.id', entry.id),
    text('mesh.service', service),
    text('mesh.caller', caller),
    text('mesh.instance', attempts.at(-1)?.instance.id),
    attempts.length === 0 ? '' : list('mesh.attempts', attempts.map(attemptText)),
    waits && list('mesh.waits', waits.map(waitText)),
    faults &&
      list(
        'mesh.faults',
        faults.map((fault) => quoted(describeFault(fault))),
      ),
    text('mesh.outcome', outcome.kind),
    request && ownMembers(request),
    '}',
  ].join('');
}

/** So many lines are missing here. */
export function jsonGap(at: number, count: number, reason: string): string {
  return `{"timestamp":"${timeText(at)}"${text('error.type', reason)}${number('mesh.droppedLines', count)}}`;
}

function requestMembers({ method, target, authority, version, userAgent }: RequestEntry): string {
  const path = pathOf(target);
  const isKnown = knownMethods.has(method);
  return (
    text('http.request.method', isKnown ? method : '_OTHER') +
    text('http.request.method_original', isKnown ? undefined : method) +
    text('url.path', path) +
    text('url.query', path.length < target.length ? target.slice(path.length + 1) : undefined) +
    serverMembers(authority) +
    text('network.protocol.version', version) +
    text('user_agent.original', userAgent)
  );
}

function ownMembers({ duration, bytesReceived, bytesSent }: RequestEntry): string {
  return (
    number('mesh.duration', rounded(duration)) +
    number('mesh.bytesReceived', bytesReceived) +
    number('mesh.bytesSent', bytesSent)
  );
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

function serverMembers(authority: string): string {
  if (authority === '') return '';
  const { host, port } = serverOf(authority);
  return text('server.address', host) + number('server.port', port);
}

/** `[::1]:8080` → `::1` and 8080 */
export function serverOf(authority: string): { readonly host: string; readonly port: number | undefined } {
  const { host = authority, port } = /^\[?(?<host>.*?)\]?(?::(?<port>\d+))?$/s.exec(authority)?.groups ?? {};
  return { host, port: port === undefined ? undefined : Number(port) };
}

function attemptText({ instance, startedAt, endedAt, result }: Attempt): string {
  const what =
    result.kind === 'answered'
      ? number('status', result.status)
      : text('error', result.kind === 'failed' ? result.error.code : undefined);
  const duration = number('duration', endedAt === undefined ? undefined : rounded(endedAt - startedAt));
  return `{"instance":${quoted(instance.id)}${what}${duration}}`;
}

function waitText({ kind, milliseconds }: Wait): string {
  return `{"kind":"${kind}"${number('duration', rounded(milliseconds))}}`;
}

/** To the microsecond. */
function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1_000) / 1_000;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${value}`;
}

function list(name: string, items: readonly string[]): string {
  return `,"${name}":[${items.join(',')}]`;
}

/** Plain ASCII, which nearly all of it is, stands as it is. */
function quoted(value: string): string {
  if (!special.test(value)) return `"${value}"`;
  return JSON.stringify(value).replace(unsafe, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const special = /[^ !#-[\]-~]/;

/** What JSON leaves as it is, and a terminal or an editor obeys: C1 controls, separators of lines, marks of direction. */
const unsafe = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
