import type { PassedResponse, ResponseCase } from './case.js';
import { answer, chunkedAnswer as chunked, lastChunk as last, request, sizedAnswer as sized } from './case.js';

/** Where answers end, what may come in front of them, and what must not come behind. */

const hello = '5\r\nhello\r\n';
const head = request('HEAD /x HTTP/1.1');
const old = request('GET /x HTTP/1.0');
const oldKeptAlive = request('GET /x HTTP/1.0', ['Connection: keep-alive']);

const invalid = (name: string, bytes: string): ResponseCase => ({ name, bytes, expect: 'upstream_invalid' });

const passes = (
  name: string,
  bytes: string,
  expected: Partial<PassedResponse>,
  more: Partial<ResponseCase> = {},
): ResponseCase => ({ name, bytes, expect: { status: 200, body: '', ...expected }, ...more });

const noLength = { lacks: ['content-length', 'transfer-encoding'] };

const bodies: readonly ResponseCase[] = [
  passes('a body of a length', sized('hello'), { body: 'hello', has: ['Content-Length: 5'] }),
  passes('a length of nothing', sized(''), { has: ['Content-Length: 0'] }),
  passes('chunks', chunked(`${hello}6\r\n world\r\n${last}`), { body: 'hello world' }),
  passes('no chunk but the last', chunked(last), {}),
  passes('chunks with extensions, capitals and zeros', chunked(`0A;a=b;c="d;e"\r\n0123456789\r\n00;f\r\n\r\n`), {
    body: '0123456789',
  }),
  passes('chunked in capitals', answer(['TRANSFER-ENCODING:\tChunked '], `${hello}${last}`), { body: 'hello' }),
  passes(
    'trailers',
    answer(['Trailer: X-Sum', 'Transfer-Encoding: chunked'], `${hello}0\r\nX-Sum: 7\r\nX-Sum:  8\r\n\r\n`),
    {
      body: 'hello',
      has: ['Trailer: X-Sum'],
      trailers: ['X-Sum: 7', 'X-Sum: 8'],
    },
  ),
  passes(
    'trailers that would mean something are dropped',
    chunked(
      `${hello}0\r\n${['Content-Length: 9', 'Transfer-Encoding: chunked', 'Set-Cookie: a=1', 'Content-Type: text/html', 'Connection: close', 'X-Kept: 1'].join('\r\n')}\r\n\r\n`,
    ),
    { body: 'hello', trailers: ['X-Kept: 1'] },
  ),
  passes(
    'a body that ends with the connection',
    answer([], 'hello'),
    { body: 'hello', has: ['Transfer-Encoding: chunked'] },
    { ending: 'ends' },
  ),
  passes('nothing that ends with the connection', answer([]), {}, { ending: 'ends' }),
  passes(
    'a body of HTTP/1.0',
    answer([], 'hello', 'HTTP/1.0 200 OK'),
    { body: 'hello', has: ['Via: 1.0 mesh-shop'] },
    { ending: 'ends' },
  ),
  passes('a length in HTTP/1.0, which stays open', sized('hello', 'HTTP/1.0 200 OK'), { body: 'hello' }),
  passes('a length, and then it ends', sized('hello'), { body: 'hello' }, { ending: 'ends' }),
  passes('HEAD with a length', answer(['Content-Length: 5']), { has: ['Content-Length: 5'] }, { request: head }),
  passes('HEAD with chunks', answer(['Transfer-Encoding: chunked']), noLength, { request: head }),
  passes('HEAD with neither', answer([]), { lacks: ['content-length'] }, { request: head }),
  passes('204', answer([], '', 'HTTP/1.1 204 No Content'), { status: 204, ...noLength }),
  passes('204 with a length', answer(['Content-Length: 0'], '', 'HTTP/1.1 204 No Content'), {
    status: 204,
    ...noLength,
  }),
  passes('204 with a length of more', answer(['Content-Length: 5'], '', 'HTTP/1.1 204 No Content'), {
    status: 204,
    ...noLength,
  }),
  passes('204 with chunks', answer(['Transfer-Encoding: chunked'], '', 'HTTP/1.1 204 No Content'), {
    status: 204,
    ...noLength,
  }),
  passes('304 with a length', answer(['Content-Length: 5', 'ETag: "x"'], '', 'HTTP/1.1 304 Not Modified'), {
    status: 304,
    has: ['Content-Length: 5', 'ETag: "x"'],
  }),
  passes('304 with chunks', answer(['Transfer-Encoding: chunked'], '', 'HTTP/1.1 304 Not Modified'), {
    status: 304,
    ...noLength,
  }),
  passes(
    'chunks to HTTP/1.0',
    chunked(`${hello}${last}`),
    { body: 'hello', closes: true, ...noLength },
    { request: old },
  ),
  passes(
    'chunks to HTTP/1.0 that would be kept alive',
    chunked(`${hello}${last}`),
    { body: 'hello', closes: true, ...noLength },
    { request: oldKeptAlive },
  ),
  passes(
    'trailers to HTTP/1.0',
    chunked(`${hello}0\r\nX-Sum: 7\r\n\r\n`),
    { body: 'hello', closes: true, ...noLength },
    { request: old },
  ),
  passes(
    'a body that ends with the connection to HTTP/1.0',
    answer([], 'hello'),
    { body: 'hello', closes: true, ...noLength },
    { request: old, ending: 'ends' },
  ),
  passes(
    'a length to HTTP/1.0',
    sized('hello'),
    { body: 'hello', has: ['Content-Length: 5'], closes: true },
    { request: old },
  ),
  passes(
    'a length to HTTP/1.0 that is kept alive',
    sized('hello'),
    { body: 'hello', has: ['Connection: keep-alive'] },
    { request: oldKeptAlive },
  ),
];

