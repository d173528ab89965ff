import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/foundation/random.js';
import type { TestService } from '../support/gateway.js';
import { call, open, TestGateway } from '../support/gateway.js';
import { ManualClock } from '../support/manual-clock.js';
import { exchangeBytes, RawClient } from '../support/raw-client.js';
import { RawUpstream, Upstream } from '../support/upstream.js';

const get = (lines: string[] = [], requestLine = 'GET / HTTP/1.1') =>
  [requestLine, 'Host: orders.localhost', ...lines, '', ''].join('\r\n');

const megabyte = 1024 * 1024;

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

test('the first event of a stream arrives before the second is sent, and the head before the first', async () => {
  let send: (event: string) => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Name': 'caf\xe9' }).flushHeaders();
    send = (event) => response.write(event);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(get());
  await client.until(/Content-Type: text\/event-stream\r\n.*\r\n\r\n$/s);
  expect(client.received).not.toContain('data:');
  send('data: 1\n\n');
  await client.until(/data: 1/);
  expect(client.received).not.toContain('data: 2');
  send('data: 2\n\n');
  await client.until(/data: 2/);
});

test('latin1 bytes of a response head survive', async () => {
  await using orders = await RawUpstream.answering('HTTP/1.1 200 OK\r\nX-Name: caf\xe9\r\nContent-Length: 2\r\n\r\nok');
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  expect(await exchangeBytes(mesh.address, get(['Connection: close']))).toContain('\r\nX-Name: caf\xe9\r\n');
});

test('30 MB go through unchanged, both ways at once', async () => {
  await using echo = await Upstream.start((request, response) => {
    request.pipe(response);
  });
  await using mesh = await TestGateway.start({ echo: { at: [echo] } });
  const body = Buffer.alloc(30 * megabyte, 'mesh makes no difference ');

  const reply = await mesh.call('echo/', { method: 'POST', body, headers: { 'Transfer-Encoding': 'chunked' } });

  expect(reply.body.length).toBe(body.length);
  expect(sha256(reply.body)).toBe(sha256(body));
});

