import type { RequestCase } from './case.js';
import { get, hostLine, refused, request, shown } from './case.js';

/** Request lines, targets, versions and hosts. */

const withLine = (line: string) => request(line);

const badLines = [
  'GET  / HTTP/1.1',
  'GET /  HTTP/1.1',
  'GET / HTTP/1.1 ',
  'GET / HTTP/1.1\t',
  ' GET / HTTP/1.1',
  'GET\t/ HTTP/1.1',
  'GET /\tHTTP/1.1',
  'GET HTTP/1.1',
  'GET  HTTP/1.1',
  '/ HTTP/1.1',
  'GET',
  'GET / http/1.1',
  'GET / Http/1.1',
  'GET / HTTP/1.',
  'GET / HTTP/.1',
  'GET / HTTP/11',
  'GET / HTTP/1,1',
  'GET / HTTP/1.1x',
  'GET / HTTP/ 1.1',
  'GET / HTTP 1.1',
  'GET / HTTPS/1.1',
  'GET / SIP/2.0',
  'GET / HTTP/a.b',
  'GE(T / HTTP/1.1',
  'GET: / HTTP/1.1',
  '"GET" / HTTP/1.1',
  'GET\0 / HTTP/1.1',
  'G\xc9T / HTTP/1.1',
  'G\x1bET / HTTP/1.1',
].map((line) => refused(`the line ${shown(line)}`, withLine(line)));

const oddVersions = [
  ['GET / HTTP/1.10', [400, 505]],
  ['GET / HTTP/01.1', [400, 505]],
  ['GET / HTTP/2', [400, 505]],
  ['GET / HTTP/0.9', [400, 505]],
  ['GET / HTTP/1.2', 505],
  ['GET / HTTP/2.0', 505],
  ['GET / HTTP/3.0', 505],
] as const;

const badTargets = [
  '/a b',
  '/a\tb',
  '/a#fragment',
  '/a?b#fragment',
  '#',
  '/a\x00b',
  '/a\x0bb',
  '/a\x1b[2Jb',
  '/a\x7fb',
  '/a\rb',
  'a/b',
  '?a=b',
  'orders.localhost',
  'orders.localhost:80',
  'https://orders.localhost/x',
  'ftp://orders.localhost/x',
  'http:/x',
  'http:///x',
  'http://user@orders.localhost/x',
  'http://user:secret@orders.localhost/x',
  'http://orders.localhost /x',
  'http://orders.localhost:80x/',
  'http://orders.localhost/x#fragment',
  '*',
  '/..',
  '/../x',
  '/a/../../b',
  '/%2e%2e/x',
  '/a/%2E./%2e%2E/x',
  '/..%2fx',
  '/a/..%2f..%2fx',
  '/..%5cx',
  'http://orders.localhost/../x',
].map((target) => refused(`the target ${shown(target)}`, withLine(`GET ${target} HTTP/1.1`)));

/** In front of these, no Host is written but theirs. */
const badHosts: ReadonlyArray<readonly [name: string, lines: readonly string[]]> = [
  ['no Host', ['X-A: 1']],
  ['two Hosts', [hostLine, 'Host: web.localhost']],
  ['the same Host twice', [hostLine, hostLine]],
  ['two Hosts of different case', [hostLine, 'hOsT: orders.localhost']],
  ['a second Host that is empty', [hostLine, 'Host:']],
  ...[
    'a b',
    'a@b',
    'user:secret@orders.localhost',
    'a/b',
    'http://orders.localhost/',
    'a,b',
    'orders.localhost, orders.localhost',
    'a?b',
    'a#b',
    'a\\b',
    'orders.localhost:80x',
    'orders.localhost:-1',
    'orders.localhost:80:80',
    '::1',
    '[::1',
    'caf\xe9.localhost',
    'a\tb',
  ].map((host) => [`the Host ${shown(host)}`, [`Host: ${host}`]] as const),
];

