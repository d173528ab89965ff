import { MeshError } from '../foundation/errors.js';
import type { Fields } from './fields.js';

/** Larger heads are answered with 431. */
export const headLimits = { fields: 100, bytes: 16 * 1024 } as const;

interface Head {
  readonly target: string;
  /** As on the wire: `1.1`. */
  readonly httpVersion: string;
  readonly fields: Fields;
  /** The client asks to leave HTTP on this connection. */
  readonly upgrade: boolean;
}

/**
 * Why a request head must not be forwarded; undefined when it may. The parser of Node checks the grammar; this checks what
 * it leaves open and what two parsers might read differently. Nothing is repaired, and nothing behind such a head is read.
 */
export function vet(head: Head): MeshError | undefined {
  return badVersion(head) ?? tooLarge(head) ?? badHost(head) ?? badFraming(head);
}

/** Does a body follow a head that passed? */
export function hasBody(fields: Fields): boolean {
  return fields.has('transfer-encoding') || Number(fields.get('content-length') ?? 0) > 0;
}

/** May an answer with that status to that method have a body? (RFC 9112 §6.3) */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}

function badVersion({ httpVersion }: Head): MeshError | undefined {
  return /^1\.[01]$/.test(httpVersion) ? undefined : new MeshError('version_not_supported');
}

/** Counted here, because a limit given to Node hides the fields beyond it, and they still frame the body (CVE-2026-58044). */
function tooLarge({ target, fields }: Head): MeshError | undefined {
  let count = 0;
  let bytes = target.length;
  for (const [name, value] of fields) {
    count += 1;
    bytes += name.length + value.length + ': \r\n'.length;
  }
  if (count > headLimits.fields) {
    return new MeshError('head_too_large', `The request has ${count} fields; ${headLimits.fields} are allowed`);
  }
  if (bytes > headLimits.bytes) {
    return new MeshError('head_too_large', `The request head has ${bytes} bytes; ${headLimits.bytes} are allowed`);
  }
  return undefined;
}

/** RFC 9112 §3.2: exactly one in HTTP/1.1, at most one in HTTP/1.0. */
function badHost({ httpVersion, fields }: Head): MeshError | undefined {
  const hosts = fields.all('host');
  if (hosts.length > 1) return invalid('The request has several Host fields');
  const [host] = hosts;
  if (host === undefined) return httpVersion === '1.1' ? invalid('The request has no Host field') : undefined;
  return isAuthority(host) || host === '' ? undefined : invalid('The Host field is not a host');
}

/** `name`, `name:port`, `[::1]:port`. No userinfo. */
export function isAuthority(text: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::\d{0,5})?$/.test(text);
}

/** RFC 9112 §6: one way to tell where the body ends, or the bytes behind it become someone else's request. */
function badFraming({ httpVersion, fields, upgrade }: Head): MeshError | undefined {
  const lengths = fields.all('content-length');
  const codings = fields.all('transfer-encoding');
  if (lengths.length > 0 && codings.length > 0)
    return invalid('The request has both Content-Length and Transfer-Encoding');
  if (lengths.length > 1) return invalid('The request has several Content-Length fields');
  if (lengths.some((length) => !/^\d{1,15}$/.test(length))) return invalid('The Content-Length is not a number');
  if (codings.length > 0 && httpVersion === '1.0')
    return invalid('An HTTP/1.0 request cannot have a Transfer-Encoding');
  if (codings.length > 1 || codings.some((coding) => !/^chunked$/i.test(coding)))
    return invalid('The only Transfer-Encoding understood is `chunked`');
  // What follows the head is the new protocol; a body in between is read by one side only (CVE-2026-58055).
  if (upgrade && hasBody(fields)) return invalid('A request to upgrade cannot have a body');
  return undefined;
}

function invalid(message: string): MeshError {
  return new MeshError('bad_request', message);
}
