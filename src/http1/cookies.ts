import { trimBlanks } from './blanks.js';
import type { Fields } from './fields.js';

/**
 * The value of a cookie that the client sends (RFC 6265 §4.2), as it stands there: neither its quotes nor its percent signs
 * mean anything to HTTP. Names are case-sensitive; of two with one name the first counts, which clients send for the longer path.
 */
export function cookieOf(fields: Fields, name: string): string | undefined {
  for (const line of fields.all('cookie')) {
    const found = pairOf(line, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What has no `=` is no pair, and is passed over: one broken cookie must not hide the others. */
function pairOf(line: string, name: string): string | undefined {
  for (let start = 0; start < line.length; ) {
    const semicolon = line.indexOf(';', start);
    const end = semicolon < 0 ? line.length : semicolon;
    const equals = line.indexOf('=', start);
    if (equals >= 0 && equals < end && trimBlanks(line, start, equals) === name)
      return trimBlanks(line, equals + 1, end);
    start = end + 1;
  }
  return undefined;
}
