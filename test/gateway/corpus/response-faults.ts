import type { ResponseCase } from './case.js';
import { answer, chunkedAnswer as chunked, get, lastChunk as last, request, shown } from './case.js';

/** Answers whose end is in doubt, or does not come. */

const hello = '5\r\nhello\r\n';
const head = request('HEAD /x HTTP/1.1');
const old = request('GET /x HTTP/1.0');

const invalid = (name: string, bytes: string, asked = get()): ResponseCase => ({
  name,
  bytes,
  request: asked,
  expect: 'upstream_invalid',
});

const cut = (name: string, bytes: string, ending: ResponseCase['ending'], asked = get()): ResponseCase => ({
  name,
  bytes,
  request: asked,
  ending,
  expect: 'cut',
});

/** The fault is behind the head: where it has come with it in one read, the client need not see either. */
const broken = (name: string, bytes: string, asked = get()): ResponseCase => ({
  name,
  bytes,
  request: asked,
  expect: ['cut', 'upstream_invalid'],
});

const badFraming: readonly ResponseCase[] = [
  ...[
    '+5',
    '-1',
    '0x5',
    '5_0',
    '5 0',
    '5abc',
    '',
    '"5"',
    '5, 5',
    '5,5',
    '5, 6',
    '5,',
    '\xa05',
    '10000000000000000000',
  ].map((value) => invalid(`the Content-Length ${shown(value)}`, answer([`Content-Length: ${value}`], 'hello'))),
  ...[
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'identity',
    'xchunked',
    '"chunked"',
    'chunked;q=1',
    'chunked,',
    '',
    'chunked\x0b',
    '\xa0chunked',
  ].map((value) =>
    invalid(`the Transfer-Encoding ${shown(value)}`, answer([`Transfer-Encoding: ${value}`], `${hello}${last}`)),
  ),
  invalid('Content-Length twice, the same', answer(['Content-Length: 5', 'Content-Length: 5'], 'hello')),
  invalid('Content-Length twice', answer(['Content-Length: 5', 'content-length: 6'], 'hello!')),
  invalid(
    'Content-Length and Transfer-Encoding',
    answer(['Content-Length: 5', 'Transfer-Encoding: chunked'], `${hello}${last}`),
  ),
  invalid(
    'Transfer-Encoding and Content-Length',
    answer(['Transfer-Encoding: chunked', 'Content-Length: 5'], `${hello}${last}`),
  ),
  invalid('both, to HEAD', answer(['Content-Length: 5', 'Transfer-Encoding: chunked']), head),
  invalid(
    'Transfer-Encoding twice',
    answer(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `${hello}${last}`),
  ),
  invalid('Transfer-Encoding in HTTP/1.0', chunked(`${hello}${last}`, 'HTTP/1.0 200 OK')),
];

const badChunks = [
  '0x5\r\nhello\r\n',
  '+5\r\nhello\r\n',
  '-1\r\nhello\r\n',
  '5_0\r\nhello\r\n',
  '\r\nhello\r\n',
  '5 \r\nhello\r\n',
  ' 5\r\nhello\r\n',
  '5\0\r\nhello\r\n',
  'z\r\nhello\r\n',
  '00000000000000005\r\nhello\r\n',
  'ffffffffffffffff\r\nhello\r\n',
  '5\nhello\r\n',
  '5\rhello\r\n',
  '5\r\nhello',
  '5\r\nhello\n',
  '5\r\nhello!\r\n',
  '5\r\nhello\r\n\r\n',
  '5;a=\0\r\nhello\r\n',
  '5;a\nb\r\nhello\r\n',
  `5;${'x'.repeat(5_000)}\r\nhello\r\n`,
].map((chunk) => broken(`the chunk ${shown(chunk)}`, chunked(`${hello}${chunk}${last}`)));

const badTrailers = [
  'X-A\r\n',
  'X-A : 1\r\n',
  'X-A: 1\r\n 2\r\n',
  'X-A: \0\r\n',
  'X-A: 1\n',
  'HTTP/1.1 200 OK\r\n',
].map((trailer) => broken(`the trailer ${shown(trailer)}`, chunked(`${hello}0\r\n${trailer}\r\n`)));

const short: readonly ResponseCase[] = (['ends', 'resets'] as const).flatMap((ending) => [
  cut(`a body that is shorter than its length, and then it ${ending}`, answer(['Content-Length: 100'], 'half'), ending),
  cut(`nothing of a body, and then it ${ending}`, answer(['Content-Length: 100']), ending),
  cut(`no last chunk, and then it ${ending}`, chunked(hello), ending),
  cut(`half a chunk, and then it ${ending}`, chunked('5\r\nhel'), ending),
  cut(`half a chunk size, and then it ${ending}`, chunked(`${hello}5`), ending),
  cut(`a last chunk without its end, and then it ${ending}`, chunked(`${hello}0\r\n`), ending),
  cut(`half the trailers, and then it ${ending}`, chunked(`${hello}0\r\nX-A: 1\r\n`), ending),
  cut(`a short body to HTTP/1.0, and then it ${ending}`, answer(['Content-Length: 100'], 'half'), ending, old),
  cut(`no last chunk to HTTP/1.0, and then it ${ending}`, chunked(hello), ending, old),
]);

const cutBodies: readonly ResponseCase[] = [
  ...badChunks,
  ...badTrailers,
  ...short,
  broken('a bad chunk to HTTP/1.0', chunked(`${hello}zz\r\n`), old),
  cut('a body without a length, and then a reset', answer([], 'half'), 'resets'),
  cut('a body without a length to HTTP/1.0, and then a reset', answer([], 'half'), 'resets', old),
];

export const responseFaults: readonly ResponseCase[] = [...badFraming, ...cutBodies];
