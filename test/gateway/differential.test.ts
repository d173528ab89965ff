import type { IncomingMessage, OutgoingHttpHeaders, RequestListener } from 'node:http';
import { Agent, request as open } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Address } from '../../src/foundation/address.js';
import { TestGateway } from '../support/gateway.js';
import { readAnswers } from '../support/messages.js';
import { exchangeBytes } from '../support/raw-client.js';
import { Upstream } from '../support/upstream.js';

/** The same exchanges straight to the service and through the gateway: neither side may tell the difference. */

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
  readonly trailers?: OutgoingHttpHeaders;
}

interface Heard {
  /** Status and reason, or method and target. */
  readonly start: string;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
}

/** What is for one connection, and what the gateway says of itself. */
const ofTheWay = /^(?:connection|keep-alive|te|transfer-encoding|upgrade|proxy-.*|via|forwarded|x-forwarded-.*)$/i;

function linesOf(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((name, at) => {
    if (at % 2 === 1 || ofTheWay.test(name)) return [];
    return [/^date$/i.test(name) ? name : `${name}: ${rawHeaders[at + 1]}`];
  });
}

/** A message as it was heard, or that it broke off. */
async function heardOf(start: string, message: IncomingMessage, end = closeOf(message)): Promise<Heard> {
  const pieces: Buffer[] = [];
  message.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => {}); // `close` follows
  await end;
  const body = message.complete ? Buffer.concat(pieces).toString('latin1') : 'broken off';
  return { start, fields: linesOf(message.rawHeaders), body, trailers: linesOf(message.rawTrailers) };
}

function closeOf(source: IncomingMessage | Socket): Promise<unknown> {
  return new Promise((resolve) => source.once('close', resolve));
}

/** One request by Node's client; resolves with all that was answered. */
function ask({ host, port }: Address, asked: Asked, agent: Agent): Promise<Heard[]> {
  const { method = 'GET', path = '/', body, trailers } = asked;
  const headers = { Host: 'orders.localhost', ...asked.headers };
  return new Promise((resolve, reject) => {
    const heard: Heard[] = [];
    const request = open({ host, port, method, path, headers, agent });
    request.on('information', ({ statusCode, statusMessage, rawHeaders }) =>
      heard.push({ start: `${statusCode} ${statusMessage}`, fields: linesOf(rawHeaders), body: '', trailers: [] }),
    );
    request.once('error', reject);
    request.once('response', (response) => {
      if (!request.writableEnded) request.destroy(); // it has not been told to go on
      heardOf(`${response.statusCode} ${response.statusMessage}`, response).then((last) => resolve([...heard, last]));
    });
    const send = () => {
      if (trailers !== undefined) request.addTrailers(trailers);
      request.end(body, 'latin1');
    };
    if (asked.headers?.Expect === undefined) send();
    else request.once('continue', send).flushHeaders();
  });
}

/** What an HTTP/1.0 client hears that sends these bytes. */
async function askOld(address: Address, bytes: string): Promise<Heard[]> {
  const methods = [...bytes.matchAll(/^(\S+) \S+ HTTP/gm)].map(([, method]) => method ?? '');
  const { messages, rest } = readAnswers(await exchangeBytes(address, bytes), methods, true);
  expect(rest).toBe('');
  return messages.map(({ start, fields, body, trailers }) => ({
    start: start.join(' '),
    fields: linesOf(fields.flat()),
    body,
    trailers: linesOf(trailers.flat()),
  }));
}

/** A request by Node's client, asked twice; or bytes of HTTP/1.0. The last is the answer to one that asks whether to send its body. */
type Case = [name: string, asks: Asked | string, answer: RequestListener, toExpect?: RequestListener];

const large = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 31) % 251)).toString('latin1');
const sized = { 'Content-Length': 4 };
const chunked = { 'Transfer-Encoding': 'chunked' };
const latin1 = { 'X-Name': 'caf\xe9 \xff' };
const old = (head: string, ...lines: string[]) => `${[head, 'Host: orders', ...lines].join('\r\n')}\r\n\r\n`;

