import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.js';
import type { Answer, Body, Pair, Read, Request } from '../support/messages.js';
import {
  answerTo,
  bodyOf,
  cuts,
  pairsOf,
  readAnswers,
  readRequests,
  requestWith,
  sendCut,
  smuggled,
  token,
} from '../support/messages.js';
import { RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

/** The same messages in every run. The first limit is for a run that hangs, the second for a machine that is slow. */
const bounds = { seed: 9112, timeout: 10_000, interruptAfterTimeLimit: 20_000 };
const patience = { timeout: 60_000 };
const holds = <T>(property: fc.IAsyncProperty<T>, numRuns: number) => fc.assert(property, { ...bounds, numRuns });

type Exchange = { readonly request: Request; readonly answer: Answer };
type Service = AsyncDisposable & Pick<Upstream, 'address'> & { readonly heard: Read[] };

const requestBody = bodyOf('none', 'length', 'chunks');

/** What node:http can say: no 1xx, and not the field that it fails to write in latin1 (Node 20.20.2). */
const byNode = ({ lines, ...answer }: Answer): Answer => ({
  ...answer,
  lines: lines.filter(({ pair: [name] }) => !/^content-disposition$/i.test(name)),
  interims: [],
});

const exchangeWith = (kind: 'node' | 'raw', methods?: fc.Arbitrary<string>): fc.Arbitrary<Exchange> =>
  requestWith(requestBody, methods).chain((request) => {
    const answer = answerTo(request.method, 'length', 'chunks', kind === 'raw' ? 'close' : 'length');
    return fc.record({ request: fc.constant(request), answer: kind === 'raw' ? answer : answer.map(byNode) });
  });

const paired = (flat: readonly string[]): Pair[] =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : []));

