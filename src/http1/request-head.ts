import { parseFields, RecentFields } from './field-lines.js';
import type { Fields } from './fields.js';
import { Violation } from './violation.js';

export type HttpVersion = '1.0' | '1.1';

export interface RequestHead {
  /** Any token; methods are case-sensitive. */
  readonly method: string;
  /** As written: origin-form, absolute-form, authority-form or `*` (RFC 9112 §3.2). */
  readonly target: string;
  readonly version: HttpVersion;
  readonly fields: Fields;
}

/** The limit of nginx and of Apache; browsers send about 20. */
const maxFields = 100;

const recent = new RecentFields();

const requestLine = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e]+ HTTP\/\d\.\d\r\n/;

/**
 * RFC 9112 §3: one space between the parts, and no byte in the target that should have been percent-encoded.
 *
 * @param text the lines of the head in latin1, without the empty one at its end
 * @throws Violation
 */
export function parseRequestHead(text: string): RequestHead {
  if (!requestLine.test(text)) throw new Violation('no request line of a method, a target and HTTP/1.1');
  const target = text.indexOf(' ') + 1;
  const version = text.indexOf(' ', target) + 1;
  const end = text.indexOf('\r\n', version);
  return {
    method: text.slice(0, target - 1),
    target: text.slice(target, version - 1),
    version: versionOf(text.slice(version, end)),
    fields: parseFields(text, end + 2, maxFields, recent),
  };
}

/** RFC 9112 §3.2: exactly one Host in HTTP/1.1, at most one in HTTP/1.0. @throws Violation */
export function checkHost({ version, fields }: RequestHead): void {
  const host = fields.single('host');
  if (host === undefined && version === '1.1') throw new Violation('no Host field');
  if (host !== undefined && host !== '' && !isAuthority(host)) throw new Violation('a Host field that is no host');
}

/** `name`, `name:port`, `[::1]:port`. No userinfo, and none of the marks that RFC 3986 allows in names and no host has: `a,b` are two. */
export function isAuthority(text: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%-]+)(?::\d{0,5})?$/.test(text);
}

function versionOf(text: string): HttpVersion {
  if (text === 'HTTP/1.1') return '1.1';
  if (text === 'HTTP/1.0') return '1.0';
  throw new Violation(`the version ${text}`, 'version');
}