const echo: RequestListener = (request, response) => void request.pipe(response);
const ok: RequestListener = (_request, response) => void response.end('ok');
const inChunks: RequestListener = (_request, response) => {
  response.write('o');
  response.end('k');
};
const by =
  (status: number, fields: OutgoingHttpHeaders = {}, body: string | Buffer = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, fields).end(body);
const named: RequestListener = (_request, response) => void response.writeHead(299, 'Very Fine').end('x');
const informed: RequestListener = (_request, response) => {
  response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'], 'x-more': '1' });
  response.writeProcessing();
  response.end('ok');
};
const trailing: RequestListener = (_request, response) => {
  response.writeHead(200, { Trailer: 'X-Sum, X-Name' }).write('ok');
  const sums = ['1', '2'].map((sum): [string, string] => ['X-Sum', sum]);
  response.addTrailers([...sums, ['x-name', 'caf\xe9']]);
  response.end();
};
const stream: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  setImmediate(() => response.end('data: 1\n\n'));
};
const broken =
  (fields: OutgoingHttpHeaders): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, fields).write('half', () => setImmediate(() => response.destroy()));

const cases: Case[] = [
  ['an answer with a length', {}, ok],
  ['an answer in chunks', {}, inChunks],
  ['an answer without a body', {}, by(200)],
  ['a megabyte, both ways', { method: 'PUT', body: large }, echo],
  ['HEAD, with a length', { method: 'HEAD' }, by(200, sized)],
  ['HEAD, answered in chunks', { method: 'HEAD' }, inChunks],
  ['HEAD, not found', { method: 'HEAD' }, by(404, { 'Content-Type': 'text/html' })],
  ['204', { method: 'DELETE' }, by(204, { 'X-Left': 'none' })],
  ['304', { headers: { 'If-None-Match': '"x"' } }, by(304, { ETag: '"x"', 'Cache-Control': 'no-cache' })],
  ['304, with a length', {}, by(304, { ETag: '"x"', 'Content-Length': 5 })],
  ['205', { method: 'POST', body: 'a=1' }, by(205, { 'Content-Length': 0 })],
  ['gzip', { headers: { 'Accept-Encoding': 'gzip' } }, by(200, { 'Content-Encoding': 'gzip' }, gzipSync('ok'))],
  ['a part', { headers: { Range: 'bytes=2-5' } }, by(206, { 'Content-Range': 'bytes 2-5/9', ...sized }, 'body')],
  ['a part that there is not', { headers: { Range: 'bytes=9-' } }, by(416, { 'Content-Range': 'bytes */9' })],
  ['many large fields of an answer', {}, by(200, { 'Set-Cookie': Array.from('twelve times', (a) => a.repeat(1_000)) })],
  ['a large field of a request', { headers: { Cookie: `a=${'x'.repeat(12_000)}` } }, ok],
  ['cookies', { headers: { Cookie: ['a=1', 'b="2"'] } }, by(200, { 'set-cookie': ['a=1; Path=/', 'b=2; HttpOnly'] })],
  ['a redirection elsewhere', {}, by(302, { Location: 'http://127.0.0.1:1/x?y#z' })],
  ['a redirection of a body', { method: 'POST', body: 'x' }, by(308, { Location: '/new' })],
  ['a status and a reason of its own', {}, named],
  ['a failure', {}, by(500, { 'Content-Type': 'text/plain' }, 'oh no')],
  ['a service that is busy', {}, by(503, { 'Retry-After': '120' })],
  ['credentials', { headers: { Authorization: 'Basic eDp5' } }, by(401, { 'WWW-Authenticate': ['Basic', 'Bearer'] })],
  ['a preflight', { method: 'OPTIONS', headers: { Origin: 'http://x' } }, by(204, { Vary: ['Origin', 'Accept'] })],
  ['OPTIONS *', { method: 'OPTIONS', path: '*' }, by(200, { Allow: 'GET, HEAD' })],
  ['an odd target', { path: `//a;b=c/%2F%00/@:!$&'()*+,=~?x=/?&[]=%zz` }, ok],
  ['latin1 in fields', { headers: latin1 }, by(200, latin1)],
  ['a name of a file in latin1', {}, by(200, { 'Content-Disposition': 'attachment; filename="caf\xe9"' })],
  ['fields that occur twice, and empty ones', { headers: { 'X-A': ['1', '2'], 'x-b': '' } }, by(200, { 'X-B': '' })],
  ['POST, with a length', { method: 'POST', headers: sized, body: 'body' }, echo],
  ['POST, in chunks', { method: 'POST', headers: chunked, body: 'body' }, echo],
  ['POST, without a body', { method: 'POST' }, ok],
  ['PATCH, with an empty body in chunks', { method: 'PATCH', headers: chunked }, ok],
  ['GET, with a body', { headers: sized, body: 'body' }, echo],
  ['GET, with a body in chunks', { headers: chunked, body: 'body' }, echo],
  ['DELETE, with a body', { method: 'DELETE', headers: sized, body: 'body' }, echo],
  ['PROPFIND', { method: 'PROPFIND', headers: { Depth: '1' }, body: '<x/>' }, by(207, {}, '<y/>')],
  ['trailers of an answer', { headers: { TE: 'trailers' } }, trailing],
  ['trailers of a request', { method: 'POST', headers: chunked, body: 'x', trailers: { 'X-Sum': '1' } }, echo],
  ['a body that waits for a 100', { method: 'PUT', headers: { Expect: '100-continue', ...sized }, body: 'body' }, echo],
  [
    'a body that is not wanted',
    { method: 'PUT', headers: { Expect: '100-continue', ...sized } },
    ok,
    by(413, {}, 'no'),
  ],
  ['hints and a sign of life', {}, informed],
  ['a stream of events', { headers: { Accept: 'text/event-stream' } }, stream],
  ['a service that keeps no connection', {}, by(200, { Connection: 'close' }, 'ok')],
  ['a client that keeps no connection', { headers: { Connection: 'close' } }, ok],
  ['a body that breaks off before its length', {}, broken({ 'Content-Length': 100 })],
  ['chunks that break off', {}, broken({})],
  ['HTTP/1.0', old('GET /old?x HTTP/1.0', 'X-A: 1'), by(200, sized, 'body')],
  ['HTTP/1.0, answered without a length', old('GET / HTTP/1.0'), inChunks],
  ['HTTP/1.0, with a body', `${old('POST / HTTP/1.0', 'Content-Length: 4')}body`, echo],
  ['HTTP/1.0, HEAD', old('HEAD / HTTP/1.0'), by(200, sized)],
  ['HTTP/1.0, 304', old('GET / HTTP/1.0'), by(304, { ETag: '"x"' })],
  [
    'HTTP/1.0, on a connection that is kept',
    old('GET /1 HTTP/1.0', 'Connection: keep-alive') + old('GET /2 HTTP/1.0'),
    by(200, sized, 'body'),
  ],
];

