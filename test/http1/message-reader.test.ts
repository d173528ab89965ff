import { expect, test } from 'vitest';
import type { Framing } from '../../src/http1/framing.js';
import { requestFraming, responseFraming } from '../../src/http1/framing.js';
import { MessageReader } from '../../src/http1/message-reader.js';
import type { RequestHead } from '../../src/http1/request-head.js';
import { checkHost, parseRequestHead } from '../../src/http1/request-head.js';
import type { ResponseHead } from '../../src/http1/response-head.js';
import { parseResponseHead } from '../../src/http1/response-head.js';
import { Violation } from '../../src/http1/violation.js';

/** What was read of one direction of a connection, in words. */
interface Log {
  readonly said: string[];
  readonly reader: { push(bytes: Buffer): void; endOfInput(): string };
}

function requests(): Log {
  return logged<RequestHead>(
    { parse: parseRequestHead, maxBytes: 1_000, mayBeginEmpty: true },
    ({ method, target, version, fields }) => `${method} ${target} ${version} ${JSON.stringify([...fields].flat())}`,
    (head) => {
      checkHost(head);
      return requestFraming(head);
    },
  );
}

function responses(method = 'GET'): Log {
  return logged<ResponseHead>(
    { parse: parseResponseHead, maxBytes: 1_000, mayBeginEmpty: false },
    ({ status, reason, version, fields }) => `${status} ${reason} ${version} ${JSON.stringify([...fields].flat())}`,
    (head) => responseFraming(method, head),
  );
}

function logged<Head>(
  grammar: ConstructorParameters<typeof MessageReader<Head>>[0],
  describe: (head: Head) => string,
  framing: (head: Head) => Framing,
): Log {
  const said: string[] = [];
  let body = '';
  const reader = new MessageReader<Head>(grammar, {
    head(head) {
      said.push(describe(head));
      body = '';
      return framing(head);
    },
    data(bytes) {
      body += bytes.toString('latin1');
    },
    end(trailers) {
      said.push(`<${body}>${JSON.stringify([...trailers].flat())}`);
      reader.next();
    },
  });
  return { said, reader };
}

test('a head ends where it ends, however long it is, and what follows is its body', () => {
  for (let length = 990; length < 1_060; length++) {
    const reader = logged<RequestHead>(
      { parse: parseRequestHead, maxBytes: 2_000, mayBeginEmpty: true },
      ({ fields }) => `${fields.get('x')?.length}`,
      requestFraming,
    );
    const head = `PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nX: ${'x'.repeat(length)}\r\n\r\n`;
    reader.reader.push(Buffer.from(`${head}\r\n\r\n..`));
    expect(reader.said).toEqual([String(length), '<\r\n\r\n..>[]']);
  }
});

