import { METHODS } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';

/** HTTP/1.1 messages at random, and a strict reader of them. Text is latin1 throughout: a character is a byte. */

type ValueOf<T> = T extends (...by: never) => fc.Arbitrary<infer V> ? V : never;
/** With the target as without an authority in front, the host that counts, and all lines: those that frame the body, too. */
export type Request = ValueOf<typeof requestWith>;
export type Answer = ValueOf<typeof answerTo>;

export type Pair = [name: string, value: string];

export interface Line {
  readonly pair: Pair;
  /** As written, with whitespace around the value. */
  readonly wire: string;
}

export interface Body {
  readonly framing: 'none' | 'length' | 'chunks' | 'close';
  readonly pieces: readonly string[];
  readonly trailers: readonly Line[];
  readonly wire: string;
}

export const pairsOf = (lines: readonly Line[]): Pair[] => lines.map(({ pair }) => pair);

export const headOf = (start: string, lines: readonly Line[]): string =>
  `${[start, ...lines.map(({ wire }) => wire)].join('\r\n')}\r\n\r\n`;

/** Cut at these places (they wrap around), each piece a write of its own with a turn of the event loop behind it. */
export async function sendCut(socket: Socket, text: string, cuts: readonly number[]): Promise<void> {
  const places = cuts.map((cut) => cut % Math.max(1, text.length)).sort((one, other) => one - other);
  for (const [at, from] of [0, ...places].entries()) {
    socket.setNoDelay().write(text.slice(from, places[at]), 'latin1');
    await turn();
  }
}

export const cuts = fc.array(fc.nat(), { maxLength: 30, size: 'max' });

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)).join('');
const alphanumeric = range(48, 57) + range(65, 90) + range(97, 122);
const visible = range(0x21, 0x7e) + range(0x80, 0xff);

const text = (characters: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength, size: 'max' });
/** Mostly the first. */
const mostly = <T>(first: fc.Arbitrary<T>, ...others: Array<fc.Arbitrary<T>>) =>
  fc.oneof({ withCrossShrink: true }, { weight: 8, arbitrary: first }, ...others);
export const token = text(`${alphanumeric}!#$%&'*+-.^_\`|~`, 1, 12);

export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: orders.localhost\r\nConnection: close\r\n\r\n';
const large = fc.integer({ min: 1, max: 900 }).map((times) => `${smuggled}0\r\n\r\n\0\xff`.repeat(times));
const piece = mostly(text(range(0, 255), 1, 60), fc.constant(smuggled), fc.constant('\r\n0\r\n\r\n'), large);
const extension = mostly(
  fc.constant(''),
  token.map((name) => `;${name}`),
  fc.tuple(token, token).map(([name, value]) => `;${name}=${value}`),
  text(`\t ${visible.replace(/["\\]/g, '')}`, 0, 20).map((value) => `;a="${value}\\"\\\\";b`),
);
const chunk = fc
  .tuple(piece, fc.constantFrom('', '0', '000'), fc.boolean(), extension)
  .map(([text, zeros, isUpper, extension]) => {
    const size = zeros + text.length.toString(16);
    return { text, wire: `${isUpper ? size.toUpperCase() : size}${extension}\r\n${text}\r\n` };
  });

const whitespace = fc.constantFrom('', ' ', '\t', ' \t  ');
const lineOf = (pair: fc.Arbitrary<Pair>): fc.Arbitrary<Line> =>
  fc
    .tuple(pair, whitespace, whitespace)
    .map(([pair, before, after]) => ({ pair, wire: `${pair[0]}:${before}${pair[1]}${after}` }));
const known = ['Accept', 'Cookie', 'Set-Cookie', 'Content-Type', 'User-Agent', 'ETag', 'Range', 'Location', 'X-A', 'x'];
const odd = ['__proto__', 'constructor', 'Content-Disposition', 'Authorization', 'If-Match', 'Age', 'Content-Encoding'];
/** Names with a meaning to the gateway come from `special` alone. */
const reserved = /^(?:te|via|host|date|expect|upgrade|trailer|connection|forwarded|keep-alive|proxy-.*|x-.+-.*)$/i;
const fieldName = fc.oneof(
  fc.mixedCase(fc.constantFrom(...known, ...odd)),
  token.filter((name) => !reserved.test(name)),
);
const fieldValue = text(` \t${visible}`, 0, 40).map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const linesWith = (special: readonly Pair[], maxLength: number) =>
  fc.array(lineOf(mostly(fc.tuple(fieldName, fieldValue), fc.constantFrom(...special))), { maxLength, size: 'max' });