async function nodeService(answers: readonly Answer[]): Promise<Service> {
  const heard: Read[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse, answer: Answer | undefined) => {
    const { method = '', url = '', rawHeaders } = request;
    const body = await text(request.setEncoding('latin1'));
    heard.push({ start: [method, url], fields: paired(rawHeaders), body, trailers: paired(request.rawTrailers) });
    if (answer === undefined) return void response.end();
    response.writeHead(answer.status, answer.reason, pairsOf(answer.lines).flat());
    for (const piece of answer.body.pieces) if (!response.write(piece, 'latin1')) await once(response, 'drain');
    response.addTrailers(pairsOf(answer.body.trailers));
    response.end();
  };
  const upstream = await Upstream.start((request, response) => {
    serve(request, response, answers[upstream.seen.length - 1]).catch(() => response.destroy());
  });
  return Object.assign(upstream, { heard });
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Writes bytes and hears with the strict reader; where no answer is left, it is `ok`. */
async function rawService(answers: readonly Answer[], places: readonly number[]) {
  const heard: Read[] = [];
  /** What came behind the last whole message, of each connection. */
  const unread = new Map<Socket, string>();
  const upstream = await RawUpstream.start((socket, text) => {
    const { messages, rest, defect } = readRequests((unread.get(socket) ?? '') + text);
    unread.set(socket, rest);
    if (defect !== undefined) socket.destroy();
    for (const message of messages) {
      const { wire, body } = answers[heard.push(message) - 1] ?? { wire: ok };
      sendCut(socket, wire, places).then(() => body?.framing === 'close' && socket.end());
    }
  });
  return Object.assign(upstream, { heard, unread });
}

const forOneHop = /^(?:connection|keep-alive|te|transfer-encoding|upgrade|http2-settings|proxy-.*)$/i;
const neverInTrailers = /^(?:authorization|cookie|set-cookie|content-(?:type|encoding)|via)$/i;

const without = (pairs: readonly Pair[], ...names: string[]) =>
  pairs.filter(([name]) => !names.includes(name.toLowerCase()));

const membersOf = (pairs: readonly Pair[], wanted: string): string[] =>
  pairs.filter(([name]) => name.toLowerCase() === wanted).flatMap(([, value]) => value.split(/[ \t]*,[ \t]*/));

/** Without what is for one connection, and what `Connection` nominates. */
function endToEnd(pairs: readonly Pair[]): Pair[] {
  const nominated = membersOf(pairs, 'connection').map((name) => name.toLowerCase());
  return without(pairs, ...nominated).filter(([name]) => !forOneHop.test(name));
}

/** One line, in the place of the first, with one more member. */
function extended(pairs: readonly Pair[], name: string, member: string): Pair[] {
  const first = pairs.findIndex(([other]) => other.toLowerCase() === name.toLowerCase());
  const key = name.toLowerCase();
  const before = pairs.filter(([each, text]) => each.toLowerCase() === key && text !== '').map(([, text]) => text);
  const value = [...before, member].join(', ');
  if (first < 0) return [...pairs, [name, value]];
  const others = without(pairs.slice(first), name.toLowerCase());
  return [...pairs.slice(0, first), [pairs[first]?.[0] ?? '', value], ...others];
}

const trailersOf = ({ trailers }: Body) => endToEnd(pairsOf(trailers)).filter(([name]) => !neverInTrailers.test(name));

function asTheServiceHears({ method, target, host, lines, body }: Request): Read {
  let fields = endToEnd(pairsOf(lines)).map(([name, value]): Pair => [name, /^host$/i.test(name) ? host : value]);
  fields = extended(without(fields, 'x-mesh-service'), 'X-Forwarded-For', '127.0.0.1');
  if (membersOf(fields, 'x-forwarded-proto').length === 0) fields.push(['X-Forwarded-Proto', 'http']);
  if (membersOf(fields, 'x-forwarded-host').length === 0) fields.push(['X-Forwarded-Host', host]);
  fields = extended(fields, 'Forwarded', `for=127.0.0.1;host="${host}";proto=http`);
  fields = extended(fields, 'Via', '1.1 mesh-shop');
  if (body.framing !== 'chunks') fields = without(fields, 'trailer');
  return { start: [method, target], fields, body: body.pieces.join(''), trailers: trailersOf(body) };
}

function asTheClientHears({ interims, status, reason, version, lines, body }: Answer): Read[] {
  const fields = extended(endToEnd(pairsOf(lines)), 'Via', `${version} mesh-shop`);
  const final = { start: [`${status}`, reason], fields, body: body.pieces.join(''), trailers: trailersOf(body) };
  const informed = interims.map(({ status, reason, lines }): Read => {
    return { start: [`${status}`, reason], fields: endToEnd(pairsOf(lines)), body: '', trailers: [] };
  });
  return [...informed, final];
}

/** Without what the gateway says of its own connection, and the date that it may add. */
const heardOf = (message: Read, ...added: string[]): Read => ({
  ...message,
  fields: without(message.fields, 'connection', 'keep-alive', 'transfer-encoding', 'date', ...added),
});

/** Sends all requests at once, in pieces, and holds what either side hears against what the other has said. */
async function carry(kind: 'node' | 'raw', exchanges: readonly Exchange[], places: readonly number[]): Promise<void> {
  const requests = exchanges.map(({ request }) => request);
  const answers = exchanges.map(({ answer }) => answer);
  await using service = await (kind === 'raw' ? rawService(answers, places) : nodeService(answers));
  await using mesh = await TestGateway.start({ orders: { at: [service] } });
  using client = await RawClient.connect(mesh.address);

  await sendCut(client.socket, requests.map(({ wire }) => wire).join('') + last, places);
  const methods = [...requests.map(({ method }) => method), 'GET'];
  const { messages, rest } = readAnswers(await client.untilEnd(), methods);

  const asHeard = service.heard.map((message, at) =>
    heardOf(message, ...(requests[at]?.body.framing === 'none' ? ['content-length'] : [])),
  );
  expect(asHeard.slice(0, -1)).toEqual(requests.map(asTheServiceHears));
  expect(messages.slice(0, -1).map((message) => heardOf(message))).toEqual(answers.flatMap(asTheClientHears));
  expect(rest).toBe('');
}

const last = 'GET /last HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n';

test.each(['node', 'raw'] as const)('what is legal arrives as it was sent, both ways (%s)', patience, async (kind) => {
  const conversation = fc.array(exchangeWith(kind), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(conversation, cuts, (exchanges, places) => carry(kind, exchanges, places));
  await holds(property, 150);
});

test('a method that nobody has heard of is carried like any other', patience, async () => {
  const exchange = exchangeWith('raw', token);
  const property = fc.asyncProperty(exchange, cuts, (exchange, places) => carry('raw', [exchange], places));
  await holds(property, 30);
});

/** Sends these bytes behind so many requests, and tells what either side has heard when the gateway is closed. */
async function tellOf(bytes: string, places: readonly number[], { asked = 0, isAll = false } = {}) {
  await using service = await rawService([], []);
  await using mesh = await TestGateway.start({ orders: { at: [service] } });
  using client = await RawClient.connect(mesh.address);

  await sendCut(client.socket, 'GET /before HTTP/1.1\r\nHost: orders\r\n\r\n'.repeat(asked) + bytes, places);
  if (isAll) client.halfClose();
  const { messages, rest } = readAnswers(await client.untilEnd(), [], true);
  expect(await mesh.call('orders/next')).toMatchObject({ status: 200, body: 'ok' });

  await mesh.gateway.close();
  await Promise.all([...service.open].map((socket) => once(socket, 'close')));
  const heard = service.heard.map(({ start, body }) => `${start.join(' ')} ${body}`);
  const begun = [...service.unread.values()].filter((rest) => rest !== '');
  expect({ next: heard.pop(), defects: begun.flatMap((rest) => readRequests(rest).defect ?? []), rest }).toEqual({
    next: 'GET /next ',
    defects: [],
    rest: '',
  });
  return { answers: messages.map(({ start: [status] }) => status), heard, begun };
}

/** What is illegal, of which the client hears a refusal at most, and the service nothing, or at most its beginning. */
async function refuse(bytes: string, asked: number, places: readonly number[], begun: number): Promise<void> {
  const told = await tellOf(bytes + smuggled, places, { asked });
  expect(told.heard).toEqual(Array.from({ length: asked }, () => 'GET /before '));
  expect(told.answers.slice(0, asked)).toEqual(Array.from({ length: asked }, () => '200'));
  expect(told.answers.slice(asked).join()).toMatch(/^(?:[45]\d\d)?$/);
  expect(told.begun.length).toBeLessThanOrEqual(begun);
}

const asked = fc.nat({ max: 2 });
/** A `|` is between two of them. */
const oneOf = (texts: string, all = (text: string) => text) => fc.constantFrom(...texts.split('|').map(all));
const controlIn = (text: string) => oneOf('\0|\x01|\b|\v|\f|\r|\n|\x1f|\x7f', (control) => text.replace('?', control));

const badLine = fc.oneof(
  oneOf('X-A : 1|X-A\t: 1|: 1|X A: 1|X-A|X(: 1|X-\xe9: 1|X-A: 1\nX-B: 2|X-A: 1\r\n 2|X-A: 1\r\n\t|Host: orders'),
  oneOf('gzip|gzip, chunked|chunked, chunked|xchunked|identity|\vchunked|', (it) => `Transfer-Encoding: ${it}`),
  oneOf('+1|-1|1,1|1, 1|0x1|1 1|1;|1e1|1.0|a||\v1|99999999999999999999999', (it) => `Content-Length: ${it}`),
  controlIn('X-A: a?b'),
  controlIn('X?A: b'),
);
const badStart = fc.oneof(
  oneOf('POST  /| POST /|POST\t/|POST /\t|POST / |POST /a b|POST|/|PO(ST /|PO\xe9ST /', (it) => `${it} HTTP/1.1`),
  oneOf('/#f|*|orders|https://orders/|http://a@orders/|/..|/a/../../b', (it) => `POST ${it} HTTP/1.1`),
  oneOf('HTTP/|HTTP/2.0|HTTP/1.10|http/1.1|HTTP/1,1|HTTP/11|HTTP/1.1 ||HTTP/1.1\r\n X: 1', (it) => `POST / ${it}`),
  oneOf('POST /|POST / HTTP/1.1\nX: 1'),
  controlIn('PO?ST / HTTP/1.1'),
  controlIn('POST /a?b HTTP/1.1'),
  controlIn('POST / HTTP/1.1?'),
);
const hello = '\r\nhello\r\n0\r\n\r\n';
const badChunk = fc.oneof(
  oneOf('|x|0x5|+5|-5| 5|5 5|5g|5\0|\v5|4|6|7|fffffffffffffffff|5\r|5;a\rb|5;a\nb', (it) => it + hello),
  oneOf('\n||\r|XX|\r\n\r\n|\n\r', (it) => `5\r\nhello${it}0\r\n\r\n`),
  oneOf('X|X : 1|: 1|X: \0|X: 1\rY: 2|X: 1\nY: 2|X: 1\r\n 2| X: 1|X: 1\n|\n', (it) => `0\r\n${it}\r\n\r\n`),
  oneOf('\nhello|\rhello', (it) => `5${it}\r\n0\r\n\r\n`),
  oneOf('0\n\r\n|0\r\n\n|0\r\n|0\r\n\r|-0\r\n\r\n|0x\r\n\r\n'),
);

const posted = (...framings: Array<Body['framing']>) => requestWith(bodyOf(...framings), oneOf('POST|PUT|GET'));
const withLine = (request: fc.Arbitrary<Request>, line: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(request, line, fc.nat({ max: 40 })).map(([{ wire }, line, place]) => {
    const [start = '', ...lines] = wire.split('\r\n');
    return [start, ...lines.toSpliced(place % lines.indexOf(''), 0, line)].join('\r\n');
  });
const badHead = fc.oneof(
  withLine(posted('none', 'length', 'chunks'), badLine),
  withLine(posted('length', 'chunks'), oneOf('Content-Length: 3|Content-Length: 0|Transfer-Encoding: chunked')),
  fc.tuple(posted('none', 'length', 'chunks'), badStart).map(([{ wire }, start]) => wire.replace(/^.*/, start)),
  posted('none', 'length', 'chunks').map(({ wire }) => wire.replace(/^host:.*\r\n/im, '')),
);

const badBody = fc.tuple(bodyOf('chunks'), badChunk).map(([{ pieces }, bad]) => {
  const good = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  return `POST / HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n${good.join('')}${bad}`;
});

test('the service hears nothing of a head with anything illegal in it, nor of what follows', patience, async () => {
  const property = fc.asyncProperty(badHead, asked, cuts, (head, asked, places) => refuse(head, asked, places, 0));
  await holds(property, 400);
});

test('a body with anything illegal in it never ends for the service, and nothing follows', patience, async () => {
  const property = fc.asyncProperty(badBody, asked, cuts, (body, asked, places) => refuse(body, asked, places, 1));
  await holds(property, 200);
});

test('garbage never reaches the service', patience, async () => {
  const garbage = fc
    .uint8Array({ maxLength: 2_000, size: 'max' })
    .map((bytes) => Buffer.from(bytes).toString('latin1'));
  const property = fc.asyncProperty(garbage, cuts, async (bytes, places) => {
    const { answers, ...told } = await tellOf(bytes, places, { isAll: true });
    expect(told).toEqual({ heard: [], begun: [] });
    expect(answers.join()).toMatch(/^(?:4\d\d)?$/);
  });
  await holds(property, 100);
});

const chunked =
  'PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: orders\r\n\r\n3;x=y\r\nabc\r\n1\r\n!\r\n0\r\nX: 1\r\n\r\n';
const sound = oneOf(`${chunked}|POST /s HTTP/1.1\r\nHost: orders\r\nContent-Length: 3\r\n\r\nabc|${smuggled}`);
const wrong = oneOf(
  '\r\n|\r|\n|\0| |\t|:|;|,|0|1|3|a|"|\v|\xff||\r\n\r\n|Content-Length: 3\r\n|Transfer-Encoding: chunked\r\n',
);
const damage = fc.record({ at: fc.nat(), put: wrong, insteadOf: fc.nat({ max: 3 }) });
const damaged = fc
  .tuple(fc.array(sound, { minLength: 1, maxLength: 3 }), fc.array(damage, { minLength: 1, maxLength: 3 }))
  .map(([requests, damages]) =>
    damages.reduce((text, { at, put, insteadOf }) => {
      const place = at % text.length;
      return text.slice(0, place) + put + text.slice(place + insteadOf);
    }, requests.join('')),
  );

test('of damaged requests the service hears only what is one to a strict reader', patience, async () => {
  const property = fc.asyncProperty(damaged, cuts, async (bytes, places) => {
    const { heard } = await tellOf(bytes, places, { isAll: true });
    const legal = readRequests(bytes).messages.map(({ start, body }) => `${start.join(' ')} ${body}`);
    for (const message of heard) expect(legal.splice(0, legal.indexOf(message) + 1)).toContain(message);
  });
  await holds(property, 400);
});
