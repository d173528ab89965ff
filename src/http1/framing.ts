import { trimBlanks } from './blanks.js';
import type { Fields } from './fields.js';
import type { HttpVersion, RequestHead } from './request-head.js';
import type { ResponseHead } from './response-head.js';
import { Violation } from './violation.js';

/** How a receiver knows where the body of a message ends (RFC 9112 §6.3). */
export type Framing =
  | { readonly kind: 'none' }
  /** Bytes, at least one. */
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Only answers: what comes until the connection ends. */
  | { readonly kind: 'until-close' };

const none: Framing = { kind: 'none' };
const chunked: Framing = { kind: 'chunked' };
const untilClose: Framing = { kind: 'until-close' };

/** A request without fields that say otherwise has no body. @throws Violation */
export function requestFraming(head: RequestHead): Framing {
  return statedFraming(head) ?? none;
}

/** @param method of the request that it answers @throws Violation */
export function responseFraming(method: string, head: ResponseHead): Framing {
  const stated = statedFraming(head); // looked at even where nothing follows: a head that lies is not passed on
  return mayHaveBody(method, head.status) ? (stated ?? untilClose) : none;
}

/** May an answer with that status to that method have a body? */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
}

/**
 * What the fields say of the length. Exactly one of them may say it, in exactly one way: RFC 9112 §6.3 lets a receiver choose
 * between several, and whoever chooses otherwise than we do takes the rest of the body for the next message.
 */
function statedFraming({ version, fields }: { version: HttpVersion; fields: Fields }): Framing | undefined {
  const length = fields.single('content-length');
  const coding = fields.single('transfer-encoding');
  if (coding !== undefined) {
    if (length !== undefined) throw new Violation('both Content-Length and Transfer-Encoding');
    if (version === '1.0') throw new Violation('a Transfer-Encoding, which HTTP/1.0 does not know'); // §6.1
    return codingFraming(coding);
  }
  if (length === undefined) return undefined;
  // 15 digits are a petabyte, and stay exact in a number.
  if (!/^\d{1,15}$/.test(length)) throw new Violation('a Content-Length that is no number');
  return Number(length) === 0 ? none : { kind: 'length', length: Number(length) };
}

function codingFraming(coding: string): Framing {
  const codings = coding.split(',').map((each) => trimBlanks(each, 0, each.length).toLowerCase());
  if (codings.at(-1) !== 'chunked') throw new Violation('a Transfer-Encoding that does not end in `chunked`');
  if (codings.length === 1) return chunked;
  if (codings.indexOf('chunked') < codings.length - 1) throw new Violation('chunks within chunks');
  throw new Violation(`the Transfer-Encoding \`${coding}\``, 'coding');
}
