import type { RequestCase, SeenRequest } from './case.js';
import { get, hostLine, post, refused, request, shown, smuggled } from './case.js';

/** Field lines: what is no field, how many and how large they may be, and which of them the service gets to see. */

/** A head with these bytes as one of its lines, CRLF and all. */
const withBytes = (bytes: string) => `GET /x HTTP/1.1\r\n${hostLine}\r\n${bytes}X-Last: 1\r\n\r\n`;

const badNames = [
  'X-A ',
  'X-A\t',
  'X A',
  '',
  ' ',
  'X(A',
  'X/A',
  'X@A',
  'X[A',
  'X{A',
  'X"A',
  'X;A',
  'X=A',
  'X,A',
  'X\\A',
  'X?A',
  'caf\xe9',
  'X\0A',
  'X\x01A',
  'X\x0bA',
  'X\x7fA',
  'X\rA',
  'X\nA',
  'Content-Length\x0b',
  'Transfer-Encoding\0',
  'Transfer-Encoding ',
  'Host ',
];

const badValues = [
  'a\0b',
  '\0',
  'a\x01b',
  'a\x08b',
  'a\x0bb',
  'a\x0cb',
  'a\x1b[2Jb',
  'a\x7fb',
  'a\rb',
  'a\r',
  '\r',
  '\r\rb',
];

const badLines: ReadonlyArray<readonly [name: string, bytes: string]> = [
  ['a line without a colon', withBytes('X-A\r\n')],
  ['a line folded with a space', withBytes('X-A: 1\r\n 2\r\n')],
  ['a line folded with a tab', withBytes('X-A: 1\r\n\t2\r\n')],
  ['a line folded into nothing', withBytes('X-A: 1\r\n \r\n')],
  ['a folded Host', `GET /x HTTP/1.1\r\nHost:\r\n orders.localhost\r\n\r\n`],
  ['a folded Transfer-Encoding', post(['Transfer-Encoding:', ' chunked'], '0\r\n\r\n')],
  ['a space in front of the first field', `GET /x HTTP/1.1\r\n ${hostLine}\r\n\r\n`],
  ['a tab in front of the first field', `GET /x HTTP/1.1\r\n\tX-A: 1\r\n${hostLine}\r\n\r\n`],
  ['a space in front of the last field', withBytes(' ')],
  ['a line of a space at the end', `GET /x HTTP/1.1\r\n${hostLine}\r\n \r\n\r\n`],
  ['a request line that ends in LF', `GET /x HTTP/1.1\n${hostLine}\r\n\r\n`],
  ['a request line that ends in CR', `GET /x HTTP/1.1\r${hostLine}\r\n\r\n`],
  ['a field line that ends in LF', withBytes('X-A: 1\n')],
  ['a field line that ends in CR', withBytes('X-A: 1\r')],
  ['a field line that ends in CR CR LF', withBytes('X-A: 1\r\r\n')],
  ['a field line that ends in LF CR', withBytes('X-A: 1\n\r')],
  ['a head that ends in a bare LF', `GET /x HTTP/1.1\r\n${hostLine}\r\n\n`],
  ['a head that ends in LF CR LF', `GET /x HTTP/1.1\r\n${hostLine}\n\r\n`],
  ['a head that ends in a bare CR', `GET /x HTTP/1.1\r\n${hostLine}\r\n\r`],
  ['CR LF CR and a field', `GET /x HTTP/1.1\r\n${hostLine}\r\n\rX-A: 1\r\n\r\n`],
  ['CR LF CR and a Transfer-Encoding', post(['Content-Length: 5', '\rTransfer-Encoding: chunked'], '0\r\n\r\n')],
  ['a request in a value, behind LF LF', withBytes(`X-A: 1\n\n${smuggled}`)],
  ['a request in a value, behind CR CR', withBytes(`X-A: 1\r\r${smuggled}`)],
];

const numbered = (count: number, value = '1') => Array.from({ length: count }, (_, at) => `X-${at}: ${value}`);

const tooLarge: readonly RequestCase[] = [
  refused('101 fields', get(numbered(100)), 431),
  refused('5,000 fields', get(numbered(5_000)), 431),
  refused('101 lines of one name', get(Array.from({ length: 100 }, () => 'X: ')), 431),
  refused('a Content-Length behind 3,000 fields', post([...numbered(3_000), 'Content-Length: 40']), 431),
  refused('a Transfer-Encoding behind 100 fields', post([...numbered(100), 'Transfer-Encoding: chunked']), 431),
  refused('a value of 20 KB', get([`X-A: ${'x'.repeat(20_000)}`]), 431),
  refused('a value of 100 KB', get([`X-A: ${'x'.repeat(100_000)}`]), 431),
  refused('a name of 20 KB', get([`${'x'.repeat(20_000)}: 1`]), 431),
  refused('a value of 20 KB of spaces', get([`X-A:${' '.repeat(20_000)}1`]), 431),
  refused('90 fields of 200 bytes', get(numbered(90, 'x'.repeat(200))), 431),
  refused('a target of 20 KB', request(`GET /${'x'.repeat(20_000)} HTTP/1.1`), 414),
  refused('a target of 100 KB', request(`GET /${'x'.repeat(100_000)} HTTP/1.1`), 414),
  refused('an absolute target of 20 KB', request(`GET http://orders.localhost/${'x'.repeat(20_000)} HTTP/1.1`), 414),
  refused('a method of 20 KB', request(`${'X'.repeat(20_000)} / HTTP/1.1`), [400, 414, 501]),
];

