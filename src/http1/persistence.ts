import type { Fields } from './fields.js';
import type { HttpVersion } from './request-head.js';

/** Does the sender of this head want to use its connection for more than this exchange? (RFC 9112 §9.3) */
export function persists({ version, fields }: { version: HttpVersion; fields: Fields }): boolean {
  const options = connectionOptions(fields);
  if (options.has('close')) return false;
  return version === '1.1' || options.has('keep-alive');
}

/** What `Connection` names, over all its lines, in lower case: a head has room for thousands. */
export function connectionOptions(fields: Fields): ReadonlySet<string> {
  const first = fields.get('connection');
  if (first === undefined) return noOptions;
  if (first === 'keep-alive' && fields.count('connection') === 1) return keepAlive; // nearly always
  return new Set(fields.list('connection').map((option) => option.toLowerCase()));
}

const noOptions: ReadonlySet<string> = new Set();
const keepAlive: ReadonlySet<string> = new Set(['keep-alive']);

/** Milliseconds for which the sender says that it keeps an idle connection open; few servers do. */
export function promisedIdleTime(fields: Fields): number | undefined {
  const seconds = /(?:^|[,\s])timeout\s*=\s*(\d{1,6})/i.exec(fields.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