const headOf = (line: string, lines: readonly string[]) => [line, ...lines, '', ''].join('\r\n');

const alone = (name: string, bytes: string, answer: number | readonly number[] = 400): RequestCase => ({
  ...refused(name, bytes, answer),
  isAlone: true,
});

const clientHello =
  '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\x5b\x90\x9a\x9b\x9c\x9d\x9e\x9f\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0c\x0b\x0e';

const refusedLines: readonly RequestCase[] = [
  ...badLines,
  ...badTargets,
  ...oddVersions.map(([line, answer]) => refused(`the version of ${shown(line)}`, withLine(line), answer)),
  refused('HTTP/1.1 without Host, by absolute-form', headOf('GET http://orders.localhost/x HTTP/1.1', ['X-A: 1'])),
  refused('absolute-form with a Host that is none', headOf('GET http://orders.localhost/x HTTP/1.1', ['Host: a b'])),
  refused('absolute-form with two Hosts', headOf('GET http://orders.localhost/x HTTP/1.1', [hostLine, hostLine])),
  refused('HTTP/1.0 with two Hosts', headOf('GET /x HTTP/1.0', [hostLine, hostLine])),
  refused('HTTP/1.0 with a Host that is none', headOf('GET /x HTTP/1.0', ['Host: a b'])),
  refused('the target `*` in POST', withLine('POST * HTTP/1.1')),
  ...badHosts.map(([name, lines]) => refused(name, headOf('GET /x HTTP/1.1', lines))),
  refused('a bare LF in front of the request line', `\n${get()}`),
  refused('a bare CR in front of the request line', `\r${get()}`),
  refused('spaces in front of the request line', `  \r\n${get()}`),
  refused('CONNECT', 'CONNECT orders:80 HTTP/1.1\r\nHost: orders:80\r\n\r\n', 405),
  refused('CONNECT to a host that is a service', `CONNECT orders.localhost:80 HTTP/1.1\r\n${hostLine}\r\n\r\n`, 405),
  refused('CONNECT in HTTP/1.0', 'CONNECT orders:80 HTTP/1.0\r\n\r\n', [400, 405]),
  refused('CONNECT with a path', withLine('CONNECT /x HTTP/1.1'), [400, 405]),
  refused('a line without a version, with fields behind it', `GET /x\r\n${hostLine}\r\n\r\n`),
  refused('a line without a version that ends in LF, with fields behind it', `GET /x\n${hostLine}\r\n\r\n`),
  alone('HTTP/0.9', 'GET /\r\n'),
  alone('HTTP/0.9 with LF', 'GET /\n'),
  alone('SSH', 'SSH-2.0-OpenSSH_9.2\r\n'),
  alone('a TLS ClientHello', clientHello),
  alone('SMTP', 'EHLO example.com\r\n'),
  alone('an answer', 'HTTP/1.1 200 OK\r\n\r\n'),
  alone('NULs', '\0\0\0\0'),
  alone('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
  alone('a head whose lines all end in LF', 'GET / HTTP/1.1\nHost: orders.localhost\n\n'),
  alone('a head whose lines all end in CR', 'GET / HTTP/1.1\rHost: orders.localhost\r\r'),
];

const passes = (name: string, line: string, method: string, target: string): RequestCase => ({
  name,
  bytes: withLine(line),
  answer: 'passes',
  seen: [{ method, target, has: [hostLine] }],
});

const methods = ['get', 'M-SEARCH', 'PROPFIND', 'PATCH', 'QUERY', 'TRACE', "x!#$%&'*+-.^_`|~9", 'CONNECTED'];

/** Each is for OPTIONS or GET on `orders`, whatever the Host says. */
const absolute = [
  ['GET http://orders.localhost/x?y=1 HTTP/1.1', '/x?y=1', 'orders.localhost'],
  ['GET http://orders.localhost HTTP/1.1', '/', 'orders.localhost'],
  ['GET http://orders.localhost?y=1 HTTP/1.1', '/?y=1', 'orders.localhost'],
  ['GET HTTP://orders.localhost:8080/x HTTP/1.1', '/x', 'orders.localhost:8080'],
  ['GET http://orders/a/../x HTTP/1.1', '/x', 'orders'],
  ['OPTIONS http://orders.localhost HTTP/1.1', '*', 'orders.localhost'],
] as const;

const canonical = [
  ['/a/%2e%2e/b', '/b'],
  ['/a/./b/../c/', '/a/c/'],
  ['/a/..', '/'],
  ['/a/.', '/a/'],
  ['/a?b=/../../c', '/a?b=/../../c'],
  ['/a//b', '/a//b'],
  ['/.../..a/a..', '/.../..a/a..'],
  ['/a%2fb', '/a%2fb'],
  ['/a%0d%0aX-Injected:%201', '/a%0d%0aX-Injected:%201'],
  ['/a%00', '/a%00'],
  ["/-._~!$&'()*+,;=:@?/?", "/-._~!$&'()*+,;=:@?/?"],
] as const;

/** No URI has these characters; whether they are refused or not, they must not be changed. */
const oddTargets = ['/caf\xc3\xa9', '/a"b<c>d', '/a^b`c{d|e}', '/a?b=[c]{d}|e', '/a\\b', '/%zz', '/100%'].map(
  (target): RequestCase => ({
    ...passes(`the odd target ${shown(target)}`, `GET ${target} HTTP/1.1`, 'GET', target),
    answer: ['passes', 400],
  }),
);

const passingLines: readonly RequestCase[] = [
  ...methods.map((method) => passes(`the method ${method}`, `${method} /x HTTP/1.1`, method, '/x')),
  ...absolute.map(
    ([line, target, host]): RequestCase => ({
      name: `the line ${line}, whatever the Host says`,
      bytes: headOf(line, ['Host: elsewhere.example:81']),
      answer: 'passes',
      seen: [{ method: line.split(' ')[0] ?? '', target, has: [`Host: ${host}`] }],
    }),
  ),
  ...canonical.map(([target, seen]) => passes(`the target ${target}`, `GET ${target} HTTP/1.1`, 'GET', seen)),
  ...oddTargets,
  passes('OPTIONS *', 'OPTIONS * HTTP/1.1', 'OPTIONS', '*'),
  {
    name: 'an empty line in front of the request line',
    bytes: `\r\n${get()}`,
    answer: 'passes',
    seen: [{ method: 'GET', target: '/x' }],
  },
  {
    name: 'a CRLF too many behind a body',
    bytes: `${request('POST /x HTTP/1.1', ['Content-Length: 5'], 'hello')}\r\n`,
    answer: 'passes',
    seen: [{ method: 'POST', target: '/x', body: 'hello' }],
  },
  ...['Orders.LOCALHOST', 'orders.localhost:8080', 'orders.localhost:', 'orders.localhost.', 'orders'].map(
    (host): RequestCase => ({
      name: `the Host ${host}`,
      bytes: headOf('GET /x HTTP/1.1', [`Host: ${host}`]),
      answer: 'passes',
      seen: [{ method: 'GET', target: '/x', has: [`Host: ${host}`] }],
    }),
  ),
  {
    name: 'an empty Host, by a door',
    bytes: headOf('GET /x HTTP/1.1', ['Host:']),
    byDoor: true,
    answer: 'passes',
    seen: [{ method: 'GET', target: '/x' }],
  },
  {
    name: 'a service named by its field',
    bytes: headOf('GET /x HTTP/1.1', ['Host: any.example', 'X-Mesh-Service: orders']),
    answer: 'passes',
    seen: [{ method: 'GET', target: '/x', has: ['Host: any.example'], lacks: ['x-mesh-service'] }],
  },
];

export const requestLines: readonly RequestCase[] = [...refusedLines, ...passingLines];
