import type { RequestCase, SeenRequest } from './case.js';
import { get, hostLine, lastChunk, post, refused, request, shown, smuggled } from './case.js';

/** Where a request ends: lengths, codings, versions, connections and upgrades. */

const chunked = 'Transfer-Encoding: chunked';

const badLengths = [
  '+5',
  '-1',
  '-0',
  '0x5',
  '5_0',
  '5 0',
  '5abc',
  '5.0',
  '5e0',
  '',
  '"5"',
  '5;a=b',
  '5,5',
  '5, 5',
  '5, 6',
  '5,',
  ',5',
  '\x0b5',
  '5\x0b',
  '\xa05',
  '5\xa0',
  '5\0',
  '\xb2',
  '9007199254740993',
  '10000000000000000000',
  '18446744073709551621',
].map((value) => refused(`the Content-Length ${shown(value)}`, post([`Content-Length: ${value}`], 'hello')));

const badCodings = [
  'xchunked',
  'chunkedx',
  'identity',
  '"chunked"',
  "'chunked'",
  'chunked;a=b',
  'chunked; q=1',
  'chunked, gzip',
  'chunked, identity',
  'chunked, chunked',
  'chunked,',
  'gzip',
  '',
  'chunked\x0b',
  '\x0bchunked',
  'chunked\0',
  'chun\0ked',
  '\xa0chunked',
  'chunked\xa0',
  'chunked\x0c',
  'chu nked',
  'c\x08hunked',
].map((value) => refused(`the Transfer-Encoding ${shown(value)}`, post([`Transfer-Encoding: ${value}`], lastChunk)));

const refusedFraming: readonly RequestCase[] = [
  refused('Content-Length and Transfer-Encoding', post(['Content-Length: 5', chunked], lastChunk)),
  refused('Transfer-Encoding and Content-Length', post([chunked, 'Content-Length: 5'], lastChunk)),
  refused('Content-Length: 0 and Transfer-Encoding', post(['Content-Length: 0', chunked], lastChunk)),
  refused('both, and a request in the chunks', post(['Content-Length: 4', chunked], `${lastChunk}${smuggled}`)),
  refused('both on a GET', get(['Content-Length: 5', 'X-A: 1', 'transfer-encoding: CHUNKED'])),
  refused('both, one of them nominated', post(['Connection: Content-Length', 'Content-Length: 5', chunked], lastChunk)),
  refused('both, the coding unknown', post(['Content-Length: 5', 'Transfer-Encoding: identity'], 'hello')),
  refused('Content-Length twice, the same', post(['Content-Length: 5', 'Content-Length: 5'], 'hello')),
  refused('Content-Length twice', post(['Content-Length: 5', 'X-A: 1', 'content-length: 6'], 'hello!')),
  refused('Content-Length: 0 and another', post(['Content-Length: 0', `Content-Length: ${smuggled.length}`], smuggled)),
  ...badLengths,
  ...badCodings,
  refused('Transfer-Encoding: gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], lastChunk), 501),
  ...['identity, chunked', ',chunked', 'x, chunked'].map((value) =>
    refused(`the Transfer-Encoding ${shown(value)}`, post([`Transfer-Encoding: ${value}`], lastChunk), [400, 501]),
  ),
  refused('Transfer-Encoding twice', post([chunked, chunked], lastChunk)),
  refused('Transfer-Encoding twice, one unknown', post([chunked, 'Transfer-Encoding: x'], lastChunk)),
  refused('Transfer-Encoding over two lines', post(['Transfer-Encoding: gzip', chunked], lastChunk)),
  refused('Transfer-Encoding in HTTP/1.0', request('POST /x HTTP/1.0', [chunked], lastChunk)),
  refused(
    'Transfer-Encoding in HTTP/1.0 that would go on',
    request('POST /x HTTP/1.0', ['Connection: keep-alive', chunked], `${lastChunk}${smuggled}`),
  ),
  refused('both in HTTP/1.0', request('POST /x HTTP/1.0', ['Content-Length: 5', chunked], lastChunk)),
];

const upgrade = ['Connection: keep-alive, Upgrade', 'Upgrade: websocket'];

const refusedUpgrades: readonly RequestCase[] = [
  refused('an upgrade with a length', post([...upgrade, 'Content-Length: 5'], 'hello')),
  refused('an upgrade with chunks', post([...upgrade, chunked], `5\r\nhello\r\n${lastChunk}`)),
  refused(
    'a GET to upgrade, with a request for its body',
    request('GET /x HTTP/1.1', [...upgrade, `Content-Length: ${smuggled.length}`], smuggled),
  ),
];

const passes = (
  name: string,
  bytes: string,
  seen: Partial<SeenRequest>,
  more: Partial<RequestCase> = {},
): RequestCase => ({ name, bytes, answer: 'passes', seen: [{ method: 'POST', target: '/x', ...seen }], ...more });

const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];
const noUpgrade = { lacks: ['upgrade', 'http2-settings'] };
const ended = { closes: true } as const;