const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
const processing = 'HTTP/1.1 102 Processing\r\n\r\n';
const hinted = { body: 'ok', interimHas: ['Link: </a.css>; rel=preload'] };

const interims: readonly ResponseCase[] = [
  passes('a 103', `${hints}${sized('ok')}`, { ...hinted, interims: [103] }),
  passes('a 103 and a 102', `${hints}${processing}${sized('ok')}`, { ...hinted, interims: [103, 102] }),
  passes('200 times 102', `${processing.repeat(200)}${sized('ok')}`, { body: 'ok' }),
  passes('a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${sized('ok')}`, { body: 'ok' }),
  passes('a 1xx that nobody knows', `HTTP/1.1 199 Odd\r\nX-A: 1\r\n\r\n${sized('ok')}`, { body: 'ok' }),
  passes('a 103 to HTTP/1.0', `${hints}${sized('ok')}`, { body: 'ok', interims: [], closes: true }, { request: old }),
  passes('a 103 to HEAD', `${hints}${answer(['Content-Length: 5'])}`, { interims: [103] }, { request: head }),
  passes('a 103 in front of chunks', `${hints}${chunked(`${hello}${last}`)}`, { body: 'hello', interims: [103] }),
  passes(
    'a 103 with a field for its connection',
    `${hints.replace('Link', 'Connection: x-a\r\nX-A: 1\r\nLink')}${sized('ok')}`,
    { ...hinted, interims: [103] },
  ),
  invalid('garbage behind a 103', `${hints}garbage\r\n\r\n`),
  invalid('a 101 behind a 100', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n\r\n`),
  invalid('a control in a 103', hints.replace('preload', 'pre\0load')),
  { name: 'a 103, and then it ends', bytes: hints, ending: 'ends', expect: ['upstream_reset', 'upstream_invalid'] },
];

const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';
const surplus = { hasSurplus: true } as const;

const behind: readonly ResponseCase[] = [
  passes('bytes behind a length', `${sized('ok')} and more`, { body: 'ok', ...surplus }),
  passes('an answer behind a length', `${sized('ok')}${poison}`, { body: 'ok', ...surplus }),
  passes('a 100 behind an answer', `${sized('ok')}HTTP/1.1 100 Continue\r\n\r\n`, { body: 'ok', ...surplus }),
  passes('a CRLF behind a length', `${sized('ok')}\r\n`, { body: 'ok', ...surplus }),
  passes('an answer behind a length of nothing', `${sized('')}${poison}`, { ...surplus }),
  passes('an answer behind chunks', `${chunked(`${hello}${last}`)}${poison}`, { body: 'hello', ...surplus }),
  passes('a last chunk too many', `${chunked(`${hello}${last}`)}${last}`, { body: 'hello', ...surplus }),
  passes('a body to HEAD', sized('hello'), surplus, { request: head }),
  passes('an answer behind that to HEAD', `${answer(['Content-Length: 5'])}${poison}`, surplus, { request: head }),
  passes('chunks to HEAD', chunked(`${hello}${last}`), surplus, { request: head }),
  passes('a body behind a 204', answer([], 'what?', 'HTTP/1.1 204 No Content'), { status: 204, ...surplus }),
  passes('a body behind a 204 with a length', sized('what?', 'HTTP/1.1 204 No Content'), { status: 204, ...surplus }),
  passes('a last chunk behind a 204', chunked(last, 'HTTP/1.1 204 No Content'), { status: 204, ...surplus }),
  passes('a body behind a 304', sized('what?', 'HTTP/1.1 304 Not Modified'), { status: 304, ...surplus }),
  passes('an answer behind a 304', `${answer([], '', 'HTTP/1.1 304 Not Modified')}${poison}`, {
    status: 304,
    ...surplus,
  }),
];

export const responseBodies: readonly ResponseCase[] = [...bodies, ...interims, ...behind];