const hopByHop: Pair[] = [
  ['Connection', 'X-Nominated-1, keep-alive'],
  ['connection', 'x-nominated-2'],
  ['X-Nominated-1', '1'],
  ['x-NOMINATED-2', '2'],
  ['Keep-Alive', 'timeout=5'],
  ['Proxy-Connection', 'keep-alive'],
  ['Upgrade', 'foo'],
  ['Via', '1.0 edge, 1.1 other'],
  ['via', '1.1 third'],
];
const toService: Pair[] = [
  ...hopByHop,
  ['TE', 'trailers'],
  ['X-Mesh-Service', 'orders'],
  ['X-Forwarded-For', '6.6.6.6'],
  ['x-forwarded-for', '7.7.7.7,8.8.8.8'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'shop.example'],
  ['Forwarded', 'for="[2001:db8::1]"'],
  ['Trailer', 'X-Sum'],
];
const toClient: Pair[] = [...hopByHop, ['Proxy-Authenticate', 'Basic']];
const inTrailers: Pair[] = ['Authorization', 'Cookie', 'set-cookie', 'Content-Type', 'Via'].map((name) => [name, 'x']);

const nothing: Body = { framing: 'none', pieces: [], trailers: [], wire: '' };

export const bodyOf = (...framings: Array<Body['framing']>): fc.Arbitrary<Body> =>
  fc
    .record({
      framing: fc.constantFrom(...framings),
      chunks: fc.array(chunk, { maxLength: 6, size: 'max' }),
      last: fc.constantFrom('0', '000', '0;last', '0;a="\\";"'),
      trailers: linesWith(inTrailers, 4),
    })
    .map(({ framing, chunks, last, trailers }): Body => {
      const pieces = chunks.map(({ text }) => text);
      if (framing === 'none') return nothing;
      if (framing !== 'chunks') return { framing, pieces, trailers: [], wire: pieces.join('') };
      return { framing, pieces, trailers, wire: chunks.map(({ wire }) => wire).join('') + headOf(last, trailers) };
    });

const plain = (...pair: Pair): Line => ({ pair, wire: pair.join(': ') });

function framingOf({ framing, wire }: Body): Line[] {
  if (framing === 'length') return [plain('Content-length', String(wire.length))];
  return framing === 'chunks' ? [plain('transfer-Encoding', 'Chunked')] : [];
}

/** The lines and, anywhere among them, those that the message must have. */
function among(lines: readonly Line[], needed: readonly Line[], place: number): Line[] {
  const all = [...lines];
  for (const [at, line] of needed.entries()) all.splice((place * (at + 1)) % (all.length + 1), 0, line);
  return all;
}

/** A counterexample is shown as it is written. */
const shown = (wire: string) => ({ wire, [fc.toStringMethod]: () => JSON.stringify(wire) });

const inPath = `${alphanumeric}-._~!$&'()*+,;=:@`;
const percent = fc.mixedCase(fc.nat({ max: 255 }).map((code) => `%${code.toString(16).padStart(2, '0')}`));
const spelled = (characters: string) =>
  fc.array(mostly(fc.constantFrom(...characters), percent), { maxLength: 10 }).map((parts) => parts.join(''));
const hasDots = (path: string) =>
  /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/.test(path.replace(/%2e/gi, '.').replace(/%2f|%5c/gi, '/'));
const path = fc
  .array(spelled(inPath), { minLength: 1, maxLength: 6 })
  .map((segments) => `/${segments.join('/')}`)
  .filter((path) => !hasDots(path));
const query = fc.oneof(
  fc.constant(''),
  spelled(`${inPath}/?`).map((query) => `?${query}`),
);
const target = fc.tuple(path, query).map((parts) => parts.join(''));
const common = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];
const method = fc.oneof(fc.constantFrom(...common), fc.constantFrom(...METHODS.filter((name) => name !== 'CONNECT')));

export const requestWith = (body: fc.Arbitrary<Body>, methods = method) =>
  fc
    .record({
      wished: methods,
      target: mostly(target, fc.constant('*')),
      form: mostly(fc.constant(''), fc.constantFrom('http://orders:8080', 'HTTP://Orders.localhost')),
      host: lineOf(
        fc.tuple(
          fc.mixedCase(fc.constant('Host')),
          fc.constantFrom('orders.localhost', 'ORDERS.localhost:80', 'orders'),
        ),
      ),
      lines: linesWith(toService, 40),
      content: body,
      place: fc.nat({ max: 50 }),
    })
    .map(({ wished, target, form, host, lines: others, content, place }) => {
      const method = target === '*' ? 'OPTIONS' : wished;
      const body = method === 'TRACE' ? nothing : content;
      const lines = among(others, [host, ...framingOf(body)], place);
      const start = `${method} ${target === '*' ? target : form + target} HTTP/1.1`;
      const authority = form.replace(/^http:../i, '');
      const counts = target === '*' || authority === '' ? host.pair[1] : authority;
      return { method, target, host: counts, lines, body, ...shown(headOf(start, lines) + body.wire) };
    });

const reason = fc.oneof(fc.constantFrom('OK', ''), text(`${visible} \t`, 1, 20)).map((text) => text.trim());
const status = fc.oneof(fc.constantFrom(200, 204, 304, 404, 503), fc.integer({ min: 200, max: 599 }));
const interim = fc.record({ status: fc.integer({ min: 102, max: 199 }), reason, lines: linesWith(toClient, 3) });

