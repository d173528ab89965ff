/** The corpus is data: bytes in, what may come of them. All texts are latin1, byte for character. */

/** `passes`: the service answers. A number: the gateway does, and closes the connection. `nothing`: it only closes it. */
export type Answer = 'passes' | 'nothing' | number;

/** A request as the service may see it. */
export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** Of a cut one: the most that may have come. */
  readonly body?: string;
  /** Field lines, as they are: each of them so many times, and in this order. */
  readonly has?: readonly string[];
  /** Field lines in lower case; how they are written, and where, does not matter. */
  readonly hasAnyhow?: readonly string[];
  /** Names or whole lines, in lower case. */
  readonly lacks?: readonly string[];
  /** All trailer lines. */
  readonly trailers?: readonly string[];
  /** It may have begun to arrive, and never does as a whole. */
  readonly isCut?: true;
}

export interface RequestCase {
  readonly name: string;
  readonly bytes: string;
  /** One of these; whichever it is, what it stands for must be kept in full. */
  readonly answer: Answer | readonly Answer[];
  /** When it passes, all that the service sees. When it is refused, nothing but what is cut. */
  readonly seen: readonly SeenRequest[];
  /** Field lines of the first answer. */
  readonly answerHas?: readonly string[];
  /** The connection ends behind the answer, and what follows is no request. */
  readonly closes?: true;
  /** Nothing is sent behind it: it must be refused for what has come, and not for lack of more. */
  readonly isAlone?: true;
  /** The client closes its side behind it. */
  readonly isCutShort?: true;
  /** It comes in by the caller's door of the service, where no Host is needed. */
  readonly byDoor?: true;
}

/** What the client gets when the service's answer is fit to be passed on. */
export interface PassedResponse {
  readonly status: number;
  readonly reason?: string;
  readonly body?: string;
  readonly has?: readonly string[];
  readonly hasAnyhow?: readonly string[];
  readonly lacks?: readonly string[];
  readonly trailers?: readonly string[];
  /** What the service gets through the tunnel. */
  readonly tunnels?: string;
  /** The statuses of the 1xx in front, when it matters. */
  readonly interims?: readonly number[];
  /** Field lines of the first 1xx. */
  readonly interimHas?: readonly string[];
  /** The client's connection ends behind it. */
  readonly closes?: true;
  /** Bytes follow that are no part of it: the service's connection must not be used again. */
  readonly hasSurplus?: true;
}

/** 502 with that code; or the head passes, and then the client's connection ends in a way that nobody takes for the end of the body. */
export type Failure = 'upstream_invalid' | 'upstream_reset' | 'cut';

export interface ResponseCase {
  readonly name: string;
  /** What the client sends; a GET by default. */
  readonly request?: string;
  /** What the service answers. */
  readonly bytes: string;
  /** What it does behind them. */
  readonly ending?: 'stays' | 'ends' | 'resets';
  readonly expect: PassedResponse | Failure | readonly Failure[];
}

export const hostLine = 'Host: orders.localhost';

/** A request line, the Host, more field lines, and what follows the head. */
export function request(line: string, lines: readonly string[] = [], body = ''): string {
  return [line, hostLine, ...lines, '', body].join('\r\n');
}

export function post(lines: readonly string[], body = ''): string {
  return request('POST /x HTTP/1.1', lines, body);
}

export function get(lines: readonly string[] = []): string {
  return request('GET /x HTTP/1.1', lines);
}

/** An answer's status line, its field lines, and what follows its head. */
export function answer(lines: readonly string[], body = '', line = 'HTTP/1.1 200 OK'): string {
  return [line, ...lines, '', body].join('\r\n');
}

export function sizedAnswer(body: string, line?: string): string {
  return answer([`Content-Length: ${body.length}`], body, line);
}

export function chunkedAnswer(body: string, line?: string): string {
  return answer(['Transfer-Encoding: chunked'], body, line);
}

export const lastChunk = '0\r\n\r\n';

export function refused(name: string, bytes: string, answer: number | readonly number[] = 400): RequestCase {
  return { name, bytes, answer, seen: [] };
}

/** Readable, with an escape for each byte that is not printable ASCII. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 50)}…` : text;
  return JSON.stringify(short).replace(/[\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

/** A request in the place of something else: whoever reads it there has been fooled. */
export const smuggled = `GET /smuggled HTTP/1.1\r\n${hostLine}\r\n\r\n`;
