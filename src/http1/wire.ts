import type { Fields } from './fields.js';

/** Messages → latin1 text of the wire. What comes in here has been through a parser, or was written by us. */

export function requestHeadText(method: string, target: string, fields: Fields): string {
  return `${method} ${target} HTTP/1.1\r\n${fields.toText()}\r\n`;
}

/** A proxy answers in its own version, whatever the service speaks and the client asked in (RFC 9110 §2.5). */
export function responseHeadText(status: number, reason: string, fields: Fields): string {
  return `HTTP/1.1 ${status} ${reason}\r\n${fields.toText()}\r\n`;
}

/** In front of the data of a chunk; CR LF follows it. */
export function chunkStart(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

export const chunkEnd = '\r\n';

/** The end of a chunked body. */
export function lastChunk(trailers: Fields): string {
  return `0\r\n${trailers.toText()}\r\n`;
}
