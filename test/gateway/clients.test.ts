import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { Client, Pool, WebSocket } from 'undici';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { seededRandom } from '../../src/foundation/random.js';
import { megabyte, noise, sha256 } from '../support/bodies.js';
import { TestGateway } from '../support/gateway.js';
import { urlOf } from '../support/tools.js';
import { Upstream } from '../support/upstream.js';

/** Answers with what it was sent, as it comes. */
const echo = () => Upstream.start((request, response) => request.pipe(response));

const headers = { host: 'orders.localhost' };

/** The gateway as `web` finds it when it calls `orders`: a URL that needs no Host. */
async function doorOf(mesh: TestGateway): Promise<string> {
  return urlOf(await mesh.gateway.door('web', 'orders'), '');
}

test('undici gets 200 answers, of which it asks ten at a time on one connection, each to its own question', async () => {
  const random = seededRandom(10);
  await using orders = await Upstream.start((request, response) => {
    setTimeout(() => response.end(`<${request.url}>`), random() * 5);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = new Client(urlOf(mesh.address, ''), { pipelining: 10 });
  let connects = 0;
  client.on('connect', () => connects++);

  const paths = Array.from({ length: 200 }, (_, at) => `/${at}`);
  const bodies = await Promise.all(
    paths.map(async (path) => (await client.request({ path, method: 'GET', headers })).body.text()),
  );

  expect(bodies).toEqual(paths.map((path) => `<${path}>`));
  expect(connects).toBe(1);
  await client.close();
});

test('undici keeps its connection over bodies with a length, in chunks and without', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = new Client(urlOf(mesh.address, ''));
  let connects = 0;
  client.on('connect', () => connects++);
  const ask = async (method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE', body?: string | Readable) => {
    const answer = await client.request({ path: '/', method, headers, body: body ?? null });
    return `${answer.statusCode} ${await answer.body.text()}`;
  };

  expect(await ask('POST', 'with a length')).toBe('200 with a length');
  expect(await ask('PUT', Readable.from(['in ', 'chunks']))).toBe('200 in chunks');
  expect(await ask('GET')).toBe('200 ');
  expect(await ask('DELETE', 'why not')).toBe('200 why not');
  expect(connects).toBe(1);
  expect(await ask('HEAD')).toBe('200 ');
  await client.close();
});

test('undici streams 20 MB there and back, unchanged', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = new Client(urlOf(mesh.address, ''));
  const body = noise(20 * megabyte);
  const hash = createHash('sha256');

  await client.stream(
    { path: '/', method: 'POST', headers, body: Readable.from([body.subarray(0, megabyte), body.subarray(megabyte)]) },
    () =>
      new Writable({
        write: (chunk, _encoding, done) => {
          hash.update(chunk);
          done();
        },
      }),
  );

  expect(hash.digest('hex')).toBe(sha256(body));
  await client.close();
});

test('a pool of undici with eight connections loses none of 800 requests of all kinds', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const pool = new Pool(urlOf(mesh.address, ''), { connections: 8, pipelining: 4 });

  const answers = await Promise.all(
    Array.from({ length: 800 }, async (_, at) => {
      const method = at % 2 === 0 ? 'PUT' : 'POST';
      const text = `body ${at} ${'x'.repeat(at * 10)}`;
      const body = at % 3 === 0 ? Readable.from([text]) : text;
      const answer = await pool.request({ path: `/${at}`, method, headers, body });
      return (await answer.body.text()) === text ? answer.statusCode : `wrong: ${at}`;
    }),
  );

  expect([...new Set(answers)]).toEqual([200]);
  await pool.close();
});

test('the WebSocket of undici talks through a port of its own', async () => {
  await using orders = await Upstream.start();
  const server = new WebSocketServer({ server: orders.server, perMessageDeflate: true });
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(`<${data}>`)));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const socket = new WebSocket((await doorOf(mesh)).replace('http', 'ws'));
  await once(socket, 'open');

  const answer = once(socket, 'message');
  socket.send('words '.repeat(1_000));
  const [{ data }] = await answer;

  expect(data).toBe(`<${'words '.repeat(1_000)}>`);
  socket.close(4_001, 'bye');
  const [{ code, wasClean }] = await once(socket, 'close');
  expect([code, wasClean]).toEqual([4_001, true]);
});

test('fetch uploads a stream of which it does not know the length', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  const body = noise(5 * megabyte);
  const stream = new ReadableStream({
    start(controller) {
      for (let at = 0; at < body.length; at += 100_000) controller.enqueue(body.subarray(at, at + 100_000));
      controller.close();
    },
  });

  const answer = await fetch(await doorOf(mesh), { method: 'POST', body: stream, duplex: 'half' });

  expect(answer.status).toBe(200);
  expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(body));
});

test('fetch uploads a form with a file', async () => {
  await using orders = await echo();
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  const form = new FormData();
  form.set('name', 'Zoë\r\nand a line');
  form.set('file', new Blob([noise(megabyte)]), 'photo.bin');

  const answer = await fetch(await doorOf(mesh), { method: 'POST', body: form });

  const type = orders.last.fields.get('content-type') ?? '';
  const seen = await new Response(await answer.arrayBuffer(), { headers: { 'content-type': type } }).formData();
  expect(seen.get('name')).toBe('Zoë\r\nand a line');
  const file = seen.get('file');
  expect(file instanceof File && sha256(Buffer.from(await file.arrayBuffer()))).toBe(sha256(noise(megabyte)));
});

test('fetch unpacks what the service has packed', async () => {
  await using orders = await Upstream.start((request, response) => {
    const packed = gzipSync('words '.repeat(10_000));
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('X-Accepts', request.headers['accept-encoding'] ?? '');
    response.end(packed);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });

  const answer = await fetch(await doorOf(mesh));

  expect(answer.headers.get('x-accepts')).toContain('gzip');
  expect(await answer.text()).toBe('words '.repeat(10_000));
});

test.each([
  [301, 'GET', ''],
  [303, 'GET', ''],
  [307, 'POST', 'body'],
  [308, 'POST', 'body'],
])('fetch follows a %i with %s', async (status, method, body) => {
  await using orders = await Upstream.start((request, response) => {
    if (request.url === '/new') buffer(request).then((seen) => response.end(`${request.method} ${seen}`));
    else response.writeHead(status, { Location: '/new' }).end('elsewhere');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  const url = await doorOf(mesh);

  const answer = await fetch(`${url}/old`, { method: 'POST', body: 'body' });

  expect([answer.url, answer.status, await answer.text()]).toEqual([`${url}/new`, 200, `${method} ${body}`]);
});

test.each([
  { name: 'waits', begins: false },
  { name: 'reads', begins: true },
])('fetch that is aborted while it $name is heard of by the service', async ({ begins }) => {
  await using orders = await Upstream.start((_request, response) => {
    if (begins) response.write('begin');
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  const controller = new AbortController();
  const answer = fetch(await doorOf(mesh), { signal: controller.signal });
  const settled = expect(answer.then((begun) => begun.text())).rejects.toThrow('abort');
  await orders.until(1);
  if (begins) await answer;

  controller.abort();

  await settled;
  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
});

test('fetch reads the events of a stream one by one', async () => {
  let send: (event: string) => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
    send = (event) => response.write(event);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] }, web: {} });
  const answer = await fetch(await doorOf(mesh));
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();

  for (const event of ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']) {
    send(event);
    expect(await reader?.read()).toEqual({ done: false, value: event });
  }

  for (const socket of orders.open) socket.destroy();
  await expect(reader?.read()).rejects.toThrow('terminated');
});