test('a client that reads slowly holds the service back', async () => {
  let written = 0;
  const chunk = Buffer.alloc(megabyte);
  await using orders = await Upstream.start((_request, response) => {
    const more = () => {
      while (written < 200 * megabyte) {
        written += chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
    };
    more();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const message = await open(mesh.address, '/', { headers: { Host: 'orders.localhost' } });
  let before = -1;
  while (written !== before) {
    before = written;
    await pause(100); // long enough for more to move, if more could
  }

  expect(written).toBeLessThan(32 * megabyte);
  message.destroy();
});

test('a service that reads slowly holds the client back', async () => {
  await using orders = await Upstream.start(() => {});
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(get([`Content-Length: ${200 * megabyte}`], 'POST / HTTP/1.1'));
  await orders.until(1);

  const chunk = Buffer.alloc(megabyte);
  let sent = 0;
  while (sent < 200 && (client.socket.write(chunk) || (await drains(client)))) sent++;

  expect(sent).toBeLessThan(32);
  await orders.close();
});

function drains({ socket }: RawClient): Promise<boolean> {
  return Promise.race([once(socket, 'drain').then(() => true), pause(300).then(() => false)]);
}

test.each([
  { name: 'in the wait', answer: () => {} },
  { name: 'in the download', answer: 'begin' },
])('20 clients that leave $name free 20 connections of the service', async ({ answer }) => {
  await using orders = await Upstream.start((_request, response) => {
    if (typeof answer === 'string') response.write(answer);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(mesh.address)));
  for (const client of clients) client.send(get());
  await orders.until(20);
  if (typeof answer === 'string') await Promise.all(clients.map((client) => client.until(/begin/)));

  for (const client of clients) client.socket.destroy();

  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
  await expect.poll(() => mesh.exchanges.filter(({ outcome }) => outcome?.kind === 'abandoned').length).toBe(20);
});

test('a client that leaves in the upload frees the connection of the service', async () => {
  await using orders = await Upstream.start(() => {});
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = await RawClient.connect(mesh.address);
  client.send(`${get(['Content-Length: 100'], 'POST / HTTP/1.1')}half`);
  await orders.until(1);

  client.socket.destroy();

  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
  expect(await mesh.outcome()).toEqual({ kind: 'abandoned' });
});

test.each([
  { name: 'at once', wait: 0 },
  { name: 'and has to wait', wait: 600 },
])('a client that closes its side $name is still answered', async ({ wait }) => {
  await using orders = await Upstream.start((_request, response) => {
    setTimeout(() => response.end('patience'), wait);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(get());
  client.halfClose();

  const answers = (await client.untilEnd()).replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '');
  expect(answers).toMatch(/^HTTP\/1\.1 200 OK\r\n.*patience/s);
});

test.each([
  { name: 'with a length', head: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf' },
  { name: 'in chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n' },
])('a service that dies in a body $name is never a clean end', async ({ head }) => {
  await using orders = await RawUpstream.start((socket) => {
    socket.write(head);
    setTimeout(() => socket.destroy(), 30);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  await expect(mesh.call('orders/')).rejects.toThrow('aborted');
  expect(await mesh.outcome()).toEqual({ kind: 'cut', status: 200 });

  using old = await RawClient.connect(mesh.address);
  old.send('GET / HTTP/1.0\r\nHost: orders.localhost\r\n\r\n');
  await old.until(/half/);
  if (head.includes('Content-Length')) expect(old.received).toContain('Content-Length: 100');
  else expect(await old.closed).toBe('reset'); // an orderly end would be the end of the body
});

test('an answer to HTTP/1.0 ends with the connection', async () => {
  await using orders = await Upstream.start((_request, response) => {
    response.write('streamed');
    response.end();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, 'GET / HTTP/1.0\r\nHost: orders.localhost\r\n\r\n');
  expect(reply).toMatch(/\r\n\r\nstreamed$/);
  expect(reply).not.toMatch(/transfer-encoding/i);
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'Content-Length: 5'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n', undefined],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', undefined],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "x"\r\n\r\n', 'Content-Length: 5'],
])('%s answered by %j has no body, and the connection goes on', async (method, answer, length) => {
  await using orders = await RawUpstream.answering(answer);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const twice = `${get([], `${method} / HTTP/1.1`)}${get(['Connection: close'], `${method} / HTTP/1.1`)}`;

  const [first = '', second = '', ...more] = (await exchangeBytes(mesh.address, twice)).split('\r\n\r\n');

  expect(first.split('\r\n')[0]).toBe(answer.split('\r\n')[0]);
  expect(first).not.toMatch(/transfer-encoding/i);
  if (length === undefined) expect(first).not.toMatch(/content-length/i);
  else expect(first).toContain(length);
  expect(second).toContain('Connection: close');
  expect(more).toEqual(['']);
});

test('trailers pass both ways, but for those that would mean something', async () => {
  await using orders = await Upstream.start((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('ok');
      response.addTrailers([
        ['X-Sum', request.rawTrailers.join('=')],
        ['Set-Cookie', 'evil=1'],
      ]);
      response.end();
    });
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(
    mesh.address,
    `${get(['Transfer-Encoding: chunked', 'Connection: close'], 'POST / HTTP/1.1')}2\r\nok\r\n0\r\nX-Check: 7\r\nAuthorization: x\r\n\r\n`,
  );

  expect(reply).toContain('\r\nTrailer: X-Sum\r\n');
  expect(reply).toMatch(/2\r\nok\r\n0\r\nX-Sum: X-Check=7\r\n\r\n$/);
});

test.each(['GET', 'DELETE', 'OPTIONS', 'POST'])('a chunked body on %s stays a body', async (method) => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: orders.localhost\r\n\r\n';

  await exchangeBytes(
    mesh.address,
    `${get(['Transfer-Encoding: chunked', 'Connection: close'], `${method} / HTTP/1.1`)}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
  );

  expect(orders.targets).toEqual([`${method} /`]);
  expect(orders.last.body).toBe(smuggled);
});

test('Expect: 100-continue is asked of the service, and its 100 comes back before the body is sent', async () => {
  await using orders = await Upstream.start((request, response) => {
    request.pipe(response);
  });
  orders.server.on('checkContinue', (request, response) => {
    response.writeContinue();
    orders.server.emit('request', request, response);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(get(['Content-Length: 4', 'Expect: 100-continue'], 'PUT / HTTP/1.1'));
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.send('body');

  await client.until(/HTTP\/1\.1 200 OK\r\n.*body/s);
  expect(orders.last.fields.get('expect')).toBe('100-continue');
});

test('a service that refuses what is expected is heard at once', async () => {
  await using orders = await Upstream.start();
  orders.server.on('checkContinue', (_request, response) => response.writeHead(413).end());
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.send(get(['Content-Length: 4000', 'Expect: 100-continue'], 'PUT / HTTP/1.1'));
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 413 /);
});

test('early hints reach the client, and two hundred 1xx do no harm', async () => {
  await using orders = await RawUpstream.answering(
    `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(200)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, get(['Connection: close']));
  expect(reply).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\n/);
  expect(reply).toMatch(/HTTP\/1\.1 200 OK\r\n.*ok$/s);
});

test('an answer that comes while the upload runs is delivered, and the next request is served', async () => {
  await using orders = await Upstream.start((_request, response) => response.writeHead(413).end('too much'));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { Host: 'orders.localhost' };

  const first = await call(mesh.address, '/', { method: 'POST', body: Buffer.alloc(20 * megabyte), headers, agent });
  const second = await call(mesh.address, '/', { headers, agent });

  expect(first).toMatchObject({ status: 413, body: 'too much' });
  expect(second.status).toBe(413);
  agent.destroy();
});

test('a pipelined request is carried when the one before it is answered, and not earlier', async () => {
  const answers: Array<() => void> = [];
  await using orders = await Upstream.start((_request, response) => answers.push(() => response.end('ok')));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(get(['Content-Length: 0'], 'PUT /stock HTTP/1.1') + get([], 'GET /stock HTTP/1.1'));
  await orders.until(1);
  expect(mesh.exchanges).toHaveLength(1);
  answers[0]?.();
  await orders.until(2);
  answers[1]?.();

  await client.until(/ok.*ok/s);
  expect(orders.targets).toEqual(['PUT /stock', 'GET /stock']);
});

test('3000 pipelined requests are all answered, and a client that leaves is not served on', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const requests = get().repeat(2_999) + get(['Connection: close']);

  const reply = await exchangeBytes(mesh.address, requests);
  expect(reply.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3_000);

  const before = mesh.exchanges.length;
  using client = await RawClient.connect(mesh.address);
  client.send(requests);
  await expect.poll(() => mesh.exchanges.length).toBeGreaterThan(before + 5);
  client.socket.resetAndDestroy();
  await expect.poll(() => mesh.exchanges.every(({ outcome }) => outcome !== undefined)).toBe(true);
  expect(mesh.exchanges.length).toBeLessThan(before + 3_000);
});

const strict = { rate: 0.001, burst: 1, by: { kind: 'service' }, excess: 'reject', maxDelay: 0 } as const;

test.each<[string, TestService, string, number]>([
  ['no service', {}, 'nobody', 404],
  ['a service that it may not call', { allow: ['web'] }, 'orders', 403],
  ['a service of no instances', { timeouts: { request: 0 } }, 'orders', 503],
  ['a service over its rate limit', { rateLimit: strict, timeouts: { request: 0 } }, 'orders', 429],
])('3000 pipelined requests to %s are all refused, each when its turn has come', async (_, spec, host, status) => {
  await using mesh = await TestGateway.start({ orders: spec });
  const ask = (lines = '') => `GET / HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`;

  const reply = await exchangeBytes(mesh.address, ask().repeat(2_999) + ask('Connection: close\r\n'));
  const refusals = reply.match(new RegExp(`^HTTP/1\\.1 ${status} `, 'gm')) ?? [];
  expect(refusals.length).toBeGreaterThanOrEqual(2_999);
  expect(mesh.exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
});

test('a client that asks on and on is held back while its first request is not answered', async () => {
  await using orders = await Upstream.start(() => {});
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  const requests = get().repeat(20_000);
  for (let sent = 0; sent < 64 * megabyte; sent += requests.length) client.send(requests);

  await orders.until(1);
  const bytesTaken = () => client.socket.bytesWritten - client.socket.writableLength; // by both systems' buffers, too
  let before = -1;
  while (bytesTaken() !== before) {
    before = bytesTaken();
    await pause(100); // long enough for more to move, if more could
  }

  expect(before).toBeLessThan(24 * megabyte);
  expect(mesh.exchanges).toHaveLength(1);
  client.socket.destroy();
  await orders.close();
});

test.each([
  ['CONNECT', 'CONNECT orders:80 HTTP/1.1\r\nHost: orders:80\r\n\r\n'],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: nobody\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
])('%s behind a request does not keep a long answer from its client', async (_name, head) => {
  await using orders = await Upstream.start((_request, response) => {
    setTimeout(() => response.end('x'.repeat(3 * megabyte)), 50);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, get() + head);
  expect(reply.split('\r\n\r\n')[1]?.replace(/HTTP.*/s, '')).toHaveLength(3 * megabyte);
});

test('a client that has closed its side and reads slowly still gets all of its answer', async () => {
  await using orders = await Upstream.start('x'.repeat(20 * megabyte));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.socket.pause();
  client.send(get());
  client.halfClose();
  await pause(1_000); // four looks at whether it listens
  client.socket.resume();
  const answer = (await client.untilEnd()).replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '');
  expect(answer.split('\r\n\r\n')[1]).toHaveLength(20 * megabyte);
});

test('a service that informs without end does not fill the memory for a client that does not read', async () => {
  let written = 0;
  const hint = `HTTP/1.1 103 Early Hints\r\nX: ${'x'.repeat(8_000)}\r\n\r\n`;
  await using orders = await RawUpstream.start((socket) => {
    const more = () => {
      while (written < 64 * megabyte && socket.write(hint)) written += hint.length;
      if (written < 64 * megabyte) socket.once('drain', more);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    };
    more();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);
  client.socket.pause();
  client.send(get(['Connection: close']));
  await expect.poll(() => written, { timeout: 10_000 }).toBeGreaterThanOrEqual(64 * megabyte);
  client.socket.resume();
  const reply = await client.untilEnd();
  expect(reply).toMatch(/ok$/);
  expect(reply.length).toBeLessThan(32 * megabyte);
});

test.each([
  ['CONNECT', 'CONNECT orders:80 HTTP/1.1\r\nHost: orders:80\r\n\r\n', 405],
  [
    'an upgrade to nobody',
    'GET / HTTP/1.1\r\nHost: nobody.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    404,
  ],
])('%s behind a request that takes its time is refused behind its answer', async (_name, head, status) => {
  await using orders = await Upstream.start((_request, response) => {
    setTimeout(() => response.end('patience'), 50);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(mesh.address, get() + head);

  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(reply).toMatch(new RegExp(`patience.*HTTP/1\\.1 ${status} `, 's'));
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 200],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\nwhat?', 204],
  ['GET', 'HTTP/1.1 304 Not Modified\r\n\r\nwhat?', 304],
])('bytes behind the answer to %s (%j) are no part of it', async (method, answer, status) => {
  await using orders = await RawUpstream.answering(answer);
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });

  const reply = await exchangeBytes(mesh.address, get(['Connection: close'], `${method} / HTTP/1.1`));

  expect(reply).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(reply).toMatch(/\r\n\r\n$/);
});

test('bytes behind the length of an answer are no part of it', async () => {
  await using orders = await RawUpstream.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more');
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, get(['Connection: close']));
  expect(reply).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nok$/s);
});

test('a reset is not taken for the end of a body that ends with the connection', async () => {
  await using orders = await RawUpstream.start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => setTimeout(() => socket.resetAndDestroy(), 30));
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await expect(mesh.call('orders/')).rejects.toThrow('aborted');
  expect(await mesh.outcome()).toEqual({ kind: 'cut', status: 200 });
});

test('a client that leaves after an early answer to its upload frees the connection of the service', async () => {
  await using orders = await Upstream.start((_request, response) => response.writeHead(413).end('too much'));
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = await RawClient.connect(mesh.address);
  client.send(`${get(['Content-Length: 100'], 'POST / HTTP/1.1')}half`);
  await client.until(/too much/);

  client.socket.destroy();

  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
});

test('a client that leaves before a silent event stream begins frees the connection of the service', async () => {
  let begin: () => void = () => {};
  await using orders = await Upstream.start((_request, response) => {
    begin = () => response.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const client = await RawClient.connect(mesh.address);
  client.send(get());
  await orders.until(1);

  client.socket.end();
  begin();

  await expect.poll(() => orders.open.size, { timeout: 10_000 }).toBe(0);
});

test('60 pipelined requests are answered in their order', async () => {
  const random = seededRandom(60);
  await using orders = await Upstream.start((request, response) => {
    setTimeout(() => response.end(`<${request.url}>`), random() * 20);
  });
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const requests = Array.from({ length: 60 }, (_, at) =>
    get(at === 59 ? ['Connection: close'] : [], `GET /${at} HTTP/1.1`),
  );

  const reply = await exchangeBytes(mesh.address, requests.join(''));

  expect([...reply.matchAll(/<\/(\d+)>/g)].map(([, at]) => Number(at))).toEqual(
    Array.from({ length: 60 }, (_, at) => at),
  );
});

test('a request for h2c is an ordinary request, with a body too', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const h2c = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];
  using client = await RawClient.connect(mesh.address);

  client.send(`${get([...h2c, 'Content-Length: 4'], 'POST /a HTTP/1.1')}body`);
  await client.until(/ok/);
  client.send(get(h2c, 'GET /b HTTP/1.1'));
  await client.until(/ok.*ok/s);

  expect(orders.targets).toEqual(['POST /a', 'GET /b']);
  expect(orders.seen[0]?.body).toBe('body');
  for (const name of ['upgrade', 'http2-settings']) expect(orders.last.fields.has(name)).toBe(false);
});

test('the request timeout runs from the end of an upload, however long that takes', async () => {
  const clock = new ManualClock();
  await using orders = await Upstream.start((request) => request.resume());
  await using mesh = await TestGateway.start(
    { orders: { at: [orders], timeouts: { request: 2_000, connect: 0 } } },
    { clock },
  );
  using client = await RawClient.connect(mesh.address);
  client.send(`${get(['Content-Length: 8'], 'POST / HTTP/1.1')}half`);
  await orders.until(1);
  clock.advance(50_000);
  client.send('half');
  await orders.last.ended;
  clock.advance(2_000);
  expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 504 /);
});

test('a service that takes nothing of an upload is out of time, and a client that sends slowly is not', async () => {
  const clock = new ManualClock();
  await using deaf = await RawUpstream.start(() => {});
  deaf.server.on('connection', (socket) => socket.pause());
  await using orders = await Upstream.start((request) => request.resume());
  const timeouts = { request: 2_000, connect: 0 };
  await using mesh = await TestGateway.start(
    { deaf: { at: [deaf], timeouts }, orders: { at: [orders], timeouts } },
    { clock },
  );
  using fast = await RawClient.connect(mesh.address);
  fast.send(
    `POST / HTTP/1.1\r\nHost: deaf.localhost\r\nContent-Length: ${64 * megabyte}\r\n\r\n${'x'.repeat(32 * megabyte)}`,
  );
  using slow = await RawClient.connect(mesh.address);
  slow.send(`${get(['Content-Length: 8'], 'POST / HTTP/1.1')}half`);
  await orders.until(1);
  await expect.poll(() => mesh.exchanges.length).toBe(2);

  await expect
    .poll(async () => {
      await clock.elapse(2_000);
      return fast.received;
    })
    .toMatch(/^HTTP\/1\.1 504 .*request_timeout/s);
  expect(slow.received).toBe('');
});

test('when something inside fails in the middle of an answer, the client is cut off, and the next one served', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const first = mesh.call('orders/');
  await orders.until(1);
  mesh.exchanges[0]?.onFinish(() => {
    throw new Error('a bug of a listener');
  });

  await first.catch(() => {});

  expect((await mesh.call('orders/')).status).toBe(200);
});