const passes = (
  name: string,
  lines: readonly string[],
  seen: Partial<SeenRequest>,
  more: Partial<RequestCase> = {},
): RequestCase => ({
  name,
  bytes: get(lines),
  answer: 'passes',
  seen: [{ method: 'GET', target: '/x', ...seen }],
  ...more,
});

const kept = ['B: 1', 'a: 2', 'A: 3', 'X-Empty: ', 'Cookie: a=1', 'Cookie: b=2', 'X-Name: caf\xe9 \xff\x80', 'b: 4'];

const passing: readonly RequestCase[] = [
  passes('order, case, duplicates, empty values and bytes above ASCII', kept, { has: [hostLine, ...kept] }),
  passes('names that are members of objects', ['__proto__: x', 'constructor: y', 'toString: z'], {
    has: ['__proto__: x', 'constructor: y', 'toString: z'],
  }),
  passes('every character of a token in a name', ["!#$%&'*+-.^_`|~9aZ: 1"], { has: ["!#$%&'*+-.^_`|~9aZ: 1"] }),
  passes('a name that is nearly Content-Length', ['Content_Length: 40'], { has: ['Content_Length: 40'] }),
  passes('white space around values', ['X-A: \t spaced \t ', 'X-B:tight', 'X-C:\ttab', 'X-D: \t '], {
    has: ['X-A: spaced', 'X-B: tight', 'X-C: tab', 'X-D: '],
  }),
  passes('white space within values', ['X-A: a  b\tc'], { has: ['X-A: a  b\tc'] }),
  passes(
    'white space around the Host',
    ['X-A: 1'],
    { has: [hostLine] },
    { bytes: get().replace('Host: ', 'Host:\t ') },
  ),
  passes('a value that looks like a request', ['X-A: GET /smuggled HTTP/1.1'], {
    has: ['X-A: GET /smuggled HTTP/1.1'],
  }),
  passes('100 fields', numbered(99), { has: numbered(99) }),
  passes('a value of 12 KB', [`X-A: ${'x'.repeat(12_000)}`], { has: [`X-A: ${'x'.repeat(12_000)}`] }),
  passes(
    'what concerns one connection is dropped',
    [
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic eDp5',
      'Upgrade: foo',
      'X-Stays: 1',
    ],
    {
      has: ['X-Stays: 1'],
      lacks: ['keep-alive', 'te', 'proxy-connection', 'proxy-authorization', 'upgrade'],
    },
  ),
  passes(
    'what Connection nominates is dropped, on whichever of its lines and wherever it stands',
    [
      'X-One: 1',
      'Connection: X-One, keep-alive,,x-two',
      'X-TWO: 2',
      'x-three: 3',
      'Connection:\tx-THREE ,',
      'X-Three: 4',
      'X-Stays: 5',
    ],
    { has: ['X-Stays: 5'], lacks: ['x-one', 'x-two', 'x-three'] },
  ),
  {
    name: 'nominating what others rely on has no effect',
    bytes: post(
      [
        'Connection: Host, Content-Length, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, Forwarded, Via',
        'Content-Length: 5',
        'X-Forwarded-For: 6.6.6.6',
        'X-Forwarded-Host: shop.example',
        'X-Forwarded-Proto: https',
        'Via: 1.0 edge',
      ],
      'hello',
    ),
    answer: 'passes',
    seen: [
      {
        method: 'POST',
        target: '/x',
        body: 'hello',
        has: [
          hostLine,
          'X-Forwarded-For: 6.6.6.6, 127.0.0.1',
          'X-Forwarded-Host: shop.example',
          'X-Forwarded-Proto: https',
          'Via: 1.0 edge, 1.1 mesh-shop',
        ],
      },
    ],
  },
  passes(
    'nominating Transfer-Encoding has no effect',
    [],
    { method: 'POST', body: 'hello' },
    {
      bytes: post(['Connection: Transfer-Encoding', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'),
    },
  ),
  passes('the real peer comes last', ['x-forwarded-for: 6.6.6.6', 'X-Forwarded-For: 7.7.7.7'], {
    has: ['x-forwarded-for: 6.6.6.6, 7.7.7.7, 127.0.0.1'],
    lacks: [],
  }),
  passes(
    'Expect: 100-continue',
    [],
    { method: 'POST', body: 'hello', has: ['Expect: 100-continue'] },
    {
      bytes: post(['Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    },
  ),
  ...['100-continued', 'y 100-continue', '', '200-ok'].map((value) =>
    passes(
      `the Expect ${shown(value)} is refused, or its body framed`,
      [],
      { method: 'POST', body: smuggled },
      {
        bytes: post([`Expect: ${value}`, `Content-Length: ${smuggled.length}`], smuggled),
        answer: ['passes', 417],
      },
    ),
  ),
];

export const requestFields: readonly RequestCase[] = [
  ...badNames.map((name) => refused(`the name ${shown(name)}`, withBytes(`${name}: 1\r\n`))),
  ...badValues.map((value) => refused(`the value ${shown(value)}`, withBytes(`X-A: ${value}\r\n`))),
  ...badLines.map(([name, bytes]) => refused(name, bytes)),
  ...tooLarge,
  ...passing,
];