/** The bytes in one piece, and cut in two at each place. */
function* waysToArrive(text: string): Generator<Buffer[]> {
  const bytes = Buffer.from(text, 'latin1');
  yield [bytes];
  yield Array.from(bytes, (byte) => Buffer.of(byte));
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

const host = '"Host","a"';

test.each([
  ['a request without a body', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', [`GET / 1.1 [${host}]`, '<>[]']],
  ['an empty line in front', '\r\n\r\nGET / HTTP/1.0\r\n\r\n', ['GET / 1.0 []', '<>[]']],
  [
    'a body with a length, and what follows it',
    'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n',
    [`POST /x 1.1 [${host},"Content-Length","3"]`, '<abc>[]', `GET / 1.1 [${host}]`, '<>[]'],
  ],
  [
    'chunks, extensions and trailers',
    'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;x="y"\r\nabc\r\n00a ; z\r\n0123456789\r\n0;last\r\nX-Sum: 7\r\n\r\n',
    [`PUT / 1.1 [${host},"Transfer-Encoding","Chunked"]`, '<abc0123456789>["X-Sum","7"]'],
  ],
  [
    'odd but legal fields',
    "M-SEARCH * HTTP/1.1\r\nHost: a\r\n!#$%&'*+.^_`|~:\t x \t\r\nEmpty:\r\nX: caf\xe9\r\nX: \x80\r\n\r\n",
    [`M-SEARCH * 1.1 [${host},"!#$%&'*+.^_\`|~","x","Empty","","X","caf\xe9","X","\x80"]`, '<>[]'],
  ],
])('%s is read the same in whatever pieces it arrives', (_name, text, expected) => {
  for (const pieces of waysToArrive(text)) {
    const { said, reader } = requests();
    for (const piece of pieces) reader.push(piece);
    expect(said).toEqual(expected);
    expect(reader.endOfInput()).toBe('between-messages');
  }
});

test.each([
  ['with a length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'between-messages', '<ok>[]'],
  [
    'in chunks',
    'GET',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'between-messages',
    '<ok>[]',
  ],
  ['until the end', 'GET', 'HTTP/1.0 200 OK\r\n\r\nok and more', 'whole', '<ok and more>[]'],
  ['to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'between-messages', '<>[]'],
  ['204', 'GET', 'HTTP/1.1 204\r\n\r\n', 'between-messages', '<>[]'],
  ['304', 'GET', 'HTTP/1.1 304 \r\nContent-Length: 2\r\n\r\n', 'between-messages', '<>[]'],
  [
    '103 and then 200',
    'GET',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'between-messages',
    '<>[]',
  ],
  ['too short', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok', 'broken-off', undefined],
  [
    'without its last chunk',
    'GET',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n',
    'broken-off',
    undefined,
  ],
  ['with half a head', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n', 'broken-off', undefined],
])('an answer %s ends where it ends', (_name, method, text, how, last) => {
  for (const pieces of waysToArrive(text)) {
    const { said, reader } = responses(method);
    for (const piece of pieces) reader.push(piece);
    expect(reader.endOfInput()).toBe(how);
    if (last !== undefined) expect(said.at(-1)).toBe(last);
    else expect(said.filter((each) => each.startsWith('<'))).toEqual([]);
  }
});

function shorten(text: string): string {
  return text.length < 120 ? text : `${text.slice(0, 117)}…`;
}

const post = (lines: string, body = '') => `POST / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n${body}`;
const chunks = (body: string) => post('Transfer-Encoding: chunked', body);

test.each(
  [
    ['malformed', post('Content-Length: 3\r\nTransfer-Encoding: chunked')],
    ['malformed', post('Content-Length: 3\r\ncontent-length: 3')],
    ...['+5', '-1', '0x5', '5_0', '5 0', '5,5', '5abc', '', '"5"', '99999999999999999999', '5\u00a0'].map((length) => [
      'malformed',
      post(`Content-Length: ${length}`),
    ]),
    ...[
      'xchunked',
      'identity',
      '"chunked"',
      'chunked;a=b',
      'chunked, gzip',
      'gzip',
      '',
      'chunked, chunked',
      'chunked,',
      '\u00a0chunked',
    ].map((coding) => ['malformed', post(`Transfer-Encoding: ${coding}`)]),
    ['malformed', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
    ['coding', post('Transfer-Encoding: gzip, chunked')],
    ['malformed', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ...[
      'X : 1',
      'X\t: 1',
      ' X: 1',
      ': 1',
      'X',
      'X\x00: 1',
      'X: a\x00b',
      'X: a\x7fb',
      'X: a\rb',
      'X: a\nb',
      'X: 1\r\n folded',
      'X\xe9: 1',
      'X(: 1',
    ].map((line) => ['malformed', post(line)]),
    ...[
      'GET /',
      'GET / HTTP/1.1 ',
      'GET  / HTTP/1.1',
      ' GET / HTTP/1.1',
      'GET / http/1.1',
      'GET / HTTP/1.10',
      'GET /a b HTTP/1.1',
      'GET /\x1b HTTP/1.1',
      'GET /\xe9 HTTP/1.1',
      'G@T / HTTP/1.1',
      'GET / HTTP/1.1\rX: 1',
    ].map((line) => ['malformed', `${line}\r\nHost: a\r\n\r\n`]),
    ['malformed', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['malformed', 'GET / HTTP/1.1\n'],
    ['malformed', '\x16\x03\x01\x02'],
    ['version', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
    ['version', 'GET / HTTP/1.2\r\nHost: a\r\n\r\n'],
    ['malformed', 'GET / HTTP/1.1\r\n\r\n'],
    ['malformed', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    ...['a b', 'a@b', 'a/b', 'a,b', 'a:b', '[::1'].map((name) => [
      'malformed',
      `GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`,
    ]),
    ['head-too-large', post(Array.from({ length: 100 }, (_, at) => `X${at}: 1`).join('\r\n'))],
    ['head-too-large', post(`X: ${'x'.repeat(1_000)}`)],
    ['target-too-long', `GET /${'x'.repeat(1_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ...[
      '0x5\r\n',
      '+5\r\n',
      '-1\r\n',
      '5_0\r\n',
      '\r\n',
      ';x\r\n',
      '5 \r\n',
      ' 5\r\n',
      '12345678901234\r\n',
      '5\n',
      '5\rx',
      '5;\x00\r\n',
      `5;${'x'.repeat(2_000)}\r\n`,
    ].map((size) => ['malformed', chunks(size)]),
    ...[
      '5\r\nabcdeX',
      '5\r\nabcde\n',
      '5\r\nabcdefg\r\n',
      '0\r\nGET / HTTP/1.1\r\n',
      '0\r\n X: 1\r\n',
      '0\r\nX : 1\r\n',
      '0\r\nX: 1\n',
      `0\r\n${`X: ${'x'.repeat(500)}\r\n`.repeat(40)}`,
    ].map((rest) => ['malformed', chunks(rest)]),
  ].map(([kind = '', text = '']) => ({ kind, text, shown: shorten(JSON.stringify(text)) })),
)('$kind: $shown is refused, in whatever pieces it arrives', ({ kind, text }) => {
  for (const pieces of waysToArrive(text)) {
    const { said, reader } = requests();
    const read = () => {
      for (const piece of pieces) reader.push(piece);
    };
    expect(read).toThrow(expect.objectContaining({ constructor: Violation, kind }));
    expect(said.filter((each) => each.startsWith('<'))).toEqual([]);
  }
});

test.each([
  'SSH-2.0-OpenSSH_9.2\r\n',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1 9999 Odd\r\n\r\n',
  'HTTP/1.1 099 Odd\r\n\r\n',
  'HTTP/1.1 20\r\n\r\n',
  'HTTP/1.1 2x0 OK\r\n\r\n',
  'HTTP/1.1 200 O\x01K\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 204 No\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n',
  '\r\nHTTP/1.1 200 OK\r\n\r\n',
])('%j is no answer, in whatever pieces it arrives', (text) => {
  for (const pieces of waysToArrive(text)) {
    const { reader } = responses();
    const read = () => {
      for (const piece of pieces) reader.push(piece);
    };
    expect(read).toThrow(Violation);
  }
});

test('what follows a message waits until it is asked for, and can be taken back', () => {
  const ends: string[] = [];
  const reader = new MessageReader<RequestHead>(
    { parse: parseRequestHead, maxBytes: 1_000, mayBeginEmpty: true },
    { head: requestFraming, data: () => {}, end: () => ends.push('end') },
  );
  reader.push(Buffer.from('GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nrest'));
  expect(ends).toHaveLength(1);
  reader.next();
  expect(ends).toHaveLength(2);
  expect(reader.waiting).toBe(4);
  reader.push(Buffer.from(' of it'));
  expect(reader.takeRest().toString()).toBe('rest of it');
  expect(reader.waiting).toBe(0);
});
