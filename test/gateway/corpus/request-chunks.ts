import type { RequestCase } from './case.js';
import { lastChunk as last, post, shown, smuggled } from './case.js';

/** Chunks of requests. What is wrong in them shows when a part of the request may be with the service already. */

const chunked = (body: string, lines: readonly string[] = []) => post(['Transfer-Encoding: chunked', ...lines], body);

const hello = '5\r\nhello\r\n';

const broken = (name: string, body: string, most: string, answer: number | readonly number[] = 400): RequestCase => ({
  name,
  bytes: chunked(body),
  answer,
  seen: [{ method: 'POST', target: '/x', body: most, isCut: true }],
});

/** Each as the size of a chunk that holds `hello`, behind one that is right. */
const badSizes = [
  '0x5',
  '+5',
  '-1',
  '-5',
  '5_0',
  '',
  ' ',
  '5 ',
  ' 5',
  '5\t',
  '\t5',
  '5 5',
  '5g',
  '"5"',
  '5,',
  '5.',
  '\xb5',
  '5\0',
  '5\x0b',
  '5\xa0',
  '00000000000000005',
  '10000000000000005',
  'ffffffffffffffff',
  `${'0'.repeat(5_000)}5`,
  '5;a\0b',
  '5;a=\x01',
  '5;a=\x7f',
  '5;a="\0"',
  '5;a\rb',
  '5;a\nb',
  `5;a="${'x'.repeat(5_000)}"`,
  `5;${'x'.repeat(100_000)}`,
  `5${';a'.repeat(3_000)}`,
].map((size) => broken(`the chunk size ${shown(size)}`, `${hello}${size}\r\nhello\r\n${last}`, 'hello'));

/** As a chunk, behind one that is right; the service sees no more of it than `hello`. */
const badChunks: ReadonlyArray<readonly [name: string, chunk: string]> = [
  ['a size line that ends in LF', '5\nhello\r\n'],
  ['a size line that ends in CR', '5\rhello\r\n'],
  ['a size line that ends in CR CR LF', '5\r\r\nhello\r\n'],
  ['a size line with an extension that ends in LF', '5;a\nhello\r\n'],
  ['a size line with a quoted extension that ends in LF', '5;a="b\nhello\r\n'],
  ['no CRLF behind the data', '5\r\nhello'],
  ['LF behind the data', '5\r\nhello\n'],
  ['CR behind the data', '5\r\nhello\r'],
  ['LF CR behind the data', '5\r\nhello\n\r'],
  ['two CRLFs behind the data', '5\r\nhello\r\n\r\n'],
  ['two bytes in the place of the CRLF', '5\r\nhelloXX'],
  ['data longer than its size', '5\r\nhello!\r\n'],
];

/** Behind the last chunk's own line. */
const badTrailers: ReadonlyArray<readonly [name: string, trailers: string]> = [
  ['a request line in the place of a trailer', 'GET /smuggled HTTP/1.1\r\n\r\n'],
  ['a request in the place of trailers', smuggled],
  ['an absolute request line in the place of a trailer', 'GET http://orders.localhost/smuggled HTTP/1.1\r\n\r\n'],
  ['a trailer without a colon', 'X-A\r\n\r\n'],
  ['a trailer without a name', ': 1\r\n\r\n'],
  ['a trailer with a space before its colon', 'X-A : 1\r\n\r\n'],
  ['a trailer with a NUL', 'X-A: \0\r\n\r\n'],
  ['a trailer with a bare CR', 'X-A: 1\rX-B: 2\r\n\r\n'],
  ['a folded trailer', 'X-A: 1\r\n 2\r\n\r\n'],
  ['a space in front of the first trailer', ' X-A: 1\r\n\r\n'],
  ['a trailer that ends in LF', 'X-A: 1\n\r\n'],
  ['trailers that end in LF', 'X-A: 1\r\n\n'],
  ['a last chunk that ends in LF', '\n'],
  ['CR LF CR in trailers', '\rX-A: 1\r\n\r\n'],
];

