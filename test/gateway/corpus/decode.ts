/**
 * HTTP/1.1 by the letter of RFC 9112, with nothing of the code under test. What the gateway sends must be beyond doubt:
 * whatever two parsers might read differently throws here.
 */

export interface Message {
  /** `Name: value`, in their order and case. */
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  /** Has all of it come? */
  readonly isWhole: boolean;
}

export interface RequestMessage extends Message {
  readonly method: string;
  readonly target: string;
}

export interface ResponseMessage extends Message {
  readonly status: number;
  readonly reason: string;
  /** The 1xx in front of it. */
  readonly interims: ReadonlyArray<{ readonly status: number; readonly fields: readonly string[] }>;
}

/** How the connection stands on which the bytes came. */
export type Ending = 'open' | 'end' | 'reset';

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const lineShape = /^[\t\x20-\x7e\x80-\xff]*$/;
const fieldShape = new RegExp(
  `^(${token}): ?((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)$`,
);
const requestShape = new RegExp(`^(${token}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/1\\.1$`);
const statusShape = /^HTTP\/1\.1 ([1-9]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/;

/** The requests that came on one connection; the last may be incomplete. */
export function decodeRequests(bytes: string): RequestMessage[] {
  const reader = new Reader(bytes);
  const messages: RequestMessage[] = [];
  while (!reader.isAtEnd) {
    const line = reader.line();
    const [, method = '', target = ''] = line === undefined ? [] : shaped(line, requestShape);
    const fields = line === undefined ? undefined : readFields(reader);
    const head = { method, target, fields: fields ?? [] };
    if (fields !== undefined && valuesOf(fields, 'host').length !== 1) throw new Error(`not one Host: ${quote(bytes)}`);
    const content = fields === undefined ? unfinished : (readFramed(reader, fields) ?? nothing);
    messages.push({ ...head, ...content });
    if (!content.isWhole) break;
  }
  return messages;
}

/**
 * The responses that came on one connection, with their 1xx; the last may be incomplete. Behind a 101, all is its body.
 *
 * @param methods of the requests that they answer; those not named are GET
 */
export function decodeResponses(bytes: string, methods: readonly string[], ending: Ending): ResponseMessage[] {
  const reader = new Reader(bytes);
  const messages: ResponseMessage[] = [];
  let interims: Array<{ status: number; fields: readonly string[] }> = [];
  while (!reader.isAtEnd) {
    const line = reader.line();
    const [, code = '0', reason = ''] = line === undefined ? [] : shaped(line, statusShape);
    const status = Number(code);
    const fields = line === undefined ? undefined : readFields(reader);
    if (fields !== undefined && status < 200 && status !== 101) {
      interims.push({ status, fields });
      continue;
    }
    const head = { status, reason, fields: fields ?? [], interims };
    const content =
      fields === undefined
        ? unfinished
        : readContent(reader, fields, status, methods[messages.length] ?? 'GET', ending);
    interims = [];
    messages.push({ ...head, ...content });
    if (!content.isWhole) break;
  }
  return messages;
}

/** All values of that lower-case name. */
export function valuesOf(fields: readonly string[], name: string): string[] {
  return fields.filter((line) => nameOf(line) === name).map((line) => line.slice(name.length + 2));
}

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

type Content = Pick<Message, 'body' | 'trailers' | 'isWhole'>;

const nothing: Content = { body: '', trailers: [], isWhole: true };
const unfinished: Content = { body: '', trailers: [], isWhole: false };

function readContent(
  reader: Reader,
  fields: readonly string[],
  status: number,
  method: string,
  ending: Ending,
): Content {
  if (status === 101) return { ...nothing, body: reader.take(Number.POSITIVE_INFINITY) };
  if (status === 204 && [...valuesOf(fields, 'content-length'), ...valuesOf(fields, 'transfer-encoding')].length > 0)
    throw new Error('a 204 with a framing field');
  if (method === 'HEAD' || status === 204 || status === 304) return nothing;
  const untilClose = () => ({ ...nothing, body: reader.take(Number.POSITIVE_INFINITY), isWhole: ending === 'end' });
  return readFramed(reader, fields) ?? untilClose();
}

/** undefined when the fields frame no body. */
function readFramed(reader: Reader, fields: readonly string[]): Content | undefined {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (lengths.length + codings.length > 1) throw new Error(`framed twice: ${quote(fields.join(' | '))}`);
  const [length] = lengths;
  const [coding] = codings;
  if (coding !== undefined) {
    if (coding !== 'chunked') throw new Error(`the coding ${quote(coding)}`);
    return readChunks(reader);
  }
  if (length === undefined) return undefined;
  shaped(length, /^\d{1,15}$/);
  const body = reader.take(Number(length));
  return { ...nothing, body, isWhole: body.length === Number(length) };
}

/** Without extensions: nobody but the gateway has made these chunks. */
function readChunks(reader: Reader): Content {
  let body = '';
  for (;;) {
    const line = reader.line();
    if (line === undefined) return { ...unfinished, body };
    const size = Number.parseInt(shaped(line, /^[0-9A-Fa-f]{1,13}$/)[0] ?? '', 16);
    if (size === 0) break;
    const data = reader.take(size);
    body += data;
    if (data.length < size) return { ...unfinished, body };
    const end = reader.line();
    if (end === undefined) return { ...unfinished, body };
    if (end !== '') throw new Error(`a chunk of ${size} goes on with ${quote(end)}`);
  }
  const trailers = readFields(reader);
  return trailers === undefined ? { ...unfinished, body } : { body, trailers, isWhole: true };
}

/** Up to the empty line; undefined when that has not come. */
function readFields(reader: Reader): string[] | undefined {
  const fields: string[] = [];
  for (let line = reader.line(); line !== ''; line = reader.line()) {
    if (line === undefined) return undefined;
    const [, name = '', value = ''] = shaped(line, fieldShape);
    fields.push(`${name}: ${value}`);
  }
  return fields;
}

function shaped(text: string, shape: RegExp): RegExpExecArray {
  const match = shape.exec(text);
  if (match === null) throw new Error(`${quote(text)} is not of the shape ${shape}`);
  return match;
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 500));
}

class Reader {
  readonly #bytes: string;
  #at = 0;

  constructor(bytes: string) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Up to CRLF, which no other control stands in front of; undefined when that has not come. */
  line(): string | undefined {
    const end = this.#bytes.indexOf('\r\n', this.#at);
    const text = end < 0 ? this.#bytes.slice(this.#at).replace(/\r$/, '') : this.#bytes.slice(this.#at, end);
    shaped(text, lineShape);
    this.#at = end < 0 ? this.#bytes.length : end + 2;
    return end < 0 ? undefined : text;
  }

  /** So many, or as many as there are. */
  take(count: number): string {
    const taken = this.#bytes.slice(this.#at, this.#at + count);
    this.#at += taken.length;
    return taken;
  }
}
