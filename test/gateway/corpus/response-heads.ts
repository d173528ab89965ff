import type { PassedResponse, ResponseCase } from './case.js';
import { get, request, shown } from './case.js';

/** Status lines and field lines of answers. */

const sized = 'Content-Length: 2\r\n\r\nok';

const invalid = (name: string, bytes: string): ResponseCase => ({ name, bytes, expect: 'upstream_invalid' });

const passes = (name: string, bytes: string, expected: Partial<PassedResponse> = {}): ResponseCase => ({
  name,
  bytes,
  expect: { status: 200, body: 'ok', ...expected },
});

const badStatusLines = [
  'HTTP/1.1 9999 OK',
  'HTTP/1.1 099 OK',
  'HTTP/1.1 000 OK',
  'HTTP/1.1 20 OK',
  'HTTP/1.1 20',
  'HTTP/1.1 2 OK',
  'HTTP/1.1 2000',
  'HTTP/1.1 +200 OK',
  'HTTP/1.1 -200 OK',
  'HTTP/1.1 2x0 OK',
  'HTTP/1.1 0x2 OK',
  'HTTP/1.1 OK',
  'HTTP/1.1 ',
  'HTTP/1.1',
  'HTTP/1.1  200 OK',
  'HTTP/1.1\t200 OK',
  'HTTP/1.1 200OK',
  'HTTP/1.1 200\tOK',
  'HTTP/1.1 200.0 OK',
  ' HTTP/1.1 200 OK',
  'HTTP/2 200 OK',
  'HTTP/2.0 200 OK',
  'HTTP/0.9 200 OK',
  'HTTP/11 200 OK',
  'HTTP/1.1x 200 OK',
  'http/1.1 200 OK',
  'HTTP 200 OK',
  'ICY 200 OK',
  '200 OK',
  'GET / HTTP/1.1',
  'HTTP/1.1 200 O\0K',
  'HTTP/1.1 200 O\x01K',
  'HTTP/1.1 200 \x1b[2J',
  'HTTP/1.1 200 O\x7fK',
  'HTTP/1.1 200 O\rK',
].map((line) => invalid(`the status line ${shown(line)}`, `${line}\r\n${sized}`));

/** In the place of a field line, CRLF and all. */
const badLines = [
  'X-A : 1\r\n',
  'X-A\t: 1\r\n',
  'X A: 1\r\n',
  ': 1\r\n',
  'X-A\r\n',
  'X(A: 1\r\n',
  'X"A: 1\r\n',
  'X\0A: 1\r\n',
  'caf\xe9: 1\r\n',
  'X-A: a\0b\r\n',
  'X-A: a\x01b\r\n',
  'X-A: a\x0bb\r\n',
  'X-A: a\x1bb\r\n',
  'X-A: a\x7fb\r\n',
  'X-A: a\rb\r\n',
  'X-A: a\r\r\n',
  'X-A: 1\r\n 2\r\n',
  'X-A: 1\r\n\t2\r\n',
  ' X-A: 1\r\n',
  'X-A: 1\n',
  'X-A: 1\r',
  'X-A: 1\n\nsmuggled',
  '\rX-A: 1\r\n',
].map((lines) => invalid(`the line ${shown(lines)}`, `HTTP/1.1 200 OK\r\n${lines}${sized}`));

