import { escapeReferences } from './interpolate.js';
import type { HashKeyConfig } from './policy-configs.js';
import type { HashKeyFile } from './schema/hash-key.js';

/** A hash key in one form: names of header fields in lower case. */
export function resolveHashKey({ header, cookie, query, sourceAddress }: HashKeyFile): HashKeyConfig {
  if (header !== undefined) return { kind: 'header', name: header.toLowerCase() };
  if (cookie !== undefined) return { kind: 'cookie', name: cookie };
  if (query !== undefined) return { kind: 'query', name: query };
  return { kind: sourceAddress === undefined ? 'path' : 'source-address' };
}

/** As the mesh file writes it: `{ header: x-user }`. */
export function hashKeyText(key: HashKeyConfig) {
  switch (key.kind) {
    case 'header':
      return { header: escapeReferences(key.name) };
    case 'cookie':
      return { cookie: escapeReferences(key.name) };
    case 'query':
      return { query: escapeReferences(key.name) };
    case 'source-address':
      return { sourceAddress: true as const };
    case 'path':
      return { path: true as const };
  }
}

/** `cookie:user` → what of a request decides; for the command line and the admin API. The form is known to be right. */
export function hashKeyFrom(text: string): HashKeyConfig {
  const [kind = '', ...rest] = text.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'header':
      return { kind, name: name.toLowerCase() };
    case 'cookie':
    case 'query':
      return { kind, name };
    case 'sourceAddress':
      return { kind: 'source-address' };
    default:
      return { kind: 'path' };
  }
}

/** The same, back. */
export function hashKeyInWords(key: HashKeyConfig): string {
  if ('name' in key) return `${key.kind}:${key.name}`;
  return key.kind === 'source-address' ? 'sourceAddress' : 'path';
}