const bodied = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT', 'PROPFIND'].flatMap((method): RequestCase[] => [
  passes(
    `a body with a length on ${method}`,
    request(`${method} /x HTTP/1.1`, [`Content-Length: ${smuggled.length}`], smuggled),
    { method, body: smuggled },
  ),
  passes(
    `a body in chunks on ${method}`,
    request(`${method} /x HTTP/1.1`, [chunked], `${smuggled.length.toString(16)}\r\n${smuggled}\r\n${lastChunk}`),
    { method, body: smuggled },
  ),
]);

const passing: readonly RequestCase[] = [
  ...bodied,
  passes('a POST without a body', post([]), { body: '' }),
  passes('a POST with Content-Length: 0', post(['Content-Length: 0']), { body: '' }),
  passes('a GET with Content-Length: 0', get(['Content-Length: 0']), { method: 'GET', body: '' }),
  passes('a length with zeros in front', post(['Content-Length: 0005'], 'hello'), { body: 'hello' }),
  passes('a length with white space around it', post(['Content-Length:\t 5 \t'], 'hello'), { body: 'hello' }),
  passes('a body of all bytes', post(['Content-Length: 256'], String.fromCharCode(...Array(256).keys())), {
    body: String.fromCharCode(...Array(256).keys()),
  }),
  passes('chunked in capitals', post(['tRANSFER-eNCODING: CHUNKED'], `5\r\nhello\r\n${lastChunk}`), { body: 'hello' }),
  passes('chunked with white space around it', post(['Transfer-Encoding:\tchunked \t'], `5\r\nhello\r\n${lastChunk}`), {
    body: 'hello',
  }),
  passes('TE is no Transfer-Encoding', get(['TE: chunked']), { method: 'GET', lacks: ['te', 'transfer-encoding'] }),
  {
    name: 'three requests at once',
    bytes: `${post(['Content-Length: 5'], 'hello')}${get()}${post([chunked], `5\r\nworld\r\n${lastChunk}`)}`,
    answer: 'passes',
    seen: [
      { method: 'POST', target: '/x', body: 'hello' },
      { method: 'GET', target: '/x', body: '' },
      { method: 'POST', target: '/x', body: 'world' },
    ],
  },
  passes('Connection: close', get(['Connection: close']), { method: 'GET' }, ended),
  passes('Connection: CLOSE', get(['Connection: CLOSE']), { method: 'GET' }, ended),
  passes('close among others', get(['Connection: keep-alive', 'Connection: x-a ,close']), { method: 'GET' }, ended),
  passes(
    'a body and Connection: close',
    post(['Connection: close', 'Content-Length: 5'], 'hello'),
    { body: 'hello' },
    ended,
  ),
  passes('HTTP/1.0', request('GET /x HTTP/1.0'), { method: 'GET', has: [hostLine] }, ended),
  passes('HTTP/1.0 with a body', request('POST /x HTTP/1.0', ['Content-Length: 5'], 'hello'), { body: 'hello' }, ended),
  passes(
    'HTTP/1.0 to be kept alive',
    request('GET /x HTTP/1.0', ['Connection: Keep-Alive']),
    { method: 'GET' },
    {
      answerHas: ['Connection: keep-alive'],
    },
  ),
  passes(
    'HTTP/1.0 with a body, to be kept alive',
    request('POST /x HTTP/1.0', ['Connection: keep-alive', 'Content-Length: 5'], 'hello'),
    { body: 'hello' },
    { answerHas: ['Connection: keep-alive'] },
  ),
  passes(
    'HTTP/1.0 with keep-alive and close',
    request('GET /x HTTP/1.0', ['Connection: keep-alive, close']),
    { method: 'GET' },
    ended,
  ),
  passes('HTTP/1.0 without Host, by a door', 'GET /x HTTP/1.0\r\n\r\n', { method: 'GET' }, { ...ended, byDoor: true }),
  passes(
    'HTTP/1.0 with Host, by a door',
    request('GET /x HTTP/1.0'),
    { method: 'GET', has: [hostLine] },
    { ...ended, byDoor: true },
  ),
  refused('HTTP/1.0 without Host, by the front door', 'GET /x HTTP/1.0\r\n\r\n', 404),
  passes('a request for h2c', get(h2c), { method: 'GET', ...noUpgrade }),
  passes('a request for h2c with a body', post([...h2c, 'Content-Length: 5'], 'hello'), {
    body: 'hello',
    ...noUpgrade,
  }),
  passes('a request for h2c in chunks', post([...h2c, chunked], `5\r\nhello\r\n${lastChunk}`), {
    body: 'hello',
    ...noUpgrade,
  }),
  passes('a request for H2C in capitals', get(['Connection: upgrade', 'Upgrade: H2C']), {
    method: 'GET',
    ...noUpgrade,
  }),
  passes('an Upgrade that Connection does not name', post(['Upgrade: websocket', 'Content-Length: 5'], 'hello'), {
    body: 'hello',
    ...noUpgrade,
  }),
  passes('a Connection: upgrade to nothing', get(['Connection: upgrade']), { method: 'GET', ...noUpgrade }),
  passes(
    'an upgrade in HTTP/1.0',
    request('GET /x HTTP/1.0', ['Connection: upgrade', 'Upgrade: websocket']),
    { method: 'GET', ...noUpgrade },
    ended,
  ),
  passes(
    'an upgrade that the service does not take, and bytes behind it',
    get(upgrade),
    { method: 'GET', hasAnyhow: ['upgrade: websocket', 'connection: upgrade'] },
    ended,
  ),
  passes(
    'of several protocols, all but h2c',
    get(['Connection: Upgrade', 'Upgrade: h2c, websocket']),
    { method: 'GET', hasAnyhow: ['upgrade: websocket', 'connection: upgrade'] },
    ended,
  ),
];

/** Behind which the client closes its side: no service may take them for whole. */
const cutShort = [
  ['half a head', `POST /x HTTP/1.1\r\n${hostLine}\r\nContent-Le`, ''],
  ['a head without a body', post(['Content-Length: 5']), ''],
  ['half a body', post(['Content-Length: 10'], 'hello'), 'hello'],
  ['a chunk without the last', post([chunked], '5\r\nhello\r\n'), 'hello'],
  ['half a chunk', post([chunked], '5\r\nhel'), 'hel'],
  ['half a chunk size', post([chunked], '5\r\nhello\r\n1'), 'hello'],
  ['a last chunk without its end', post([chunked], '5\r\nhello\r\n0\r\n'), 'hello'],
  ['half the trailers', post([chunked], '5\r\nhello\r\n0\r\nX-A: 1\r\n'), 'hello'],
].map(
  ([name = '', bytes = '', body = '']): RequestCase => ({
    name: `${name}, and no more`,
    bytes,
    isCutShort: true,
    answer: ['nothing', 400],
    seen: [{ method: 'POST', target: '/x', body, isCut: true }],
  }),
);

export const requestFraming: readonly RequestCase[] = [...refusedFraming, ...refusedUpgrades, ...cutShort, ...passing];