test('OPTIONS * reaches the service', async () => {
  await using orders = await Upstream.start();
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  await exchangeBytes(mesh.address, get(['Connection: close'], 'OPTIONS * HTTP/1.1'));
  expect(orders.targets).toEqual(['OPTIONS *']);
});

test.each([
  ['with half a body', 'POST / HTTP/1.1\r\nHost: orders.localhost\r\nContent-Length: 10\r\n\r\nabc'],
  [
    'that asks for an upgrade',
    'GET / HTTP/1.1\r\nHost: orders.localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
  ],
])('a pipelined request %s, of a client that has closed its side, is given up', async (_name, second) => {
  await using orders = await Upstream.start((request, response) => {
    if (request.method === 'GET' && request.headers.upgrade === undefined) setTimeout(() => response.end('ok'), 20);
  });
  orders.server.on('upgrade', (_message, socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n'),
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  using client = await RawClient.connect(mesh.address);

  client.send(get() + second);
  client.halfClose();

  expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*ok$/s);
  await expect.poll(() => mesh.exchanges.map(({ outcome }) => outcome?.kind)).toEqual(['answered', 'abandoned']);
});

test('an informational answer does not say how long a body is', async () => {
  await using orders = await RawUpstream.answering(
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  );
  await using mesh = await TestGateway.start({ orders: { at: [orders] } });
  const reply = await exchangeBytes(mesh.address, get(['Connection: close']));
  expect(reply).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
});
