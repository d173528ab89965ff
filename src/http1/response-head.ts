import { parseFields, RecentFields } from './field-lines.js';
import type { Fields } from './fields.js';
import type { HttpVersion } from './request-head.js';
import { Violation } from './violation.js';

export interface ResponseHead {
  /** 100–999; below 200 it is interim, and another head follows. */
  readonly status: number;
  /** May be empty. */
  readonly reason: string;
  readonly version: HttpVersion;
  readonly fields: Fields;
}

/** More than of a request: there are services that set a cookie for each thing they know. */
const maxFields = 1_000;

const recent = new RecentFields();

/** The space behind the status may be missing: RFC 9112 §4 wants it, but many servers with no reason to give leave it out, and nothing is ambiguous. */
const statusLine = /^HTTP\/1\.[01] [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;

/** Where the parts of that line begin. */
const part = { minor: 7, status: 9, reason: 13 };

/**
 * @param text the lines of the head in latin1, without the empty one at its end
 * @throws Violation
 */
export function parseResponseHead(text: string): ResponseHead {
  if (!statusLine.test(text)) throw new Violation('no status line of HTTP/1.1 and three digits');
  const end = text.indexOf('\r\n');
  return {
    status: Number(text.slice(part.status, part.status + 3)),
    reason: text.slice(part.reason, end),
    version: text[part.minor] === '1' ? '1.1' : '1.0',
    fields: parseFields(text, end + 2, maxFields, recent),
  };
}