const passes = (name: string, body: string, seen: string, trailers: readonly string[] = []): RequestCase => ({
  name,
  bytes: chunked(body),
  answer: 'passes',
  seen: [{ method: 'POST', target: '/x', body: seen, trailers }],
});

const passing: readonly RequestCase[] = [
  passes('two chunks', `${hello}6\r\n world\r\n${last}`, 'hello world'),
  passes('no chunk but the last', last, ''),
  passes('a chunk that holds chunks', `f\r\n${hello}${last}\r\n${last}`, `${hello}${last}`),
  passes('a chunk that holds a request', `${smuggled.length.toString(16)}\r\n${smuggled}\r\n${last}`, smuggled),
  passes('a size in lower case', `a\r\n0123456789\r\n${last}`, '0123456789'),
  passes('a size in capitals', `A\r\n0123456789\r\n${last}`, '0123456789'),
  passes('zeros in front of the size', `0005\r\nhello\r\n${last}`, 'hello'),
  passes('a last chunk of many zeros', `${hello}000\r\n\r\n`, 'hello'),
  passes('a chunk of 100 KB', `186a0\r\n${'x'.repeat(100_000)}\r\n${last}`, 'x'.repeat(100_000)),
  passes('an extension', `5;a=b\r\nhello\r\n${last}`, 'hello'),
  passes('an extension without a value', `5;a\r\nhello\r\n${last}`, 'hello'),
  passes('several extensions', `5;a;b=c;d="e"\r\nhello\r\n${last}`, 'hello'),
  passes('a quoted extension', `5;a="b;c \\" 5"\r\nhello\r\n${last}`, 'hello'),
  passes('an extension with white space around it', `5 ; a = b\r\nhello\r\n${last}`, 'hello'),
  passes('an extension of the last chunk', `${hello}0;a=b\r\n\r\n`, 'hello'),
  passes('trailers', `${hello}0\r\nX-Sum: 7\r\nx-b:  caf\xe9 \r\nX-Sum: 8\r\n\r\n`, 'hello', [
    'X-Sum: 7',
    'x-b: caf\xe9',
    'X-Sum: 8',
  ]),
  passes(
    'trailers that would mean something are dropped',
    `${hello}0\r\n${[
      'Content-Length: 40',
      'Transfer-Encoding: chunked',
      'Host: web.localhost',
      'Authorization: Basic eDp5',
      'Cookie: a=1',
      'Connection: X-Sum',
      'Proxy-Authorization: Basic eDp5',
      'X-Forwarded-For: 6.6.6.6',
      'Via: 1.1 edge',
      'Content-Type: text/html',
      'Trailer: X-Sum',
      'Upgrade: websocket',
      'TE: trailers',
      'X-Kept: 1',
    ].join('\r\n')}\r\n\r\n`,
    'hello',
    ['X-Kept: 1'],
  ),
];

export const requestChunks: readonly RequestCase[] = [
  ...badSizes,
  ...badChunks.map(([name, chunk]) => broken(name, `${hello}${chunk}${last}`, 'hellohello')),
  ...badTrailers.map(([name, trailers]) => broken(name, `${hello}0\r\n${trailers}`, 'hello')),
  broken('a quoted extension that goes on in the next line', `${hello}5;a="\r\n"\r\nhello\r\n${last}`, 'hello"\r\nhe'),
  broken('a first chunk that is none', `hello\r\n${last}`, ''),
  broken('a CRLF in front of the first chunk', `\r\n${hello}${last}`, ''),
  broken('data shorter than its size', `5\r\nhell\r\n${last}`, 'hell\r'),
  broken('a body that is not chunked', smuggled, ''),
  broken('trailers of 20 KB', `${hello}0\r\nX-A: ${'x'.repeat(20_000)}\r\n\r\n`, 'hello', [400, 431]),
  ...passing,
];