/** What both sides hear of a case, when the client asks the service itself or the gateway. */
async function play([, asks, answer, toExpect]: Case, isDirect: boolean) {
  const asked: Array<Promise<Heard>> = [];
  await using service = await Upstream.start((request, response) => {
    // Node says nothing of a request that is cut once its answer has been given.
    const end = Promise.race([closeOf(request), closeOf(request.socket)]);
    asked.push(heardOf(`${request.method} ${request.url}`, request, end));
    answer(request, response);
  });
  if (toExpect !== undefined) service.server.on('checkContinue', toExpect);
  await using mesh = await TestGateway.start({ orders: { at: [service] } });
  const address = isDirect ? service.address : mesh.address;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: Heard[][] = [];
  for (const _ of typeof asks === 'string' ? ['once'] : ['once', 'again'])
    answers.push(await (typeof asks === 'string' ? askOld(address, asks) : ask(address, asks, agent)));
  agent.destroy();
  return { answers, asked: await Promise.all(asked) };
}

test.each(cases)('the gateway makes no difference: %s', async (...each) => {
  expect(await play(each, false)).toEqual(await play(each, true));
});

test('an answer before the end of the body is the same; of a body that nobody waits for the service may get less', async () => {
  const early: Case = ['', { method: 'POST', body: large }, by(413, {}, 'too much')];
  const heads = ({ asked }: Awaited<ReturnType<typeof play>>) => asked.map(({ start, fields }) => ({ start, fields }));
  const [through, direct] = [await play(early, false), await play(early, true)];
  expect(through.answers).toEqual(direct.answers);
  expect(heads(through)).toEqual(heads(direct));
});