/** An answer to that method: one that has no body comes without. */
export const answerTo = (method: string, ...framings: Array<Body['framing']>) =>
  fc
    .record({
      status: status.filter((status) => status !== 205),
      reason,
      lines: linesWith(toClient, 40),
      content: bodyOf(...framings),
      isOld: fc.boolean(),
      interims: fc.array(interim, { maxLength: 2 }),
      place: fc.nat({ max: 50 }),
    })
    .map(({ status, reason, lines: others, content, isOld, interims, place }) => {
      const isBare = status === 204 || status === 304;
      const lines = among(others, status === 204 ? [] : framingOf(content), place);
      const body = isBare || method === 'HEAD' ? nothing : content;
      const version = isOld && content.framing === 'close' ? '1.0' : '1.1';
      const heads = interims.map(({ status, reason, lines }) => headOf(`HTTP/1.1 ${status} ${reason}`, lines));
      const wire = [...heads, headOf(`HTTP/${version} ${status} ${reason}`, lines), body.wire].join('');
      return { status, reason, version, lines, body, interims, ...shown(wire) };
    });

export interface Read {
  /** Method and target, or status and reason. */
  readonly start: readonly string[];
  readonly fields: readonly Pair[];
  readonly body: string;
  readonly trailers: readonly Pair[];
}

const requestLine = /^([!#$%&'*+.^_`|~\w-]+) ([!-~]+) HTTP\/1\.[01]$/;
const statusLine = /^HTTP\/1\.[01] ([1-9]\d\d) ([\t -~\x80-\xff]*)$/;
const fieldLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*((?:[\t ]*[!-~\x80-\xff])*)[ \t]*$|^$/;
const chunkLine = /^([\da-f]+)[ \t]*(?:;[\t -~\x80-\xff]*)?$/i;

/** The rest is what is behind the last whole message; the defect tells why no message can come of it, whatever follows. */
export const readRequests = (text: string) => read(text, requestLine, () => 0);

/** @param methods of the requests that are answered @param hasEnded the connection, which may be the end of a body */
export function readAnswers(text: string, methods: readonly string[], hasEnded = false) {
  let finals = 0;
  return read(text, statusLine, ([status = '']) => {
    const isBare = status.startsWith('1') || methods[finals++] === 'HEAD' || status === '204' || status === '304';
    return isBare ? undefined : hasEnded ? Number.POSITIVE_INFINITY : Number.NaN;
  });
}

/** @param unframed the length of the body where no field tells; undefined where there is none whatever they tell */
function read(text: string, startLine: RegExp, unframed: (start: string[]) => number | undefined) {
  const messages: Read[] = [];
  let at = 0;
  let begin = 0;
  const take = (length: number) => {
    if (!(at + length <= text.length)) throw new Error('unfinished');
    at += length;
    return text.slice(at - length, at);
  };
  const line = (pattern: RegExp): string[] => {
    const line = take(text.indexOf('\r\n', at) < 0 ? Number.NaN : text.indexOf('\r\n', at) - at);
    const found = pattern.exec(line);
    if (found === null) throw new Error(`no line of HTTP: ${JSON.stringify(line)}`);
    take(2);
    return found.slice(1);
  };
  const fields = (): Pair[] => {
    const [name, value = ''] = line(fieldLine);
    return name === undefined ? [] : [[name, value], ...fields()];
  };
  const chunks = (): string => {
    const data = take(Number.parseInt(line(chunkLine)[0] ?? '', 16));
    if (data === '') return '';
    line(/^$/);
    return data + chunks();
  };
  try {
    for (; at < text.length; begin = at) {
      while (startLine === requestLine && /^[\r\n]/.test(text.slice(at, at + 1))) at++; // RFC 9112 §2.2
      const start = line(startLine);
      const head = fields();
      const framing = head.filter(([name]) => /^(?:content-length|transfer-encoding)$/i.test(name)).map(String);
      if (framing.length > 1 || !/^(?:content-length,\d+|transfer-encoding,chunked)?$/i.test(framing.join()))
        throw new Error(`framed by ${framing.join(' and ')}`);
      const length = unframed(start);
      const isChunked = length !== undefined && /^t/i.test(framing.join());
      const given = length !== undefined && framing.length > 0 ? Number(framing.join().split(',')[1]) : (length ?? 0);
      const body = isChunked ? chunks() : take(given === Number.POSITIVE_INFINITY ? text.length - at : given);
      messages.push({ start, fields: head, body, trailers: isChunked ? fields() : [] });
    }
  } catch (thrown) {
    const defect = String(thrown).replace(/^Error: (?:unfinished$)?/, '');
    return { messages, rest: text.slice(begin), defect: defect === '' ? undefined : defect };
  }
  return { messages, rest: '', defect: undefined };
}