const garbage: readonly ResponseCase[] = [
  invalid('SSH', 'SSH-2.0-OpenSSH_9.2\r\n'),
  invalid('a TLS alert', '\x15\x03\x01\x00\x02\x02\x50'),
  invalid('a page without a head', '<!doctype html>\n<title>ok</title>\n'),
  invalid('NULs', '\0\0\0\0'),
  invalid('an empty line and nothing', '\n\n'),
  invalid('the frames of HTTP/2', '\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80'),
  invalid('a head whose lines all end in LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  invalid('a status line that ends in LF', `HTTP/1.1 200 OK\n${sized}`),
  invalid('a status line that ends in CR', `HTTP/1.1 200 OK\r${sized}`),
  invalid('a head that ends in LF', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok'),
  invalid('a head of 70 KB', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(70_000)}\r\n${sized}`),
  invalid('a head of 70 KB in many fields', `HTTP/1.1 200 OK\r\n${`X-A: ${'x'.repeat(92)}\r\n`.repeat(700)}${sized}`),
  invalid('a reason of 70 KB', `HTTP/1.1 200 ${'x'.repeat(70_000)}\r\n${sized}`),
];

const early = [
  'HTTP/1.1 200',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 200 OK\r\nContent-Le',
  'HTTP/1.1 200 OK\r\nX-A: 1\r\n\r',
];

const brokenOff: readonly ResponseCase[] = [
  { name: 'the end of the connection', bytes: '', ending: 'ends', expect: 'upstream_reset' },
  { name: 'a reset', bytes: '', ending: 'resets', expect: 'upstream_reset' },
  ...early.flatMap((bytes) =>
    (['ends', 'resets'] as const).map(
      (ending): ResponseCase => ({
        name: `${shown(bytes)}, and then it ${ending}`,
        bytes,
        ending,
        expect: ['upstream_reset', 'upstream_invalid'],
      }),
    ),
  ),
  {
    name: 'a reset, to a POST',
    request: request('POST /answer HTTP/1.1', ['Content-Length: 5'], 'hello'),
    bytes: '',
    ending: 'resets',
    expect: 'upstream_reset',
  },
];

const kept = [
  'Set-Cookie: a=1',
  'x-B: caf\xe9 \xff',
  'set-cookie: b=2',
  'X-Empty: ',
  'X-Tab: a\tb',
  '__proto__: x',
  'X: "',
];

const passing: readonly ResponseCase[] = [
  passes('no reason', `HTTP/1.1 200 \r\n${sized}`, { reason: '' }),
  passes('no reason, and no space for it', `HTTP/1.1 200\r\n${sized}`, { reason: '' }),
  passes('a reason of its own', `HTTP/1.1 299 Very  Fine\r\n${sized}`, { status: 299, reason: 'Very  Fine' }),
  passes('a reason with a tab and bytes above ASCII', `HTTP/1.1 200 tr\xe8s\tbien\r\n${sized}`, {
    reason: 'tr\xe8s\tbien',
  }),
  passes('a status that nobody knows', `HTTP/1.1 567 Odd\r\n${sized}`, { status: 567 }),
  passes(
    'order, case, duplicates, empty values and bytes above ASCII',
    `HTTP/1.1 200 OK\r\n${kept.join('\r\n')}\r\n${sized}`,
    {
      has: kept,
    },
  ),
  passes('white space around values', `HTTP/1.1 200 OK\r\nX-A: \t spaced \t\r\nX-B:tight\r\n${sized}`, {
    has: ['X-A: spaced', 'X-B: tight'],
  }),
  passes(
    'what concerns one connection is dropped, and what Connection nominates',
    `HTTP/1.1 200 OK\r\n${[
      'Connection: X-Private, keep-alive',
      'X-Private: 1',
      'connection: x-other',
      'X-OTHER: 2',
      'Keep-Alive: timeout=3',
      'Proxy-Authenticate: Basic',
      'Proxy-Connection: keep-alive',
      'Upgrade: h2c',
      'Via: 1.0 edge',
      'X-Stays: 3',
    ].join('\r\n')}\r\n${sized}`,
    {
      has: ['Via: 1.0 edge, 1.1 mesh-shop', 'X-Stays: 3'],
      lacks: ['x-private', 'x-other', 'keep-alive: timeout=3', 'proxy-authenticate', 'proxy-connection', 'upgrade'],
    },
  ),
  passes('nominating Content-Length has no effect', `HTTP/1.1 200 OK\r\nConnection: Content-Length\r\n${sized}`),
  passes('Connection: close is not for the client', `HTTP/1.1 200 OK\r\nConnection: close\r\n${sized}`),
  passes('a head of 40 KB', `HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(40_000)}\r\n${sized}`, {
    has: [`X-A: ${'x'.repeat(40_000)}`],
  }),
  passes('150 fields', `HTTP/1.1 200 OK\r\n${'Set-Cookie: a=1\r\n'.repeat(150)}${sized}`),
];

const upgrade = ['Connection: Upgrade', 'Upgrade: websocket'];
const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';

const upgrades: readonly ResponseCase[] = [
  invalid('an unsolicited 101', `${switching}\r\nhello`),
  invalid('a 101 without a protocol, unsolicited', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  {
    ...invalid('a 101 to an Upgrade that Connection does not name', `${switching}\r\n`),
    request: get(['Upgrade: websocket']),
  },
  {
    ...invalid('a 101 to a request for h2c', `${switching.replace('websocket', 'h2c')}\r\n`),
    request: get(['Connection: Upgrade', 'Upgrade: h2c']),
  },
  { ...invalid('a 101 that switches to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'), request: get(upgrade) },
  { ...invalid('garbage to an upgrade', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'), request: get(upgrade) },
  { name: 'a reset, to an upgrade', request: get(upgrade), bytes: '', ending: 'resets', expect: 'upstream_reset' },
  {
    name: 'a 101, with bytes glued to both sides',
    request: `${get(upgrade)}early`,
    bytes: `${switching}X-Kept: 1\r\n\r\nhello`,
    expect: {
      status: 101,
      body: 'hello',
      has: ['X-Kept: 1'],
      hasAnyhow: ['connection: upgrade', 'upgrade: websocket'],
      tunnels: 'early',
    },
  },
  {
    name: 'a refused upgrade',
    request: get(upgrade),
    bytes: 'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nnever',
    expect: { status: 403, body: 'never', lacks: ['upgrade'], closes: true },
  },
];

export const responseHeads: readonly ResponseCase[] = [
  ...badStatusLines,
  ...badLines,
  ...garbage,
  ...brokenOff,
  ...passing,
  ...upgrades,
];
