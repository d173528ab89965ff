import { isAuthority } from './request-head.js';
import { Violation } from './violation.js';

export interface Target {
  /** Of an absolute-form target, as written; it counts instead of the Host field (RFC 9112 §3.2.2). */
  readonly authority: string | undefined;
  /** Path and query, or `*`. */
  readonly target: string;
}

/**
 * The target of a request line: origin-form, absolute-form (a client that takes the gateway for its proxy) or `*`.
 * Dot segments, plain or percent-encoded, are resolved here, once, so that what is matched is what is forwarded.
 *
 * @throws Violation
 */
export function parseTarget(method: string, text: string): Target {
  if (text.startsWith('/')) return { authority: undefined, target: canonical(text) };
  if (text === '*') {
    if (method !== 'OPTIONS') throw new Violation('the target `*`, which is for OPTIONS alone');
    return { authority: undefined, target: '*' };
  }
  const match = /^http:\/\/([^/?#]*)([/?].*)?$/is.exec(text);
  const authority = match?.[1] ?? '';
  if (!isAuthority(authority)) throw new Violation('a target that is neither a path nor an http:// URL');
  // RFC 9112 §3.2.4: asked of the server as a whole, behind a proxy.
  const rest = match?.[2] ?? (method === 'OPTIONS' ? '*' : '/');
  if (rest === '*') return { authority, target: '*' };
  return { authority, target: canonical(rest.startsWith('?') ? `/${rest}` : rest) };
}

/** The path in front of the query. */
export function pathOf(target: string): string {
  const query = target.indexOf('?');
  return query < 0 ? target : target.slice(0, query);
}

/** Is the path below the prefix, or the prefix itself? `/a` is above `/a/b`, and not above `/ab`. */
export function isUnder(path: string, prefix: string): boolean {
  if (prefix === '/') return true;
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function canonical(target: string): string {
  if (target.includes('#')) throw new Violation('a fragment in its target');
  const path = pathOf(target);
  if (!mayHideDots.test(path)) return target;
  return resolveDots(path) + target.slice(path.length);
}

const mayHideDots = /(?:[/\\]|%2f|%5c)(?:\.|%2e)/i;
const dot = /^(?:\.|%2e)$/i;
const dotDot = /^(?:\.|%2e){2}$/i;
/** `..%2f` is one segment to us and two to a service that decodes it first: it would climb out of its route. */
const hiddenDotDot = /(?:^|%2f|%5c|\\)(?:\.|%2e){2}(?:%2f|%5c|\\|$)/i;

/** RFC 3986 §5.2.4, except that climbing above the root is an error and not the root. */
function resolveDots(path: string): string {
  const resolved: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    if (dotDot.test(segment)) {
      if (resolved.pop() === undefined) throw escapes();
      if (isLast) resolved.push('');
    } else if (dot.test(segment)) {
      if (isLast) resolved.push('');
    } else if (hiddenDotDot.test(segment)) throw escapes();
    else resolved.push(segment);
  }
  return `/${resolved.join('/')}`;
}

function escapes(): Violation {
  return new Violation('a path that climbs out of its root');
}
